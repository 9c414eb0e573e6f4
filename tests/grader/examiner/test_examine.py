"""A notebook examined: whose cell runs where and when, what it puts out, and what is proved."""

from __future__ import annotations

import copy
import pickle

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.examiner.examine import Examined, examine
from grader.examiner.limits import ExaminerLimits
from grader.examiner.plan import given_imports, running_order, visible_definitions
from grader.record import Flag
from grader.steps.save_scores import judge
from tests.grader.examiner.plain_room import ForkedRoom
from tests.grader.run.conftest import answer_cell, cell, check_cell, delete, paste, source_cell, tiny_unit

HIDDEN_IMPORT = """\
import math

TWICE = 2

def check_double(double):
    assert double(3) == TWICE * 3, "Twice 3 is 6."
check_double(double)
### BEGIN HIDDEN TESTS
import json
secret = 1
### END HIDDEN TESTS"""


def official() -> nbformat.NotebookNode:
    return new_notebook(cells=tiny_unit())


def submission(double: str = "return 2 * x", credit: str = "return 3") -> nbformat.NotebookNode:
    nb = official()
    cell(nb, "double").source = "def double(x):\n    " + double.replace("\n", "\n    ")
    cell(nb, "credit").source = f"def credit():\n    {credit}"
    return nb


def examined(nb: nbformat.NotebookNode, unit=None, **limits: float) -> Examined:
    with ForkedRoom() as room:
        result = examine(nb, unit or official(), room, ExaminerLimits(**limits))
    nbformat.validate(result.notebook)
    return pickle.loads(pickle.dumps(result))


def points(result: Examined) -> dict[str, float]:
    """Points of each test cell, as the gradebook gets them."""
    cells = {
        each.metadata.nbgrader["grade_id"]: each
        for each in result.notebook.cells
        if "nbgrader" in each.metadata
    }
    return {
        name: judge(cells[name], run, float(cells[name].metadata.nbgrader["points"])).points
        for name, run in result.runs.items()
    }


def error(result: Examined, name: str) -> nbformat.NotebookNode:
    return next(each for each in cell(result.notebook, name).outputs if each.output_type == "error")


FULL = {"test_double": 2.0, "test_double_hidden": 3.0, "test_credit": 3.0}


def test_right_work_has_full_marks_and_the_notebook_is_left_as_it_was():
    nb = submission()
    before = copy.deepcopy(nb)
    result = examined(nb)
    assert points(result) == FULL and result.flags == () and nb == before
    assert [each.execution_count for each in result.notebook.cells[:-1]] == [1, 2, 3, 4, 5, 6]


def test_wrong_work_has_none_and_the_check_says_why():
    result = examined(submission("return 2 * abs(x)", "return 1.5"))
    assert points(result) == {"test_double": 2.0, "test_double_hidden": 0.0, "test_credit": 1.5}
    assert error(result, "test_double_hidden").evalue == "Twice -3 is -6, not 6."


def test_a_crash_shows_the_students_frame_and_an_untouched_cell_says_so():
    result = examined(submission("return x.twice", "raise NotImplementedError"))
    crash = error(result, "test_double")
    assert crash.ename == "AttributeError"
    assert any(entry.startswith("Cell In[2], line 2, in double") for entry in crash.traceback)
    assert error(result, "test_credit").ename == "NotImplementedError"


def test_a_name_that_the_notebook_does_not_define_is_a_name_error():
    nb = submission()
    cell(nb, "double").source = "1 / 0"
    result = examined(nb)
    assert error(result, "test_double").evalue == "name 'double' is not defined"
    assert error(result, "double").ename == "ZeroDivisionError"


def test_what_cells_and_checked_functions_put_out_is_kept():
    nb = submission("import sys; print('called with', x); print('careful', file=sys.stderr)\nreturn 2 * x")
    nb.cells.insert(1, new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('hello')\n3"))
    result = examined(nb)
    outputs = result.notebook.cells[1].outputs
    assert [each.output_type for each in outputs] == ["stream", "execute_result", "display_data"]
    assert outputs[0].text == "hello\n" and "image/png" in outputs[2].data
    printed = cell(result.notebook, "test_double").outputs
    assert [(each.name, each.text) for each in printed] == [
        ("stdout", "called with 1\n"),
        ("stderr", "careful\n"),
    ]
    assert points(result)["test_double"] == 2


def test_a_submission_cannot_choose_the_source_of_a_test_cell():
    nb = submission("return 0")
    cell(nb, "test_double").source = "pass"
    result = examined(nb)
    assert points(result)["test_double"] == 0 and "assert" in cell(result.notebook, "test_double").source


@pytest.mark.parametrize("new_place", [0, -1])
def test_a_test_cell_that_was_moved_runs_at_its_place(new_place):
    nb = submission()
    test = cell(nb, "test_double")
    nb.cells.remove(test)
    nb.cells.insert(new_place if new_place == 0 else len(nb.cells), test)
    nb.cells.append(new_code_cell("double = None"))
    assert points(examined(nb)) == FULL


def test_split_copied_and_extra_cells_cost_nothing():
    nb = submission("return helper(x)")
    paste(nb, "double", after="double", source="def helper(x):\n    return 2 * x")
    del nb.cells[2].metadata["nbgrader"]
    nb.cells.insert(0, new_code_cell("%%time\nsum(range(3))"))
    delete(nb, "imports")
    assert points(examined(nb)) == FULL


def test_the_order_is_the_submissions_own_where_it_does_not_matter():
    nb = submission()
    nb.cells.insert(4, new_code_cell("scratch = 1"))
    assert running_order(nb, official()) == [n for n, each in enumerate(nb.cells) if each.cell_type == "code"]


def test_slow_given_cells_are_left_out_and_graded_ones_never():
    nb = submission()
    nb.cells.insert(1, new_code_cell("print('slow')", metadata={"tags": ["slow"]}))
    cell(nb, "test_double").metadata["tags"] = ["slow"]
    result = examined(nb)
    assert result.notebook.cells[1].outputs == [] and points(result) == FULL


def test_what_visible_checks_import_and_define_is_there_for_the_students_later_cells():
    assert visible_definitions(HIDDEN_IMPORT).startswith("import math\nTWICE = 2\ndef check_double(double):")
    assert "json" not in visible_definitions(HIDDEN_IMPORT) and "secret" not in visible_definitions(
        HIDDEN_IMPORT
    )
    unit = official()
    cell(unit, "test_double").source = HIDDEN_IMPORT
    nb = submission(credit="return math.floor(3.9) if 'json' not in globals() else 0")
    result = examined(nb, unit)
    assert points(result) == FULL


def test_imports_of_given_cells_are_the_real_thing_for_test_cells():
    unit, nb = official(), submission("return 0 * x")
    for each in (unit, nb):
        cell(each, "imports").source = "import numpy as np"
    assert given_imports(unit) == {"np": "import numpy as np"}
    cell(unit, "test_double").source = "np.testing.assert_equal(double(1), 2)"
    nb.cells.insert(
        1, new_code_cell("np.testing.assert_equal = lambda *a: None\nclass np: testing = np.testing")
    )
    assert points(examined(nb, unit))["test_double"] == 0


def test_helpers_of_an_earlier_test_cell_see_the_student_as_later_cells_left_it():
    unit, nb = official(), submission()
    cell(unit, "test_double").source = "def helper(x):\n    return double(x)\nassert helper(1) == 2"
    cell(unit, "test_double_hidden").source = "assert helper(1) == 5"
    nb.cells.insert(3, new_code_cell("double = lambda x: 5"))
    assert points(examined(nb, unit)) == FULL


def test_time_limits_of_calls_cells_and_notebooks():
    result = examined(submission("while True: pass"), call=2, grace=20)
    assert error(result, "test_double").ename == "CellTimeoutError" and result.flags == (Flag.TIMEOUT,)
    assert points(result) == {"test_double": 0, "test_double_hidden": 0, "test_credit": 3}
    nb = submission()
    nb.cells.insert(0, new_code_cell("while True: pass"))
    result = examined(nb, cell=3, grace=20)
    assert result.notebook.cells[0].outputs[-1].ename == "CellTimeoutError" and points(result) == FULL
    result = examined(nb, total=3, grace=20)
    assert points(result) == dict.fromkeys(FULL, 0.0)
    assert "3 s in all" in result.runs["test_credit"].problem


def test_a_check_that_the_students_data_keep_busy_is_stopped():
    unit = official()
    cell(unit, "test_double").source = "n = double(1)\nwhile n:\n    n += 1"
    result = examined(submission(), unit, cell=4)
    assert points(result) == FULL | {"test_double": 0.0} and Flag.TIMEOUT in result.flags


def test_the_process_that_dies_takes_the_later_cells_with_it():
    nb = submission()
    nb.cells.insert(4, new_code_cell("import os\nos._exit(3)"))
    result = examined(nb)
    assert points(result) == {"test_double": 2, "test_double_hidden": 3, "test_credit": 0}
    assert result.flags == (Flag.KERNEL_DIED,) and "code 3" in result.runs["test_credit"].problem


def test_outputs_are_bounded_and_of_known_kinds():
    nb = submission()
    nb.cells.insert(0, new_code_cell("print('x' * 30_000_000)\nprint('end')"))
    nb.cells.insert(1, new_code_cell("for n in range(2000): display(n)"))
    nb.cells.insert(2, new_code_cell("display({'application/javascript': 'x', 'text/plain': 'y'}, raw=True)"))
    nb.cells.insert(3, new_code_cell("import os; os.system('yes | head -c 5000000')"))
    result = examined(nb)
    assert points(result) == FULL
    sizes = [sum(len(str(each)) for each in cell.outputs) for cell in result.notebook.cells[:4]]
    assert all(0 < size < 2_100_000 for size in sizes)
    assert dict(result.notebook.cells[2].outputs[0].data) == {"text/plain": "y"}


ATTACKS: dict[str, str] = {
    "input transformer that eats assertions": """
def eat(lines):
    return [line for line in lines if 'assert' not in line]
get_ipython().input_transformers_cleanup.append(eat)""",
    "AST transformer that drops assertions": """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Drop())""",
    "patched numpy.testing and allclose": """
import numpy, numpy.testing
numpy.allclose = numpy.array_equal = numpy.isclose = lambda *a, **k: True
numpy.testing.assert_allclose = lambda *a, **k: None""",
    "object that is equal to everything": """
class Equal:
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __rmul__ = __mul__ = lambda self, other: self
def double(x): return Equal()""",
    "array that is equal to everything": """
import numpy as np
class Equal(np.ndarray):
    __eq__ = lambda self, other: True
    __bool__ = lambda self: True
def double(x): return np.zeros(1).view(Equal)""",
    "full marks from the displayhook": """
def double(x):
    get_ipython().displayhook(2.0)
    return 0""",
    "a stub in place of modules": """
import sys, types
for name in ('numpy', 'math', 'grader', 'solutions', 'tests'):
    sys.modules[name] = types.ModuleType(name)""",
    "run_code that does nothing": """
type(get_ipython()).run_code = lambda *a, **k: False
get_ipython().run_cell = lambda *a, **k: None""",
    "exceptions for answers": """
def double(x): raise StopIteration
def credit(): raise SystemExit(0)""",
    "the driver answers what its owner likes": """
import gc
driver = next(o for o in gc.get_objects() if type(o).__name__ == 'Driver')
driver._operations['call'] = lambda body, request: None""",
    "a patched encoder": """
import sys
module = next(m for n, m in sys.modules.items() if n.endswith('values.encoder'))
module.Encoder.node = lambda self, value, depth=0: {'t': 'given', 'v': 0}""",
    "builtins replaced": """
import builtins
builtins.AssertionError = builtins.Exception = type('E', (BaseException,), {})
builtins.abs = builtins.len = lambda *a: 0""",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_gain_nothing(attack):
    unit, nb = official(), submission("return 0", "return 0")
    cell(unit, "test_credit").source = "assert credit() == 3"
    nb.cells.insert(5, new_code_cell(ATTACKS[attack]))
    nb.cells.insert(2, new_code_cell(ATTACKS[attack]))
    assert sum(points(examined(nb, unit)).values()) == 0


@pytest.mark.parametrize("value", ["float('nan')", "-1", "1e9", "True", "'3'", "(3,)", "[3]", "3j"])
def test_partial_credit_is_a_number_of_points_or_nothing(value):
    assert points(examined(submission(credit=f"return {value}")))["test_credit"] == 0


def test_written_answers_and_cells_of_other_units_are_no_test_cells():
    nb = submission()
    nb.cells += [
        answer_cell("why_not", 3),
        check_cell("test_other", "pass", 9),
        source_cell("other", "1", solution=True),
    ]
    result = examined(nb)
    assert points(result) == FULL | {"test_other": 0.0}


def test_outputs_of_a_whole_notebook_are_bounded(monkeypatch):
    monkeypatch.setattr("grader.examiner.examine.MAX_OF_NOTEBOOK", 7000)
    nb = submission()
    for _ in range(3):
        nb.cells.insert(0, new_code_cell("print('x' * 2000)"))
    result = examined(nb)
    assert points(result) == FULL
    said = [cell.outputs[0].text[:20] for cell in result.notebook.cells[:3]]
    assert said == ["x" * 20, "x" * 20, "[The outputs of this"]
