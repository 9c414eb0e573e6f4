"""Is a formula shown whole, or as it was written? A part of it is never shown for the whole."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

import pytest

from grader.formulas import TAGS, formula
from grader.mathml import _PARTS, _TOKENS
from grader.rendering import clean_html, prose

# Every environment of MathJax 3 with its packages (docs.mathjax.org, "Supported TeX/LaTeX commands").
ARGUMENTS = {
    **dict.fromkeys(["array", "darray"], "{rl}"),
    **dict.fromkeys(["alignat", "alignat*", "alignedat", "xalignat", "xalignat*", "xxalignat"], "{1}"),
    **dict.fromkeys(["subarray", "crampedsubarray"], "{c}"),
    **dict.fromkeys(["numcases", "subnumcases"], "{f =}"),
    "empheq": "{align}",
    "spreadlines": "{1em}",
}
STARRED = (
    "align alignat equation flalign gather multline eqnarray matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix "
    "cases dcases rcases drcases smallmatrix psmallmatrix bsmallmatrix Bsmallmatrix vsmallmatrix "
    "Vsmallmatrix xalignat"
).split()
PLAIN = (
    "aligned alignedat array CD crampedsubarray darray displaymath empheq gathered lgathered math multlined "
    "numcases prooftree rgathered split spreadlines subarray subeqnarray subnumcases xxalignat indentalign"
).split()
ENVIRONMENTS = [*PLAIN, *STARRED, *(f"{name}*" for name in STARRED)]
# Shown as formulas, as people write them all the time.
SHOWN = {
    *("align", "align*", "aligned", "alignat", "alignedat", "eqnarray", "split", "flalign", "array", "cases"),
    *("dcases", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix"),
}


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<mtr>(.*?)</mtr>", html, re.DOTALL)
    return [
        [re.sub(r"<[^<>]*>|\s", "", cell) for cell in re.findall(r"<mtd[^>]*>(.*?)</mtd>", row, re.DOTALL)]
        for row in rows
    ]


@pytest.mark.parametrize("line", [" ", "\n"], ids=["in one line", "in lines"])
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_is_shown_whole_or_as_tex(name: str, line: str) -> None:
    inside = line.join([r"p &= q + 1 \\", "r &= s", ""])
    tex = f"\\begin{{{name}}}{ARGUMENTS.get(name, '')}{line}{inside}\\end{{{name}}}"
    html = str(clean_html(formula(tex, "block")))
    if html.startswith("<math"):
        assert cells(html) == [["p", "=q+1"], ["r", "=s"]], html
    else:
        assert html.startswith("<code>") and name not in SHOWN
        assert (
            re.sub(r"<br>|\s", "", html) == "<code>" + "".join(tex.split()).replace("&", "&amp;") + "</code>"
        )


@pytest.mark.parametrize("name", ["align*", "aligned", "split", "alignat", "eqnarray", "flalign"])
def test_alignment_reaches_the_page(name: str) -> None:
    sign = "&=&" if name == "eqnarray" else "&="
    tex = f"\\begin{{{name}}}{ARGUMENTS.get(name, '')} a {sign} b \\\\ cc {sign} d \\end{{{name}}}"
    html = str(prose(f"$${tex}$$"))
    assert html.count('<mtd class="tr">') == html.count('<mtd class="tl">') == 2, html


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{aligned}[t] a &= b \end{aligned}",
        r"\begin{equation} \begin{aligned} a &= b \\ c &= d \end{aligned} \end{equation}",
        r"\begin{gathered} a = b \\ c = d \end{gathered}",
        r"f(x) = \begin{cases} 1 & \text{if } x > 0 \\[2pt] 0 & \text{otherwise} \end{cases}",
        r"\underset{u}{\arg\min}\; L(u) \tag{1} \label{eq:loss}",
        r"x_u^\top y_i \not= \mathbb{R} % what a comment",
        r"\operatorname*{argmin}_x \sum_{i=1}^{n} \frac{1}{2}\left\| A x_i - b \right\|^2",
        r"\mathbf{W} \mathcal{L} \bm{x} \dfrac12 \binom{n}{k} \overbrace{ab}^{n}",
        r"\sum_{\substack{a\\b}} x \hspace{2em} \quad f'(x) \not\sim y",
    ],
)
def test_what_people_write_is_a_formula(tex: str) -> None:
    html = str(clean_html(formula(tex, "block")))
    assert html.startswith("<math") and "\\" not in html, html


@pytest.mark.parametrize(
    "tex",
    [
        r"\boxed{x = 1}",
        r"\cancel{x} + \bcancel{y}",
        r"a = b \\ c = d",
        r"a & b",
        r"\begin{array}{r|l} a & b \\ \hline c & d \end{array}",
        r"\unknown{x} + 1",
        r"\ref{eq} and \eqref{eq}",
        r"x \not k y",
        r"\text{if $x = 0$ and $y$}",
        r"\text{a{b}c}",
        r"\begin{array}{*{2}{c}} a & b \end{array}",
        r"\begin{array}{l@{}r} a & b \end{array}",
        r"\frac{a}",
        r"\begin{tikzpicture} \draw (0,0); \end{tikzpicture}",
        r"\begin{aligned} a",
        "{" * 5000,
    ],
)
def test_what_would_lose_something_is_tex(tex: str) -> None:
    html = str(formula(tex, "inline"))
    assert html == f"<code>{tex.replace('&', '&amp;').strip()}</code>"


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"\mathbb{1}", "𝟙"),
        (r"\mathds{1}", "𝟙"),
        (r"\mathbf 1", "𝟏"),
        (r"\bm{0}", "𝟎"),
        (r"\mathbb R", "ℝ"),
        (r"\mathbf{Ab}", "𝐀𝐛"),
        (r"\boldsymbol{\theta}", "𝜽"),
        (r"\mathcal L", "ℒ"),
        (r"\mathfrak{C}", "ℭ"),
        (r"\mathrm{ab}", "ab"),
        (r"\text{50\% of \#1, a\_b \& \$c}", "50% of #1, a_b & $c"),
        (r"\text{a<b}", "a<b"),
    ],
)
def test_letters_look_as_they_are_meant_in_every_browser(tex: str, shown: str) -> None:
    page = str(clean_html(formula(tex, "inline")))
    assert page.startswith("<math") and 'mathvariant="' not in page.replace('"normal"', "")
    assert html.unescape(re.sub(r"<[^<>]*>", "", page)).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("tex", "parts", "shown"),
    [
        (r"\begin{pmatrix} a & b \end{pmatrix}^T", {"msup": 2}, "(ab)T"),
        (r"\begin{bmatrix} a \end{bmatrix}_{i}^{2}", {"msubsup": 3}, "[a]i2"),
        (r"\mathop{\rm argmin}_x", {"msub": 2}, "argminx"),
        (r"a \mathbin{+} b", {}, "a+b"),
        (r"\underset{x}{\operatorname{arg\,max}}", {"munder": 2}, "argmaxx"),
    ],
)
def test_browsers_find_every_part(tex: str, parts: dict[str, int], shown: str) -> None:
    page = ElementTree.fromstring(str(clean_html(formula(tex, "block"))).replace("&nbsp;", " "))
    assert {each.tag: len(each) for each in page.iter() if each.tag in _PARTS} == parts
    assert all(not len(each) for each in page.iter() if each.tag in _TOKENS)
    assert "".join(page.itertext()) == shown


def test_tex_keeps_its_lines_and_is_no_html() -> None:
    html = str(prose("$$\n\\boxed{a < b}\n+ <script>alert(1)</script> x\n$$"))
    assert "<br>" in html and "<script" not in html and r"\boxed{a" in html


def test_no_tag_of_the_result_is_taken_out_afterwards() -> None:
    html = str(formula(r"\begin{align} a &= \sqrt[3]{b} \\ c &= \widehat{d} \end{align}", "block"))
    assert set(re.findall(r"<(\w+)", html)) <= TAGS
