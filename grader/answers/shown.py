"""How is an answer shown beside three hundred others? Safely, in bounded time and on a bounded page.

What a student wrote goes through ``grader.rendering`` (text, formulas, code) or is escaped. One answer can
take neither the time nor the room of the others: what is too long is shown from its beginning, and the page
says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup
from nbformat import NotebookNode

from grader import rendering
from grader.answers.questions import Answer
from grader.safe_html import verbatim

# Nobody reads more of an answer of a few sentences.
LONGEST = 10_000  # characters
# A short answer takes some milliseconds of processor time.
SECONDS_OF_AN_ANSWER = 0.3
SECONDS_OF_A_PAGE = 15.0
# What HTML and pictures may take: of an answer (characters), and of all together.
LARGEST = 150_000
LARGEST_PAGE = 20_000_000
LARGEST_PICTURES, LARGEST_PICTURES_OF_PAGE = 1_000_000, 40_000_000
# A picture is on the page as often as the text names it.
MOST_PICTURES = 20

_RENDER = {"code": rendering.code, "prose": rendering.prose, "terminal": rendering.terminal}


class Shower:
    """Renders cells within what time and room a page has.

    The shortest should come first: an answer that was made to take long then costs no honest one its look.
    """

    def __init__(self) -> None:
        self.room = LARGEST_PAGE
        self.pictures = LARGEST_PICTURES_OF_PAGE
        self.seconds = SECONDS_OF_A_PAGE

    def answers(self, answers: Iterable[Answer]) -> dict[str, Markup]:
        """The HTML of each answer, by digest."""
        made = {}
        for answer in sorted(answers, key=lambda each: (len(each.text), each.digest)):
            made[answer.digest] = self.answer(answer)
        return made

    def answer(self, answer: Answer) -> Markup:
        """An answer, with what stands beside its cell."""
        if answer.is_empty:
            is_blank = not answer.cell.source.strip()
            said = "Nothing was written." if is_blank else "As it was handed out, which gives 0 by itself."
            return Markup('<p class="said">{}</p>').format(said)
        if not answer.beside:
            return self.cell(answer.cell)
        said = Markup('<p class="said">The cell is as it was handed out. This stands beside it:</p>')
        return said + Markup("").join(self.cell(cell) for cell in answer.beside)

    def cell(self, cell: NotebookNode) -> Markup:
        """A cell's text or code, and sentences about what of it is not shown."""
        text, said = cell.source, []
        if len(text) > LONGEST:
            said.append(f"The first {LONGEST:,} of {len(text):,} characters; formgrader shows the others.")
            text = text[:LONGEST]
        if cell.cell_type == "code":
            html = self._bounded("code", text) + self._printed(cell)
        elif cell.cell_type == "markdown":
            attached = cell.get("attachments") or {}
            pictures = self._pictures(text, attached)
            if len(attached) > len(pictures):
                said.append(f"Without {len(attached) - len(pictures)} large pictures; formgrader shows them.")
            html = self._bounded("prose", text, pictures)
        else:
            html = verbatim(text)
        return html + Markup("").join(Markup('<p class="said">{}</p>').format(each) for each in said)

    def _printed(self, cell: NotebookNode) -> Markup:
        """What a cell printed, and a sentence where there is more than text."""
        printed, has_more = "", False
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            printed += output.get("text", "") or data.get("text/plain", "") or output.get("evalue", "")
            has_more |= bool(data.keys() - {"text/plain"})
        html = self._bounded("terminal", printed[:LONGEST]) if printed else Markup("")
        if has_more or len(printed) > LONGEST:
            html += Markup('<p class="said">Formgrader shows all that came out.</p>')
        return html

    def prose(self, text: str) -> Markup:
        """The instructor's own text."""
        return self._bounded("prose", text)

    def _bounded(self, function: str, text: str, pictures: dict | None = None) -> Markup:
        seconds = min(SECONDS_OF_AN_ANSWER, self.seconds)
        with rendering.one_page(max(seconds, 0.0)) as left:
            if pictures:
                html = rendering.prose_with_pictures(text, pictures)
            else:
                html = _RENDER[function](text)
            self.seconds -= seconds - left()
        of_pictures = _room(text, pictures or {})
        room = len(html) - of_pictures
        if room > LARGEST or self.room < room:
            return verbatim(text)
        self.room -= room
        self.pictures -= of_pictures
        return html

    def _pictures(self, text: str, attachments: dict) -> dict:
        """The pictures for which there is room."""
        kept: dict = {}
        for name, bundle in attachments.items():
            wanted = kept | {name: bundle}
            room = _room(text, wanted)
            if room <= min(LARGEST_PICTURES, self.pictures) and text.count("attachment:") <= MOST_PICTURES:
                kept = wanted
        return kept


def _room(text: str, attachments: dict) -> int:
    """The characters that pictures take on the page, each as often as the text names it."""
    return sum(
        text.count(f"attachment:{name}")
        * sum(len(value) for value in bundle.values() if isinstance(value, str))
        for name, bundle in attachments.items()
    )
