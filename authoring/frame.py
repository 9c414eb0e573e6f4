"""What does every notebook begin and end with? How to work, whether all is ready, how far one is."""

from __future__ import annotations

from authoring.lesson import Cell, Role, Unit, find_units
from grader.markers import BEGIN_HIDDEN

HOW_TO_WORK = """\
- Run each cell with **Shift+Enter**, from the top. It runs the cell and goes on to the next.
- **Write** where it says `# YOUR CODE HERE`, in place of `raise NotImplementedError()`. The test cell below
  then answers: ✓ right, ✗ what is wrong, ○ not written yet. What you skip costs only its own points.
- **Written answers:** double-click on *YOUR ANSWER HERE*, write, and press Shift+Enter.
- **Hand in** with the last cell. `progress()` shows at any time how far you are."""

READY = """\
from course_utils.notebook import check_all, hand_in, hidden_checks, progress, ready, solution

ready("{unit}")"""

HOW_FAR = """\
## How far you are

The table below runs the visible checks once more, with your functions as they are now. When you are done,
save the notebook, take away the `#` in the cell below it, and run that: `hand_in()` runs the whole notebook
afresh, shows the table again, and packs the notebook into a file to hand in."""

CALLS = ("progress()", "# hand_in()")

ANNOUNCE = 'hidden_checks("{number}")\n'


def before(unit: Unit) -> list[Cell]:
    """The cells in front of a lesson's own."""
    return [
        _given("markdown", f"{HOW_TO_WORK}\n\n{where(unit)}"),
        _given("code", READY.format(unit=unit.name)),
    ]


def where(unit: Unit) -> str:
    """All units in their order, with this one marked."""
    names = [f"**{each.name}**" if each == unit else each.name for each in find_units(unit.root)]
    return f"You are here: {' → '.join(names)}"


def after() -> list[Cell]:
    """The cells behind a lesson's own."""
    return [_given("markdown", HOW_FAR), *(_given("code", call, slow=True) for call in CALLS)]


def announced(source: str, number: str) -> str:
    """A test cell of hidden checks alone, which says in students' notebooks what they look at."""
    return source.replace(BEGIN_HIDDEN, ANNOUNCE.format(number=number) + BEGIN_HIDDEN, 1)


def _given(kind: str, source: str, slow: bool = False) -> Cell:
    # Slow cells are left out when a submission is graded.
    return Cell(kind, "", None, source, 0, Role.GIVEN, slow)
