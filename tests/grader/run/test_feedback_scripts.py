"""No script of a student's runs, and nothing is loaded, when a page or formgrader shows a submission.

Real Chromium opens a notebook full of scripts. Each tries to mark the page and to fetch something from a
server on this machine, which counts.
"""

from __future__ import annotations

import base64
import http.server
import re
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import nbgrader
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from grader.feedback.page import page
from grader.steps.sanitize_outputs import make_inert
from tests.needs import BROWSER, browser

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --virtual-time-budget=3000 --dump-dom"
).split()
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
MARK = "scripts-ran"
RAN = re.compile(rf"<html[^>]*{MARK}")


class Server(http.server.ThreadingHTTPServer):
    """A server that answers nothing and remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def script(number: int, url: str) -> str:
    """JavaScript that marks the page and calls home, without quotes, so that it fits in any attribute."""
    return f"document.documentElement.className+=/ {MARK}/.source;new Image().src=`{url}/{number}`"


def html_vectors(url: str) -> list[str]:
    """Pieces of HTML that run a script or load something, each by another way."""
    forms = [
        "<script>{js}</script>",
        "<SCRIPT src={url}/loaded.js></SCRIPT>",
        "<img src=x onerror='{js}'>",
        "<img src={url}/picture.png>",
        "<svg onload='{js}'></svg>",
        "<svg><script>{js}</script></svg>",
        '<iframe srcdoc="<script>parent.{js}</script>"></iframe>',
        "<iframe src={url}/frame></iframe>",
        "<details open ontoggle='{js}'><summary>x</summary></details>",
        "<video><source onerror='{js}'></video>",
        "<input autofocus onfocus='{js}'>",
        "<style>@import url({url}/style.css); body {{ background: url({url}/body.png) }}</style>",
        "<p style='background: url({url}/attribute.png)'>x</p>",
        "<link rel=stylesheet href={url}/link.css>",
        "<base href={url}/base/><img src=relative.png>",
        "<object data='{url}/object'></object><embed src='{url}/embed'>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={js}&gt;'>",
        "<noscript><p title=\"</noscript><img src=x onerror='{js}'>\"></noscript>",
        "<table background={url}/table.png><tr><td>x</table>",
        "<a href='javascript:{js}'>click</a>",
        "<a href='java&#115;cript:{js}'>click</a>",
        "<form action={url}/form><button formaction='javascript:{js}'>click</button></form>",
        "<!--><img src=x onerror='{js}'>-->",
    ]
    return [form.format(js=script(number, url), url=url) for number, form in enumerate(forms)]


def hostile_notebook(url: str) -> NotebookNode:
    """A submission that has scripts wherever a notebook has room for one."""
    js = script(100, url)
    pieces = html_vectors(url)
    breakout = f"\"><img src=x onerror='{js}'><a b=\""
    inside = f'<script>{js}</script><image href="{url}/inside.png"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{js}">{inside}</svg>'
    encoded = base64.b64encode(svg.encode()).decode()

    def output(data: dict, **metadata: object) -> NotebookNode:
        return new_output("display_data", data, metadata=metadata)

    bundles = [{"text/html": piece} for piece in pieces]
    bundles += [{"text/markdown": piece} for piece in pieces]
    bundles += [
        {"application/javascript": js, "text/plain": "x"},
        {"image/svg+xml": svg},
        {"image/png": f"AAAA{breakout}"},
        {"text/latex": f"$x$</div><script>{js}</script> $\\href{{javascript:{js}}}{{x}}$"},
        {"text/plain": f"</pre><script>{js}</script>"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": breakout}, "text/plain": "x"},
        {"text/vnd.mermaid": f"</pre><script>{js}</script>"},
    ]
    outputs = [output(bundle) for bundle in bundles]
    outputs.append(
        output({"text/html": f"<script>parent.{js}</script>"}, **{"text/html": {"isolated": True}})
    )
    outputs.append(output({"image/png": "AAAA"}, **{"image/png": {"alt": breakout, "width": breakout}}))
    outputs.append(new_output("stream", name="stdout", text=f"</pre><script>{js}</script>\x1b[31m<b>"))
    outputs.append(
        new_output("error", ename=breakout, evalue=breakout, traceback=[f"</pre><script>{js}</script>"])
    )
    links = f"[a](javascript:{js}) [b][r] <javascript:{js}> ![c]({url}/markdown.png) ![d](attachment:a.svg)"
    more = f"[e](java&#115;cript:{js}) `<script>`\n\n[r]: javascript:{js}\n"
    markdown = new_markdown_cell(f"{links}\n{more}\n$\\href{{javascript:{js}}}{{x}} <script>{js}</script>$")
    markdown.attachments = NotebookNode({"a.svg": {"image/svg+xml": encoded}, breakout: {breakout: "x"}})
    raw = new_raw_cell(f"<script>{js}</script>", metadata={"raw_mimetype": "text/html"})
    code = new_code_cell(f"</pre><script>{js}</script>", outputs=outputs, metadata={"tags": [breakout]})
    nb = new_notebook(cells=[code, markdown, raw, *(new_markdown_cell(piece) for piece in pieces)])
    nb.metadata = NotebookNode({"title": f"</title><script>{js}</script>"})
    nb.metadata.widgets = {
        "application/vnd.jupyter.widget-state+json": {"state": {"a": f"</script><script>{js}</script>"}}
    }
    return nb


def shown_by_formgrader(nb: NotebookNode) -> str:
    """The notebook as nbgrader's formgrader shows it, whose templates these are."""
    templates = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
    exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=[str(templates)])
    names = (
        "base_url",
        "student",
        "first_name",
        "last_name",
        "notebook_path",
        "notebook_id",
        "assignment_id",
    )
    resources = dict.fromkeys(names, "") | {"submission_id": "", "index": 0, "total": 1}
    return exporter.from_notebook_node(nb, resources)[0]


def feedback_page(nb: NotebookNode) -> str:
    return page(nb, [], {"assignment": "01-tiny", "student": "<script>x</script>", "notebook": "tiny"})


def opened(html: str, server: Server, folder: Path) -> str:
    """The document as Chromium has it after its scripts, if any, have run."""
    BROWSER.require()
    (folder / "page.html").write_text(html, encoding="utf-8")
    command = [browser(), *FLAGS, f"--user-data-dir={folder / 'profile'}"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", (folder / "page.html").as_uri()]
    # Not through a pipe: a helper of Chromium's that outlives it would keep a pipe open.
    with (folder / "dom.html").open("wb") as dom:
        subprocess.run(command, stdout=dom, stderr=subprocess.DEVNULL, timeout=600, check=True)
    return (folder / "dom.html").read_text(encoding="utf-8")


class Attributes(HTMLParser):
    """Collects the attributes of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, name, value or "") for name, value in attrs]


def test_the_scripts_would_run(server: Server, tmp_path: Path) -> None:
    """Otherwise the tests below would prove nothing."""
    dom = opened(shown_by_formgrader(hostile_notebook(server.url)), server, tmp_path)
    assert RAN.search(dom)
    assert len(set(server.asked)) > 10


@pytest.mark.parametrize("policy", [True, False])
def test_a_page_runs_no_script_and_loads_nothing(server: Server, tmp_path: Path, policy: bool) -> None:
    """Neither with the page's policy nor, were a browser to ignore that, by what the page holds."""
    html = feedback_page(hostile_notebook(server.url))
    dom = opened(html if policy else POLICY.sub("", html), server, tmp_path)
    assert not RAN.search(dom)
    assert server.asked == []
    assert POLICY.search(html)
    assert_harmless(dom)


def test_formgrader_runs_no_script_of_an_inert_notebook(server: Server, tmp_path: Path) -> None:
    nb = hostile_notebook(server.url)
    make_inert(nb)
    dom = opened(shown_by_formgrader(nb), server, tmp_path)
    assert not RAN.search(dom)
    assert server.asked == []


def assert_harmless(dom: str) -> None:
    """Nothing that would run when somebody clicks, either."""
    for tag, name, value in Attributes(dom).found:
        assert not name.startswith("on"), (tag, name, value)
        assert tag not in {"script", "iframe", "object", "embed", "form", "base", "link", "input"}, tag
        if name in ("src", "srcset", "data", "background", "poster", "action"):
            assert value.startswith("data:image/"), (tag, name, value)
        if name == "href":
            assert value.startswith(("https://", "http://", "mailto:")), (tag, name, value)


def test_a_picture_that_is_not_there_costs_only_itself() -> None:
    """nbconvert gives up the whole page."""
    nb = new_notebook(cells=[new_markdown_cell("![a](attachment:missing.png) **b** [c](")])
    assert "<strong>b</strong>" in feedback_page(nb)
    make_inert(nb)
    assert "<strong>b</strong>" in shown_by_formgrader(nb)


# One black pixel.
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def test_what_is_meant_to_be_seen_is_seen(tmp_path: Path) -> None:
    table = '<style scoped>x</style><table border="1" class="dataframe"><tr style="color: red"><th>Alien</th>'
    nb = new_notebook(
        cells=[
            new_markdown_cell("Since $x_u^\\top y_i$ is **small**.\n\n$$\\sum_i y_i \\qquad (1)$$"),
            new_code_cell("a < b", outputs=[new_output("execute_result", {"text/html": table})]),
            new_code_cell("", outputs=[new_output("display_data", {"image/png": DOT})]),
            new_code_cell("", outputs=[new_output("display_data", {"text/latex": "$\\displaystyle x^2$"})]),
        ]
    )
    make_inert(nb)
    html = feedback_page(nb)
    assert '<table class="dataframe">' in html and "<th>Alien</th>" in html
    assert "<strong>small</strong>" in html
    assert html.count("<math") == 3
    assert f"data:image/png;base64,{DOT}" in html
    assert "&lt;script&gt;x" in html
