"""Text that a student wrote or printed, and that takes ever more time to be shown."""

from __future__ import annotations

import os
import signal
from time import process_time

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grader import rendering
from grader.feedback.hide import CUT, _cut_lines
from grader.feedback.page import page
from grader.render_process import MEMORY
from grader.rendering import RENDERER, Renderer, code, one_page
from grader.steps.sanitize_outputs import BREAK, make_inert

NAMES = {"assignment": "01", "notebook": "unit", "student": "eve"}


def shows(kind: str, text: str):
    return new_code_cell("1", outputs=[new_output("display_data", {kind: text})])


def prints(text: str):
    return new_code_cell("1", outputs=[new_output("stream", name="stdout", text=text)])


# Each makes a cell of about n characters.
CELLS = {
    "code: attributes": lambda n: new_code_cell("a." * (n // 2)),
    "code: an open string": lambda n: new_code_cell("f'''{" * (n // 5)),
    "code: backslashes": lambda n: new_code_cell("x = " + "\\\n" * (n // 2)),
    "code: a shell": lambda n: new_code_cell("%%bash\n" + "!a " * (n // 3)),
    "colours of a terminal": lambda n: prints("\x1b[31ma\x1b[0m" * (n // 10)),
    "colours without an end": lambda n: prints("\x1b[1;31;" * (n // 7)),
    "colours of an error": lambda n: new_code_cell(
        "1", outputs=[new_output("error", ename="E", evalue="e", traceback=["\x1b[3" * (n // 3)])]
    ),
    "html: nested": lambda n: shows("text/html", "<div>" * (n // 5)),
    "html: tables in tables": lambda n: shows("text/html", "<table><tr><td>" * (n // 15)),
    "html: formatting that is misnested": lambda n: shows("text/html", "<b><i><p>" * (n // 9)),
    "html: attributes": lambda n: shows("text/html", "<p " + " ".join(f"a{i}=1" for i in range(n // 8))),
    "markdown: brackets": lambda n: new_markdown_cell("[" * n),
    "markdown: links": lambda n: new_markdown_cell("[a](" * (n // 4)),
    "markdown: emphasis": lambda n: new_markdown_cell("*a_" * (n // 3)),
    "markdown: quotes": lambda n: new_markdown_cell(">" * n),
    "markdown: lists": lambda n: new_markdown_cell("\n".join(" " * i + "- a" for i in range(int(n**0.5)))),
    "markdown: backticks": lambda n: new_markdown_cell("".join("`" * i + " " for i in range(int(n**0.5)))),
    "markdown: dollars": lambda n: new_markdown_cell("$a" * (n // 2) + "\\"),
    "markdown: displayed": lambda n: shows("text/markdown", "![" * (n // 2)),
    "tex: braces": lambda n: shows("text/latex", "$" + "{" * n + "$"),
    "tex: fractions": lambda n: shows("text/latex", r"\frac{" * (n // 6)),
}


def processor_time() -> float:
    """Of this process, and of the one that renders and its forks."""
    pid = RENDERER._process.pid
    family = [psutil.Process(pid), *psutil.Process(pid).children()]
    return process_time() + sum(sum(each.cpu_times()) for each in family)


@pytest.fixture(autouse=True)
def forget():
    rendering._kept.cache_clear()


@pytest.fixture
def quick(monkeypatch):
    """A page may take a tenth of the usual time, so that the tests do, too."""
    monkeypatch.setattr(rendering, "SECONDS_OF_A_CALL", 0.1)
    monkeypatch.setattr(rendering, "SECONDS_OF_A_PAGE", 0.3)


@pytest.mark.parametrize("kind", CELLS)
def test_a_page_takes_no_longer_however_long_its_text(kind: str, quick):
    """Six cells at 1, 2 and 4 times the length; at the last, some of these took minutes each."""
    RENDERER.start()
    for times in (1, 2, 4):
        nb = new_notebook(cells=[CELLS[kind](16_000 * times) for _ in range(6)])
        for number, each in enumerate(nb.cells):
            each.source += f"\n# {number}"
        began = processor_time()
        with one_page():
            make_inert(nb)
        text = page(nb, [], NAMES)
        # Text in proportion is this process's own work: escaping it and writing it down.
        assert processor_time() - began < 1.5 + 0.3 * times, times
        assert "</html>" in text


def test_what_takes_too_long_is_shown_as_it_is_and_the_rest_as_ever(quick):
    nb = new_notebook(cells=[new_code_cell("a." * 50_000 + "<x>"), new_code_cell("answer = 1")])
    text = page(nb, [], NAMES)
    assert "<pre>a.a.a." in text and ".&lt;x&gt;</pre>" in text
    assert '<span class="n">answer</span>' in text


def test_one_student_takes_nothing_from_the_page_of_the_next(quick):
    given = "# A *given* text"
    bad = [new_code_cell("a." * 49_000 + f"x{number}") for number in range(10)]
    assert "<em>given</em>" not in page(new_notebook(cells=[*bad, new_markdown_cell(given)]), [], NAMES)
    assert "<em>given</em>" in page(new_notebook(cells=[new_markdown_cell(given)]), [], NAMES)


def test_the_limit_is_one_of_processor_time_and_holds_in_compiled_code(quick):
    _, seconds = RENDERER.render("clean_html", ("<div>" * 400_000,), 0.1)
    html, _ = RENDERER.render("code", ("x = 1",), 1.0)
    assert seconds <= 0.2 and html is not None


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_AS"), reason="the limit is one of Linux")
def test_memory_is_limited_too():
    RENDERER.render("code", ("x",), 1.0)
    family = psutil.Process(RENDERER._process.pid).children()
    assert [each.rlimit(psutil.RLIMIT_AS) for each in family] == [(MEMORY, MEMORY)]


def test_when_the_worker_ends_nothing_of_it_is_left():
    renderer = Renderer()
    renderer.render("code", ("x",), 1.0)
    family = psutil.Process(renderer._process.pid)
    family = [family, *family.children()]
    renderer._process._out.close()
    psutil.wait_procs(family, timeout=10)
    assert not any(each.is_running() and each.status() != "zombie" for each in family)
    renderer.close()


def test_a_renderer_that_was_killed_is_started_again():
    RENDERER.start()
    os.killpg(RENDERER._process.pid, signal.SIGKILL)
    assert RENDERER.render("code", ("x",), 1.0)[0] is None
    assert RENDERER.render("code", ("x",), 1.0)[0] is not None


def test_honest_text_is_shown_as_what_it_is():
    cells = [
        new_markdown_cell("A *word*, $x_u$"),
        new_code_cell(
            "answer = 1", outputs=[new_output("display_data", {"text/html": "<div><b>bold</b></div>"})]
        ),
        prints("\x1b[31mred\x1b[0m"),
        shows("text/latex", r"$\frac{1}{2}$"),
        new_markdown_cell("![p](attachment:p.png)", attachments={"p.png": {"image/png": "aGk="}}),
    ]
    text = page(new_notebook(cells=cells), [], NAMES)
    for wanted in (
        "<em>word</em>",
        "<msub>",
        '<span class="n">answer',
        "<b>bold</b>",
        "ansi-red-fg",
        "<mfrac>",
    ):
        assert wanted in text, wanted
    assert "<img" in text


def test_the_time_of_a_page_holds_whoever_asks_for_it(quick):
    """A report shows the code of a whole class: what one student wrote must not take all of it, nor more."""
    with one_page(0.2):
        assert all("<pre>a." in code("a." * 40_000 + f"x{number}") for number in range(4))
        assert code("answer = 12345").startswith("<pre>")
    assert "highlight" in code("answer = 12346")


@pytest.mark.parametrize(
    "command",
    [
        *(r"\\href{javascript:alert(1)}{x}", r"\\style{position:fixed}{x}", r"\\class{danger}{x}"),
        *(
            r"\\require{html}",
            r"\\htmlData{a=1}{x}",
            r"\\bbox[border:9in]{x}",
            r"\\mmlToken{mi}[onclick='1']{x}",
        ),
    ],
)
@pytest.mark.parametrize("written", ["<p>${}$</p>", "<b>\\({}\\)</b>", "<td>$${}$$</td>"])
def test_tex_in_html_is_as_inert_as_in_markdown(command: str, written: str):
    for text in (written.format(command), written.format(command.replace("\\", "&#92;"))):
        nb = new_notebook(cells=[shows("text/html", text)])
        make_inert(nb)
        kept = nb.cells[0].outputs[0].data["text/html"]
        assert f"\\{BREAK}" in kept and command not in kept
    nb = new_notebook(cells=[shows("text/html", r"<p>$\frac{1}{2}$</p>")])
    make_inert(nb)
    assert r"\frac{1}{2}" in nb.cells[0].outputs[0].data["text/html"]


SECRETS = {f"assert np.allclose(double({n}), {2 * n}), 'Twice {n}'" for n in range(60)}


def test_lines_of_hidden_checks_are_cut_out_of_long_outputs_in_time():
    """As a class prints them: a million lines, and all the checks among them."""
    text = "\n" * 10**6 + "\n".join(SECRETS) + "\nmine\n" + "x" * 10**6
    began = process_time()
    shown = _cut_lines(text, SECRETS)
    assert process_time() - began < 1.5
    assert shown.count(CUT) == len(SECRETS) and shown.count("\n") == text.count("\n")
    assert "\nmine\n" in shown and "allclose" not in shown


def test_lines_are_cut_however_they_are_dressed_up():
    secret = next(iter(SECRETS))
    for line in (
        f"  {secret} #",
        f"\x1b[31m{secret[:9]}\x1b[0m{secret[9:]}",
        f"\0{secret}\0",
        f"12 {secret}\r",
    ):
        assert _cut_lines(f"a\0b\n{line}\nc", SECRETS) == f"a\0b\n{CUT}\nc"
