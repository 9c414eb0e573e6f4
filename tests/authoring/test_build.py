"""The build: what it makes of a lesson, and each thing that it refuses, by name and place."""

from __future__ import annotations

import nbformat
import pytest
from typer.testing import CliRunner

from authoring.build import build, write_or_compare
from authoring.lesson import LessonError, find_units
from course.cli import app
from grader.names import defined_names, used_names
from tests.conftest import ROOT


def cells_of(unit):
    return {cell.id: cell for cell in nbformat.reads(build(unit), as_version=4).cells}


def edit(unit, old, new, path=None):
    path = path or unit.lesson
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_exercise_is_the_solutions_source(mini):
    cell = cells_of(mini)["double"]
    assert cell.source.startswith("def double(values: np.ndarray)")
    assert "twice_the_values = 2 *" in cell.source
    assert cell.metadata.nbgrader == {
        "grade": False,
        "grade_id": "double",
        "locked": False,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }


def test_visible_check_is_imported(mini):
    cell = cells_of(mini)["test_double"]
    imported = "from course_utils.checks.mini import check_double_of_one"
    assert cell.source == f"# Twice one.\n{imported}\n\ncheck_double_of_one(double)"
    assert cell.metadata.nbgrader.points == 8 and cell.metadata.nbgrader.locked


def test_hidden_check_brings_all_that_it_needs_and_no_more(mini):
    path = mini.root / "tests" / "checks" / "mini.py"
    edit(
        mini,
        "import numpy as np\n",
        "import numpy as np\n\nfrom course_utils.checks.mini import twice\n",
        path,
    )
    edit(mini, "hidden_values + hidden_values)", "twice(hidden_values))", path)
    edit(mini, "TOLERANCE = 1e-12\n", "TOLERANCE = 1e-12\nNOT_NEEDED = 0\n", path)
    visible = mini.root / "course_utils" / "checks" / "mini.py"
    visible.write_text(visible.read_text() + "\n\ndef twice(values):\n    return values + values\n")
    source = cells_of(mini)["test_double_hidden"].source
    for part in (
        "import numpy as np",
        "TOLERANCE = 1e-12",
        "def _difference",
        "def check_double_is_additive",
    ):
        assert part in source
    assert "from course_utils.checks.mini import twice" in source, "what students have stays an import"
    assert "NOT_NEEDED" not in source and "tests.checks" not in source


def test_hidden_check_stays_in_its_region_and_stands_on_its_own(mini):
    source = cells_of(mini)["test_double_hidden"].source
    # The notebook's first cell imports what announces the checks; the checks need nothing else of it.
    exec(source, {"double": lambda values: [2 * v for v in values], "hidden_checks": str})
    begin, end = source.index("### BEGIN HIDDEN TESTS"), source.index("### END HIDDEN TESTS")
    assert begin < source.index("hidden_values") < end
    assert source.startswith("# Hidden checks look at: other values.")
    assert 'hidden_checks("1.1")' in source[:begin], "what students see says that it is judged later"


def test_written_answer_is_graded_by_hand(mini):
    keys = cells_of(mini)["why_double"].metadata.nbgrader
    assert keys.grade and keys.solution and keys.points == 2 and not keys.locked


def test_rebuild_is_identical_and_an_edit_changes_one_id(mini):
    first = build(mini)
    assert build(mini) == first
    edit(mini, "print(double(np.arange(3)))", "print(double(np.arange(4)))")
    before, after = {c.id for c in nbformat.reads(first, as_version=4).cells}, set(cells_of(mini))
    assert len(before - after) == 1


def test_blank_lines_between_cells_change_nothing(mini):
    before = build(mini)
    edit(mini, "\n# %%\nprint(", "\n\n\n# %%\nprint(")
    edit(mini, "import numpy as np\n\n", "import numpy as np\n")
    assert build(mini) == before


def test_slow_cells_are_tagged(mini):
    edit(mini, "# %%\nprint(", "# %% slow=true\nprint(")
    tagged = [cell.source for cell in cells_of(mini).values() if "slow" in cell.metadata.get("tags", [])]
    assert tagged[0] == "print(double(np.arange(3)))"
    assert tagged[1:] == ["progress()", "# hand_in()"], "so are the cells at the end"


def test_no_trace_of_the_workshop(mini):
    text = build(mini)
    assert "jupytext" not in text
    assert "from solutions" not in text and "from tests" not in text
    assert '"outputs": []' in text


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("# %% test_double points=8", "# %% points=8", "line 10.*needs a title"),
        ("# %% double\n", "# %%\n", "line 7, cell .untitled.*needs a title"),
        (
            "# %% test_double_hidden",
            "# %% test_double",
            "line 16, cell test_double: .*stands already in line 10",
        ),
        ("points=8", "points=0", "cell test_double: points must be positive, whole or with a half .*, not 0"),
        ("points=8", "points=8.2", "points must be positive, whole or with a half .*, not 8.2"),
        ("points=8", 'points="many"', "points must be positive, whole or with a half .*, not 'many'"),
        ("points=8", "pionts=8", "unknown key 'pionts'"),
        ("points=8", "points=8 slow=true", "slow=true is for given code cells"),
        (
            "# %%\nprint(",
            "# %% slow=true\nlate = 1\n\n# %%\nprint(late + ",
            "uses 'late', which is left out when graded: its cell is slow",
        ),
        ("points=8", "points=7", "add up to 19, not to 20"),
        ("import double\n", "import triple\n", "line 8, cell double: .*mini.py defines no 'triple'"),
        (
            "import check_double_of_one\n",
            "import check_gone\n",
            "line 12, cell test_double: .*course_utils/checks/mini.py defines no 'check_gone'",
        ),
        (
            "solutions.mini import",
            "solutions.other import",
            "line 8, cell double: .*this cell may import 'from solutions.mini'",
        ),
        ("import numpy as np\n", "import math\n", "line 7, cell double: uses 'np', which no earlier cell"),
        ("print(double(", "print(treble(", "uses 'treble'"),
        (
            "print(double(",
            "from solutions.mini import double\nprint(double(",
            "line 24.*needs a title .exercise cell.",
        ),
        (
            "print(double(",
            "from tests.checks.mini import check_double_of_one\nprint(double(",
            "a given cell may not import it",
        ),
        (
            "print(double(",
            "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\nprint(double(",
            "hidden region outside a test cell",
        ),
        ("### END HIDDEN TESTS\n", "", "must follow each other in pairs; here: .'BEGIN'."),
        ("import numpy as np\n", "import numpyy\n", "line 5.*'import numpyy': not found"),
        (
            "import numpy as np\n",
            "import numpy as np\nfrom scipy.sparse import nonesuch\n",
            "not found .cannot",
        ),
        ("import numpy as np\n", "import math, solutions.mini\n", "needs a title .exercise cell."),
        ("print(double(", "if True:\n    import tests.checks.mini\nprint(double(", "stands below other code"),
        ("check_double_of_one(double)\n\n# %%", "check_double_of_one(double)\n1.5\n\n# %%", "ends in a call"),
        ("points=8", "points=", "cannot be read; write for example points=2"),
        ("print(double(", "### BEGIN SOLUTION\nprint(double(", "solutions are written in solutions/"),
        ("print(double(", "print((double(", "line 24, cell .untitled.: not Python"),
        (" solution=true", "", "needs both points= and solution=true"),
        (
            "# %% [markdown]\n# ## Exercise",
            "import os\n# %% [markdown]\n# ## Exercise",
            "nothing may stand before the first",
        ),
        ("import check_double_of_one\n", "import check_double_of_one as check\n", "without 'as'"),
        # A test cell that calls no check gives its points to everybody.
        (
            "import check_double_is_additive\n\ncheck_",
            "import check_double_is_additive; check_",
            "line 19, cell test_double_hidden: .*must stand on a line of its own",
        ),
        (
            "\ncheck_double_of_one(double)",
            "\nprint(double)",
            "line 10, cell test_double: imports check_double_of_one and never calls it",
        ),
        (
            "\ncheck_double_is_additive(double)",
            "\nprint(double)",
            "line 16, cell test_double_hidden: imports check_double_is_additive and never calls it",
        ),
        # Visible checks are imported, hidden ones inlined, and each from its unit's module.
        (
            "from course_utils.checks.mini",
            "from tests.checks.mini",
            "line 12, cell test_double: .*outside a hidden region, import 'from course_utils.checks.mini'",
        ),
        (
            "from tests.checks.mini import check_double_is_additive\n\ncheck_double_is_additive",
            "from course_utils.checks.mini import check_double_of_one\n\ncheck_double_of_one",
            "line 19, cell test_double_hidden: .*in a hidden region, import 'from tests.checks.mini'",
        ),
        (
            "from course_utils.checks.mini",
            "from course_utils.checks.other",
            "line 12, cell test_double: .*this cell may import 'from course_utils.checks.mini'",
        ),
        (
            "from course_utils.checks.mini",
            "from course_utils.checks.call",
            "line 12, cell test_double: .*this cell may import 'from course_utils.checks.mini'",
        ),
        *(
            (
                "from course_utils.checks.mini import check_double_of_one\n",
                form,
                "cell test_double: .*write 'from course_utils.checks.mini import",
            )
            for form in (
                "import course_utils.checks.mini as mini\n",
                "from course_utils import checks\n",
                "if True: from course_utils.checks.mini import check_double_of_one\n",
            )
        ),
        (
            "from tests.checks.mini",
            "from tests.checks.other",
            "line 19, cell test_double_hidden: .*this cell may import 'from tests.checks.mini'",
        ),
        (
            "import numpy as np\n",
            "import numpy as np\n\nTOLERANCE = 1e-3\n",
            "line 18, cell test_double_hidden: defines 'TOLERANCE', which other cells define otherwise",
        ),
        (
            "import numpy as np\n",
            "import math as np\n",
            "cell test_double_hidden: defines 'np', which other cells define otherwise",
        ),
        ("import numpy as np\n", "from . import numpy as np\n", "line 5.*not found .attempted relative"),
        (
            "print(double(",
            "print(check_double_is_additive, double(",
            "line 24.*uses 'check_double_is_additive', which students do not have",
        ),
        (
            "import check_double_of_one\n",
            "import check_double_of_one\n# Hidden checks look at: sums.\n### BEGIN HIDDEN TESTS\n"
            "from tests.checks.mini import check_double_is_additive\n### END HIDDEN TESTS\n"
            "check_double_is_additive(double)\n",
            "cell test_double: uses 'check_double_is_additive', which students do not have",
        ),
    ],
)
def test_build_refuses(mini, old, new, complaint):
    edit(mini, old, new)
    with pytest.raises(LessonError, match=r"lesson\.py.*" + complaint):
        build(mini)


@pytest.mark.parametrize(
    ("module", "old", "new", "complaint"),
    [
        (
            "solutions",
            "    ### BEGIN SOLUTION\n",
            "    ### BEGIN SOLUTION\n" * 2,
            "follow each other in pairs",
        ),
        ("solutions", "    twice", "    ### BEGIN HIDDEN TESTS\n    twice", "does not belong in this cell"),
        (
            "tests/checks",
            "    assert",
            "    ### END HIDDEN TESTS\n    assert",
            "must follow each other in pairs",
        ),
        (
            "tests/checks",
            "    assert",
            "    from solutions.mini import double\n    assert",
            "must not import",
        ),
        ("tests/checks", "import numpy as np", "import numpyy as np", "'import numpyy as np': not found"),
        ("tests/checks", "1e-12\n", "1e-12\nTOLERANCE *= 2\n", "line 6: defines 'TOLERANCE' a second time"),
        ("tests/checks", "1e-12\n", "1e-12\nnp.seterr()\n", "line 6: defines no name"),
        (
            "tests/checks",
            "TOLERANCE = 1e-12",
            "from course_utils.checks.mini import TOLERANCE",
            "course_utils/checks/mini.py defines no 'TOLERANCE'",
        ),
        (
            "tests/checks",
            "TOLERANCE = 1e-12",
            "from course_utils.checks.gone import TOLERANCE",
            "course_utils/checks/gone.py does not exist",
        ),
        (
            "tests/checks",
            "\n\ndef check_double_is_additive",
            "\n\ndef check_double_of_one(double):\n    pass\n\n\ndef check_double_is_additive",
            "check_double_of_one stands in .*course_utils/checks/mini.py and in .*tests/checks/mini.py",
        ),
        (
            "course_utils/checks",
            "import numpy as np",
            "import numpy as np\nfrom tests.checks import mini",
            "course_utils/checks/mini.py, line 4, imports tests, which students do not have",
        ),
    ],
)
def test_build_refuses_what_a_module_would_bring_along(mini, module, old, new, complaint):
    edit(mini, old, new, mini.root / module / "mini.py")
    with pytest.raises(
        LessonError, match=r"lesson\.py, line \d+, cell (test_)?double(_hidden)?: .*" + complaint
    ):
        build(mini)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(mini):
    before = build(mini)
    files = ("solutions/mini.py", "course_utils/checks/mini.py", "tests/checks/mini.py")
    for room in (*files, "source/01-mini/lesson.py"):
        path = mini.root / room
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert build(mini) == before


def test_build_refuses_a_solution_without_markers(mini):
    edit(mini, "    ### BEGIN SOLUTION\n", "", mini.root / "solutions" / "mini.py")
    with pytest.raises(
        LessonError, match="cell double: double in .*mini.py has no '### BEGIN SOLUTION' line"
    ):
        build(mini)


def test_build_refuses_an_undefined_name_in_a_solution(mini):
    edit(mini, "np.asarray(values)", "convert(values)", mini.root / "solutions" / "mini.py")
    with pytest.raises(LessonError, match="line 7, cell double: uses 'convert'"):
        build(mini)


def test_unknown_unit_is_named_with_the_known_ones(mini):
    with pytest.raises(LessonError, match="no unit '02-mini'. The units are: 01-mini"):
        find_units(mini.root, ["02-mini"])


def test_a_folder_that_is_not_named_like_a_unit_is_named(mini):
    mini.lesson.parent.rename(mini.root / "source" / "mini")
    with pytest.raises(LessonError, match="mini: name the folder of a unit like 02-explicit-als"):
        find_units(mini.root)


@pytest.mark.parametrize(
    ("source", "used", "defined"),
    [
        ("import a.b\nc = a.b.d(e)", {"e"}, {"a", "c"}),
        (
            "def f(x: T = d) -> U:\n    y = x + g\n    return [z + y for z in h]",
            {"T", "d", "U", "g", "h"},
            {"f"},
        ),
        ("class C(Base):\n    z = 1\n    def m(self):\n        return z2", {"Base", "z2"}, {"C"}),
        ("print(len([q for q in r if q]))", {"r"}, set()),
        ("try:\n    pass\nexcept E as e:\n    print(e)", {"E"}, {"e"}),
    ],
)
def test_names_of_code(source, used, defined):
    assert used_names(source) == used
    assert defined_names(source) == defined


def test_write_or_compare_writes_only_without_check(tmp_path):
    path = tmp_path / "made" / "file"
    assert not write_or_compare(path, "text", check=True) and not path.exists()
    assert not write_or_compare(path, "text", check=False) and path.read_text() == "text"
    assert write_or_compare(path, "text", check=True)


def test_command_names_stale_files_and_fails(mini, monkeypatch):
    monkeypatch.chdir(mini.root)
    run = CliRunner().invoke
    stale = run(app, ["build", "--check"])
    assert stale.exit_code == 1 and "source/01-mini/mini.ipynb: stale" in stale.output
    assert run(app, ["build"]).exit_code == 0
    unreleased = run(app, ["build", "--check"])
    assert unreleased.exit_code == 1 and "release/01-mini/mini.ipynb: stale" in unreleased.output
    assert run(app, ["release"]).exit_code == 0
    fresh = run(app, ["build", "--check"])
    assert fresh.exit_code == 0, fresh.output


def test_the_course_is_fresh(monkeypatch):
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, ["build", "--check"])
    assert result.exit_code == 0, result.output
