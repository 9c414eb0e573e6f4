"""How is a graded notebook made harmless to whoever opens it, in formgrader, JupyterLab or as a page?

nbgrader's formgrader shows HTML and JavaScript of outputs and of Markdown as they are, next to the gradebook
and with the rights of the person who grades. So what could run is taken out of the notebook itself when it is
graded. A cell's code stays as it is: it is shown as text everywhere.
"""

from __future__ import annotations

import re

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.pictures import checked_picture
from grader.record import KEY
from grader.rendering import clean_html, one_page
from grader.safe_html import PICTURES
from grader.steps.own_pictures import attach_pictures

# An invisible character (WORD JOINER) that no parser reads past: "<" and "script" with it between them is
# text. It is put wherever markup would begin, so that no parser's idea of what is code and what not matters.
BREAK = "\u2060"
# Tags that do nothing, without attributes, may stay.
_TAG = re.compile(
    r"<(?!/?(?:b|i|u|s|em|strong|sub|sup|br|hr|p|ul|ol|li|code|kbd|pre|details|summary|blockquote)\s*/?>)"
    r"(?=[A-Za-z/!?])",
    re.IGNORECASE,
)
# A link, picture or reference; and the targets that may stay: spelled out, without entities or backslashes.
_LINK = re.compile(r"\](?=[(\[:])(\((?:https?://|mailto:)[^\s()<>&\\]*\))?(\(attachment:([^\s()<>&\\]*)\))?")
# A picture from elsewhere tells who reads, and when.
_WEB_PICTURE = re.compile(r"!(?=\[(?![^\[\]]*\]\(attachment:))")
# MathJax's commands that make links, load extensions or set styles.
_TEX = re.compile(
    r"\\(?=(?:href|url|class|cssId|style|require|html\w*|mmlToken|bbox|toggle|texttip|mathtip|unicode)\b)"
)

TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex")
LARGEST = 4_000_000  # characters of one output
MOST = 200  # outputs of one cell
LEFT_OUT = "[left out: {}]\n"


class SanitizeOutputs(NbGraderPreprocessor):
    """Preprocessor that makes a notebook inert, between its run and its way to anybody's browser."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        with one_page():
            make_inert(nb)
        return nb, resources


def make_inert(nb: NotebookNode) -> None:
    """Take out of a notebook, in place, whatever could run, load or be mistaken for something else.

    Of outputs text, tables, pictures and formulas stay; JavaScript, widgets and unknown kinds go, and HTML is
    cleaned. Markdown and raw cells keep their words and pictures; what would be HTML, or a link to anything
    but a web page, is shown as text, and a picture from the web as a link. Of metadata only what nbgrader and
    the kernel need stays.

    Parameters
    ----------
    nb : NotebookNode
        An executed notebook.
    """
    kept = {key: nb.metadata[key] for key in ("kernelspec", KEY) if key in nb.metadata}
    nb.metadata = NotebookNode(kept | {"language_info": {"name": "python", "pygments_lexer": "ipython3"}})
    for cell in nb.cells:
        cell.metadata = NotebookNode(
            {key: cell.metadata[key] for key in ("nbgrader", "deletable", "editable") if key in cell.metadata}
        )
        attachments = cell.pop("attachments", None)
        if cell.cell_type == "code":
            outputs = [inert for output in cell.outputs[:MOST] if (inert := _inert_output(output))]
            if len(cell.outputs) > MOST:
                said = LEFT_OUT.format(f"{len(cell.outputs) - MOST} more outputs")
                outputs.append(new_output("stream", name="stdout", text=said))
            cell.outputs = outputs
        else:
            text, pictures = attach_pictures(cell.source, attachments)
            cell.source = inert_markdown(text, pictures)
            if pictures:
                cell.attachments = NotebookNode(pictures)


def inert_markdown(text: str, attachments: dict | None = None) -> str:
    """Markdown in which nothing is HTML with a function, or a link to anything but a web page or mail."""
    text = _TAG.sub("<" + BREAK, text)
    text = _WEB_PICTURE.sub("!" + BREAK, text)
    text = _LINK.sub(lambda link: _inert_link(link, attachments or {}), text)
    return _inert_tex(text)


def _inert_tex(text: str) -> str:
    return _TEX.sub(lambda _: "\\" + BREAK, text)


def _inert_link(link: re.Match, attachments: dict) -> str:
    web, own, name = link.groups()
    return link.group() if web or (own and name in attachments) else link.group().replace("]", "]" + BREAK, 1)


def _inert_output(output: NotebookNode) -> NotebookNode | None:
    """The output without what could run; None for one of no known type, or with nothing left."""
    if output.output_type == "stream":
        return new_output("stream", name=str(output.name), text=_bounded(str(output.text)))
    if output.output_type == "error":
        lines = [_bounded(str(entry)) for entry in output.traceback[:MOST]]
        return new_output("error", ename=str(output.ename), evalue=str(output.evalue), traceback=lines)
    if output.output_type not in ("execute_result", "display_data"):
        return None
    data = {kind: kept for kind, value in output.data.items() if (kept := _inert_data(kind, value))}
    if not data and output.data:
        data["text/plain"] = LEFT_OUT.format(", ".join(sorted(map(str, output.data)))[:200])
    output.data, output.metadata = NotebookNode(data), NotebookNode()
    output.pop("transient", None)
    return output


def _inert_data(kind: str, value: object) -> str | None:
    if not isinstance(value, str) or (len(value) > LARGEST and kind != "text/plain"):
        return None
    if kind == "text/html":
        # Formgrader shows formulas in HTML as well.
        return _inert_tex(str(clean_html(value)))
    if kind in TEXTS:
        return _bounded(value) if kind == "text/plain" else inert_markdown(value)
    if kind in PICTURES:
        picture = checked_picture(value)
        return picture[1] if picture and picture[0] == kind else None
    # Every viewer shows it as a picture, in which a browser runs no script and loads nothing.
    return value if kind == "image/svg+xml" else None


def _bounded(text: str) -> str:
    return text if len(text) <= LARGEST else text[:LARGEST] + "\n" + LEFT_OUT.format("the rest")
