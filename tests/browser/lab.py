"""How does a test use JupyterLab as a student does? It looks at pages, clicks and types in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.needs import browser

SECONDS = 120  # for a machine that is busy
SIZE = {"width": 1300, "height": 900}


@contextmanager
def server(folder: Path, home: Path) -> Iterator[str]:
    """JupyterLab on a loopback address in a folder, with settings of its own; its address.

    The folder's own `course_utils` is imported, not the repository's, and JupyterLab has the settings that
    `pip install -e .` would put into the folder's own environment.
    """
    installed = home / "installed"
    # With --target pip leaves the environment of the tests alone.
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", installed, "-e", "."],
        cwd=folder,
        check=True,
    )
    settings = home / "settings"
    for environments in (Path(sys.prefix), installed):  # in one folder, as they would be
        shutil.copytree(environments / "etc" / "jupyter", settings, dirs_exist_ok=True)
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_CONFIG_PATH": str(settings),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    log = home / "lab.log"
    options = [
        *("--no-browser", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token=", "--allow-root"),
        "--ServerApp.root_dir=.",
        "--LabApp.expose_app_in_browser=True",
    ]
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=folder,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + SECONDS
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())):
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        yield found[0]
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def opened(address: str, notebook: str, pictures: Path) -> Iterator[Notebook]:
    """A notebook in a browser, its kernel ready."""
    with sync_playwright() as playwright:
        # In a container Chromium has no sandbox of its own; it sees this course's pages alone.
        chromium = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        try:
            page = chromium.new_page(viewport=SIZE)
            page.set_default_timeout(SECONDS * 1000)
            page.goto(f"{address}lab/tree/{notebook}")
            page.wait_for_selector(".jp-Notebook .jp-Cell")
            page.wait_for_function(f"{_PANEL}?.sessionContext?.session?.kernel?.status === 'idle'")
            yield Notebook(page, pictures)
        finally:
            chromium.close()


_PANEL = "window.jupyterapp.shell.currentWidget"


class Notebook:
    """The notebook on the page.

    Parameters
    ----------
    page : Page
        Of the browser.
    pictures : Path
        Where screenshots go.
    """

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page, self._pictures = page, pictures

    def menu(self, *names: str) -> None:
        """Click through a menu, and wait until what it started has ended."""
        bar = self.page.locator("#jp-MainMenu")
        bar.get_by_text(names[0], exact=True).click()
        for name in names[1:]:
            self.page.locator(".lm-Menu").get_by_text(name, exact=True).first.click()

    def run_all(self) -> None:
        """Run → Run All Cells, as far as it comes."""
        self.menu("Run", "Run All Cells")
        self.wait()

    def restart_and_run_all(self) -> None:
        """Kernel → Restart Kernel and Run All Cells, and yes to what it asks."""
        self.menu("Kernel", "Restart Kernel and Run All Cells…")
        self.page.locator(".jp-Dialog-button.jp-mod-accept").click()
        time.sleep(2)  # until the old kernel is no longer the one that is idle
        self.wait()

    def validate(self) -> str:
        """What the window of the Validate button says."""
        self.page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate", exact=True).click()
        window = self.page.locator(".jp-Dialog")
        window.wait_for()
        return window.inner_text()

    def wait(self) -> None:
        """Until the kernel has nothing left to do."""
        time.sleep(0.5)
        self.page.wait_for_function(
            f"{_PANEL}.sessionContext.session.kernel.status === 'idle' && "
            f"!{_PANEL}.content.widgets.some(cell => cell.prompt === '*' || "
            "cell.node.querySelector('.jp-InputPrompt')?.textContent === '[*]:')"
        )
        time.sleep(0.5)

    def cell(self, name: str) -> int:
        """The place of the cell with this grade id, or this source."""
        place = self.page.evaluate(
            f"name => {_PANEL}.content.model.toJSON().cells.findIndex(cell => "
            "cell.metadata.nbgrader?.grade_id === name || [cell.source].flat().join('') === name)",
            name,
        )
        assert place >= 0, f"there is no cell {name}"
        return place

    def goto(self, name: str) -> None:
        """Make a cell the active one and bring it into view."""
        self.page.evaluate(
            f"async place => {{ const content = {_PANEL}.content; content.activeCellIndex = place; "
            "await content.scrollToItem(place, 'center'); }",
            self.cell(name),
        )
        self.page.wait_for_selector(".jp-Notebook .jp-Cell.jp-mod-active .cm-content")
        time.sleep(0.3)

    def type(self, name: str, source: str) -> None:
        """Click into a cell and type other text in the place of its own."""
        self.goto(name)
        self.page.locator(".jp-Cell.jp-mod-active .cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run(self, name: str) -> str:
        """Shift+Enter in a cell; what stands below it then."""
        self.goto(name)
        self.page.locator(".jp-Cell.jp-mod-active .cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        self.wait()
        return self.output(name)

    def output(self, name: str) -> str:
        """What a student sees below a cell."""
        self.goto(name)
        return self.page.locator(".jp-Cell.jp-mod-active .jp-OutputArea").inner_text().strip()

    def source(self, name: str) -> str:
        """A cell's text."""
        return self.page.evaluate(
            f"place => [{_PANEL}.content.model.toJSON().cells[place].source].flat().join('')", self.cell(name)
        )

    def n_cells(self) -> int:
        """How many cells there are."""
        return self.page.evaluate(f"() => {_PANEL}.content.model.cells.length")

    def knows(self, command: str) -> bool:
        """Whether some menu, key or panel can do this."""
        return self.page.evaluate("name => window.jupyterapp.commands.hasCommand(name)", command)

    def command(self, name: str) -> None:
        """Do what a menu or a key would do."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def picture(self, name: str) -> None:
        """Keep what is on the screen."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._pictures / f"{name}.png")
