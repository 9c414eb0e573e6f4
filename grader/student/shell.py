"""How do notebook cells run in this process, without a kernel? In IPython's shell, with outputs kept as data.

Magics, displays, inline figures and tracebacks have the shape that a notebook file gives them. What compiled
code or a child process writes is caught as well. All of it is bounded.
"""

from __future__ import annotations

import base64
import io
import linecache
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import activate_matplotlib
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
MAX_OUTPUTS = 300  # of a cell
MAX_TEXT = 1_000_000  # characters of text that a cell may print
MAX_DISPLAYS = 4_000_000  # characters of all displays of a cell, pictures above all
TOO_MUCH = "\n[There was more output; it is not kept.]\n"


class Outputs:
    """The outputs of one cell, in nbformat's shape, up to the limits."""

    def __init__(self) -> None:
        self.clear()

    def clear(self, text: int = MAX_TEXT) -> None:
        """Forget what was put out; from now on there is room for so many characters of text."""
        self.items: list[dict[str, Any]] = []
        self._left, self._left_to_display = text, MAX_DISPLAYS

    def stream(self, name: str, text: str) -> None:
        """Add text; what goes beyond the limit is dropped, with a word."""
        if not text or self._left <= 0:
            return
        if len(text) > self._left:
            text = text[: self._left] + TOO_MUCH
        self._left -= len(text)
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.add({"output_type": "stream", "name": name, "text": text})

    def display(self, kind: str, data: dict, **more: Any) -> None:
        """Add a display; representations for which there is no room are left out."""
        kept = {}
        for mime, value in data.items():
            text = base64.b64encode(value).decode() if isinstance(value, bytes) else value
            if isinstance(text, str) and len(text) <= self._left_to_display:
                self._left_to_display -= len(text)
                kept[mime] = text
        kept = kept or {"text/plain": TOO_MUCH.strip()}
        self.add({"output_type": kind, "data": kept, "metadata": {}, **more})

    def add(self, output: dict[str, Any]) -> None:
        """Add an output, unless there are too many."""
        if len(self.items) < MAX_OUTPUTS:
            self.items.append(output)

    def taken(self) -> list[dict[str, Any]]:
        """The outputs, with lines that a progress bar has written over as they were left in the end."""
        for output in self.items:
            if output["output_type"] == "stream":
                output["text"] = "\n".join(
                    line.rstrip("\r").rpartition("\r")[2] for line in output["text"].split("\n")
                )
        return self.items


class _Stream(io.TextIOBase):
    """A text stream whose lines go to the outputs of the cell that runs."""

    encoding = "utf-8"

    def __init__(self, shell: CellShell, name: str) -> None:
        self._shell, self._name = shell, name

    def write(self, text: str) -> int:
        self._shell.outputs.stream(self._name, str(text))
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1 if self._name == "stdout" else 2


class _Displayhook(DisplayHook):
    """Keeps the value of a cell's last expression, where IPython's own prints it."""

    shell: CellShell

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.outputs.display("execute_result", format_dict, execution_count=self.shell.count)

    def finish_displayhook(self) -> None:
        pass


class _Publisher(DisplayPublisher):
    """Keeps displays, where IPython's own prints them."""

    shell: CellShell = AnyTrait()  # type: ignore[assignment]  # a trait, which holds a shell

    def publish(self, data: dict, metadata: dict | None = None, source: str | None = None, **_: Any) -> None:
        self.shell.outputs.display("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class CellShell(InteractiveShell):
    """IPython's shell with outputs as data."""

    displayhook_class = Type(_Displayhook)
    display_pub_class = Type(_Publisher)

    def init_instance_attrs(self) -> None:
        super().init_instance_attrs()
        self.outputs = Outputs()
        self.count = 0

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to show; figures are inline whatever ``%matplotlib`` asks for."""

    def ask_exit(self) -> None:
        """``exit`` and ``quit`` end nothing: the cells that follow are still to be run."""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.outputs.add(
            {
                "output_type": "error",
                "ename": str(etype.__name__),
                "evalue": _said(evalue)[:MAX_TEXT],
                "traceback": [str(entry)[:MAX_TEXT] for entry in stb],
            }
        )

    def find_cell(self, filename: str) -> tuple[int, list[str]] | None:
        """The execution count and the lines of the cell compiled under a file name; None for other files."""
        count = self.compile._filename_map.get(filename)
        return None if count is None else (count, linecache.getlines(filename))

    def run(self, source: str, count: int) -> list[dict[str, Any]]:
        """Run a cell and return its outputs.

        Parameters
        ----------
        source : str
            IPython syntax allowed.
        count : int
            Its execution count.
        """
        self.outputs.clear()
        self.count = self.execution_count = count
        with _captured(self.outputs):
            self.run_cell(source, store_history=True)
        return self.outputs.taken()


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as another:  # the class is a student's, and so is its __str__
        return f"(its message cannot be shown: {type(another).__name__})"


@contextmanager
def _captured(outputs: Outputs) -> Iterator[None]:
    """Add what is written to the standard streams below Python: by compiled code or a child process."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        saved = [os.dup(1), os.dup(2)]
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        try:
            yield
        finally:
            for fd, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, fd)
                os.close(copy)
            for name, file in (("stdout", out), ("stderr", err)):
                file.seek(0)
                outputs.stream(name, file.read(MAX_TEXT + 1).decode(errors="replace"))


def make_shell(folder: Path) -> CellShell:
    """The one shell of this process; it writes to ``folder`` alone, and keeps no history file."""
    os.environ["IPYTHONDIR"] = str(folder / "ipython")
    os.environ["MPLBACKEND"] = INLINE_BACKEND
    # As in a kernel: what lies beside the notebook can be imported.
    sys.path.insert(0, "")
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    shell = CellShell.instance(config=config, ipython_dir=str(folder / "ipython"))
    # `display` and `get_ipython` are there for functions that are called between cells, too.
    shell.builtin_trap.activate()
    sys.stdout, sys.stderr = (_Stream(shell, name) for name in ("stdout", "stderr"))
    if "matplotlib" in sys.modules:
        # Imported before there was a shell, it could not set itself up for cells.
        from matplotlib_inline.backend_inline import configure_inline_support

        activate_matplotlib(INLINE_BACKEND)
        configure_inline_support(shell, INLINE_BACKEND)
    return shell
