"""Calls of a student's functions and objects: results, changes in place, exceptions, and calls that fail."""

from __future__ import annotations

import select
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch

from grader.examiner.errors import CallFailed, StudentError
from grader.examiner.exchange import FORGED
from grader.examiner.limits import ExaminerLimits
from grader.examiner.outputs import MAX_PRINTED, plain_outputs
from grader.examiner.proxy import Remote
from grader.record import Flag


def test_a_result_is_what_the_function_returned(student):
    student.run("import numpy as np")
    double = student.defines("def double(x, *, times=2): return times * x, {'x': x}", "double")
    result, given = double(np.arange(3.0), times=3)
    assert np.array_equal(result, [0, 3, 6]) and np.array_equal(given["x"], [0, 1, 2])


def test_several_calls_are_made_in_turn_and_the_first_exception_ends_them(student):
    draw = student.defines(
        "def draw(seen, rng):\n    seen.append(rng.random())\n    return 1 / len(seen)", "draw"
    )
    seen, rng = [], np.random.default_rng(3)
    assert draw.in_turn([((seen, rng), {})] * 3) == (1, 1 / 2, 1 / 3)
    assert seen == np.random.default_rng(3).random(3).tolist()
    other: list[float] = []
    assert draw.in_turn([((seen,), {"rng": rng}), ((other,), {"rng": rng})]) == (1 / 4, 1)
    refuse = student.defines("def refuse(seen, x):\n    seen.append(x)\n    return 1 / (2 - x)", "refuse")
    with pytest.raises(ZeroDivisionError):
        refuse.in_turn([((other, x), {}) for x in (1, 2, 3)])
    assert other[1:] == [1, 2]


def test_as_many_results_come_as_calls_were_made(fresh_student):
    student = fresh_student()
    double = student.defines(
        "import gc\ndef double(x): return 2 * x\n"
        "driver = next(o for o in gc.get_objects() if type(o).__name__ == 'Driver')\n"
        "driver._operations['call'] = lambda body, request: (2,)",
        "double",
    )
    assert double(1) == 2
    with pytest.raises(CallFailed):
        double.in_turn([((1,), {}), ((1,), {})])
    assert student.session.log.flags == [FORGED]


def test_changes_in_place_come_back_and_views_stay_views(student):
    step = student.defines(
        "def step(X, u, rows):\n    X[u] += 1\n    rows.append(X[u].sum())\n    return X, X[u], X[u].copy()",
        "step",
    )
    table, rows = np.zeros((4, 3)), [7.0]
    whole, row, copy = step(table[1:], 2, rows)
    assert np.array_equal(table, [[0] * 3] * 3 + [[1] * 3]) and rows == [7.0, 3.0]
    table[3] = 5
    assert np.array_equal(row, [5, 5, 5]) and np.array_equal(copy, [1, 1, 1]) and whole.base is not None


def test_two_arguments_that_are_views_of_one_array_are_so_over_there(student):
    shift = student.defines("def shift(left, right): left[:] = right", "shift")
    line = np.arange(6.0)
    shift(line[:-1], line[1:])
    wanted = np.arange(6.0)
    wanted[:-1] = wanted[1:]
    assert np.array_equal(line, wanted)


def test_an_argument_that_must_not_be_written_to_cannot_be(student):
    write = student.defines("def write(x): x[0] = 1", "write")
    locked = np.zeros(2)
    locked.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        write(locked)
    assert not locked.any()


def test_sparse_matrices_tables_dicts_and_tensors_change_in_place(student):
    change = student.defines(
        "def change(R, table, book, U):\n"
        "    R.data[0] = 0\n    R.eliminate_zeros()\n"
        "    table['new'] = 1\n    table.drop(index=0, inplace=True)\n"
        "    book['b'] = R\n"
        "    U += 1",
        "change",
    )
    R = sp.csr_array(np.array([[1.0, 0, 2], [0, 3, 0]]))
    table, book, U = pd.DataFrame({"a": [4, 5]}), {"a": 1}, torch.zeros(2)
    change(R, table, book, U)
    assert np.array_equal(R.toarray(), [[0, 0, 2], [0, 3, 0]]) and R.nnz == 2
    pd.testing.assert_frame_equal(table, pd.DataFrame({"a": [5], "new": [1]}, index=[1]))
    assert book["b"] is R and torch.equal(U, torch.ones(2))


def test_changes_come_back_with_an_exception_too(student):
    half = student.defines("def half(x):\n    x[0] = 1\n    raise KeyError('gone')", "half")
    x = np.zeros(2)
    with pytest.raises(KeyError, match="^'gone'$"):
        half(x)
    assert x[0] == 1


def test_generators_go_on_where_the_student_left_them(student):
    draw = student.defines("def draw(rng): return rng.normal(size=3), rng.spawn(1)[0].random()", "draw")
    rng, twin = np.random.default_rng(4), np.random.default_rng(4)
    numbers, child = draw(rng)
    assert np.array_equal(numbers, twin.normal(size=3)) and child == twin.spawn(1)[0].random()
    assert rng.random() == twin.random() and rng.spawn(1)[0].random() == twin.spawn(1)[0].random()
    shuffle = student.defines(
        "import torch\ndef shuffle(g): return torch.randperm(9, generator=g)", "shuffle"
    )
    generator, twin = torch.Generator().manual_seed(3), torch.Generator().manual_seed(3)
    assert torch.equal(shuffle(generator), torch.randperm(9, generator=twin))
    assert torch.equal(torch.rand(2, generator=generator), torch.rand(2, generator=twin))


def test_a_temporary_file_is_there_for_the_student(student, tmp_path):
    read = student.defines("def read(path):\n    with open(path) as f: return str(path), f.read()", "read")
    file = tmp_path / "ratings.csv"
    file.write_text("a,b\n")
    for path in (file, str(file)):
        place, text = read(path)
        assert text == "a,b\n" and place != str(file) and Path(place).name == "ratings.csv"


def test_functions_of_the_notebook_and_of_the_check_can_be_arguments(student):
    student.defines("def twice(f, x): return f(f(x))\ndef add(x): return x + 1", "twice")
    seen = []
    assert student["twice"](student["add"], 3) == 5
    assert student["twice"](lambda x: seen.append(x) or student["add"](x), 3) == 5 and seen == [3, 4]
    with pytest.raises(ZeroDivisionError):
        student["twice"](lambda x: x / 0, 1)


def test_gradients_go_through_to_what_the_check_has_and_to_what_the_student_has(student):
    student.run("import torch")
    dot = student.defines("def dot(U, V): return (U * V).sum(dim=1)", "dot")
    U, V = torch.arange(6.0).reshape(3, 2).requires_grad_(), torch.full((3, 2), 2.0, requires_grad=True)
    slopes = torch.autograd.grad((dot(U, V) ** 2).sum(), (U, V))
    wanted = torch.autograd.grad(((U * V).sum(dim=1) ** 2).sum(), (U, V))
    assert all(map(torch.equal, slopes, wanted))
    with torch.no_grad():
        assert not dot(U, V).requires_grad
    Net = student.defines("class Net(torch.nn.Linear): pass", "Net")
    net = Net(2, 1)
    output = net(torch.ones(1, 2))
    assert output.requires_grad and net.training is True and net.weight.shape == (1, 2)
    assert torch.equal(torch.autograd.grad(dot(net.weight, U[:1]).sum(), U)[0][0], net.weight[0])
    net.load_state_dict({"weight": torch.zeros(1, 2), "bias": torch.ones(1)})
    assert net.eval().training is False and net(torch.ones(1, 2)).item() == 1.0
    assert {name for name, _ in net.named_parameters()} == {"weight", "bias"}


def test_a_check_that_counts_lines_counts_those_of_the_student(student):
    f = student.defines("def f(n):\n    for _ in range(n): pass\n    return n", "f")
    lines = 0

    def count(*_):
        nonlocal lines
        lines += 1
        assert lines < 5000, "for ever"
        return count

    def counted(n):
        before = sys.gettrace()
        sys.settrace(count)
        try:
            return f(n)
        finally:
            sys.settrace(before)

    assert counted(100) == 100
    with pytest.raises(AssertionError, match="for ever"):
        counted(10**9)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("raise ValueError('bad row 3')", ValueError, "bad row 3"),
        ("import numpy; numpy.linalg.inv(numpy.zeros((2, 2)))", np.linalg.LinAlgError, "Singular"),
        ("[][1]", IndexError, "out of range"),
        ("raise NotImplementedError", NotImplementedError, "^$"),
        ("b'\\xff'.decode()", UnicodeDecodeError, "can't decode"),
        ("class Own(LookupError): pass\n    raise Own('mine')", LookupError, "mine"),
        ("raise StopIteration(1)", Exception, "1"),
        ("import sys; sys.exit(3)", StudentError, "SystemExit: 3"),
        ("raise KeyboardInterrupt", StudentError, "KeyboardInterrupt"),
        ("f()", RecursionError, "recursion"),
    ],
)
def test_exceptions_are_of_the_same_kind_and_say_the_same(student, body, kind, said):
    f = student.defines(f"def f():\n    {body}", "f")
    with pytest.raises(kind, match=said) as caught:
        f()
    assert not isinstance(caught.value, StopIteration)
    assert caught.value.student_frames[0].startswith("Cell In[")


@pytest.mark.parametrize("name", ["CellTimeoutError", "KernelStopped"])
def test_no_exception_of_a_student_is_named_as_the_graders_own(student, name):
    f = student.defines(f"class {name}(AssertionError): pass\ndef f(): raise {name}('all is well')", "f")
    with pytest.raises(AssertionError, match="all is well") as caught:
        f()
    assert type(caught.value).__name__ == f"student's {name}"
    [output] = plain_outputs(student.run(f"raise {name}('all is well')"), 1)
    assert output.ename == f"student's {name}"


def test_what_is_not_plain_is_refused_with_a_sentence(student):
    f = student.defines("class Foo:\n    __eq__ = lambda s, o: True\ndef f(): return [Foo()]", "f")
    with pytest.raises(TypeError, match="f returned a `Foo`"):
        f()
    assert student["f"] != student["f"] and student["Foo"]() != 1
    with pytest.raises(TypeError):
        bool(student["Foo"]())
    hide = student.defines("def hide(book): book['x'] = Foo()", "hide")
    with pytest.raises(TypeError, match="left a `Foo`"):
        hide({})


def test_a_method_may_return_an_object_and_it_is_no_more_than_a_reference(student):
    Foo = student.defines("class Foo:\n    def me(self): return self", "Foo")
    me = Foo().me()
    assert isinstance(me, Remote) and type(me).__name__ == "Foo"


def test_objects_of_the_students_are_not_kept_without_end(fresh_student):
    student = fresh_student()
    Foo = student.defines("class Foo:\n    def some(self, n): return [Foo() for _ in range(n)]", "Foo")
    foo = Foo()
    for _ in range(3):  # what nobody holds any more is not counted
        assert len({*foo.some(9_000)}) == 9_000
    kept = foo.some(15_000)
    with pytest.raises(CallFailed, match="more than 20,000 objects"):
        kept += foo.some(9_000)
    assert student.session.log.flags == [FORGED]


def test_a_result_that_is_too_large_is_refused(fresh_student):
    student = fresh_student(reply_bytes=2**20)
    student.run("import numpy as np\nimport pandas as pd")
    f = student.defines("def f(n): return np.zeros(n)", "f")
    with pytest.raises(TypeError, match="f returned more than 1 MB of numbers"):
        f(200_000)
    assert len(f(100_000)) == 100_000
    # A few bytes can stand for as much, once somebody computes with them.
    for result in (
        *("np.broadcast_to(1.0, (1000, 1000))", "[np.zeros(1000)] * 1000", "range(10**30)"),
        *("pd.DataFrame(index=range(10**9))", "[(row := list(range(1000)))] + 300 * [row]"),
    ):
        with pytest.raises(TypeError, match="more than 1 MB"):
            student.defines(f"def f(): return {result}", "f")()
    assert student.session.log.flags == []


def test_arrays_of_one_cell_are_bounded_together(fresh_student):
    student = fresh_student(reply_bytes=2**20, cell_bytes=4 * 2**20)
    student.run("import numpy as np")
    hoard = student.defines("def hoard(keep, n):\n    for _ in range(n): keep(np.ones(2**16))", "hoard")
    kept = []
    hoard(kept.append, 7)
    student.session.begin_cell(student.session.whole.part(60))  # each cell has its own
    hoard(kept.append, 7)
    with pytest.raises(CallFailed, match="more than 4 MB came in one cell"):
        hoard(kept.append, 40)
    assert len(kept) == 14 and student.session.log.flags == [FORGED]


def test_a_call_without_end_is_stopped_and_the_process_goes_on(fresh_student):
    student = fresh_student(call=2, grace=20)
    f = student.defines("def f():\n    while True: pass\ndef g(): return 1", "f")
    with pytest.raises(CallFailed, match="f was stopped"):
        f()
    assert student.session.log.flags == [Flag.TIMEOUT]
    assert student["g"]() == 1


def test_a_call_that_finds_no_time_left_is_told_from_one_that_took_it_all(fresh_student):
    student = fresh_student(call=60, grace=20)
    f = student.defines("def f():\n    while True: pass", "f")
    student.session.begin_cell(student.session.whole.part(2))
    with pytest.raises(CallFailed, match="The time of this cell was over while f ran"):
        f()
    assert student.session.log.flags == [Flag.TIMEOUT]


DROPPED = {
    "while an object is taken away": """\
class Slow:
    def __del__(self):
        time.sleep(1.5)
def f():
    Slow()
    time.sleep(60)""",
    "while it forks": """\
import os
os.register_at_fork(after_in_parent=lambda: time.sleep(1.5))
def f():
    if os.fork() == 0:
        os._exit(0)
    while True: pass""",
    "while a callback of a weak reference runs": """\
import weakref
def f():
    found = set()
    kept = weakref.ref(found, lambda _: time.sleep(1.5))
    del found
    while True: pass""",
}


@pytest.mark.parametrize("when", DROPPED)
def test_an_interrupt_is_not_lost(fresh_student, when: str):
    student = fresh_student(call=0.5, grace=20)
    f = student.defines(f"import time\ndef g(): return 1\n{DROPPED[when]}", "f")
    started = time.monotonic()
    with pytest.raises(CallFailed, match="f was stopped"):
        f()
    assert time.monotonic() - started < 10
    assert student.session.log.flags == [Flag.TIMEOUT]
    assert student["g"]() == 1


STUBBORN = """\
def f():
    while True:
        try:
            while True: pass
        except BaseException: pass
"""


def test_a_call_that_cannot_be_interrupted_is_killed_and_later_ones_say_why(fresh_student):
    student = fresh_student(call=0.3, grace=0.3)
    f = student.defines(STUBBORN, "f")
    started = time.monotonic()
    for _ in range(2):
        with pytest.raises(CallFailed, match="f was stopped"):
            f()
    assert time.monotonic() - started < ExaminerLimits.call / 2


def test_the_death_of_the_process_is_told(fresh_student):
    student = fresh_student()
    f = student.defines("import os\ndef f(): os._exit(7)", "f")
    with pytest.raises(CallFailed, match="f ended the process.*code 7"):
        f()
    with pytest.raises(CallFailed, match="earlier call"):
        f()
    assert student.session.log.flags == [Flag.KERNEL_DIED]


# The student's code finds the connection and writes to it what the driver would write.
FIND = """\
import gc, json
driver = next(o for o in gc.get_objects() if type(o).__name__ == 'Driver')
ONE = {'t': 'tuple', 'v': [1]}
def forge(header, blobs=()):
    driver._write(header, blobs)
"""


@pytest.mark.parametrize(
    "forged",
    [
        "forge({'re': '0' * 32, 'result': ONE, 'n_segments': 0, 'inputs': {}})",
        "driver._writer.write(b'x' * 100)",
        "forge({'callback': 0, 're': driver._nonces[-1], 'body': None, 'grad': False})",
        "forge({'re': driver._nonces[-1], 'result': ONE | {'v': [{'t': 'pickle'}]}, 'n_segments': 0})",
        "forge({'re': driver._nonces[-1], 'result': ONE | {'v': []}, 'n_segments': 0})",
        "forge({'re': driver._nonces[-1], 'result': {'t': 'list', 'v': [1]}, 'n_segments': 0})",
        "forge({'re': driver._nonces[-1], 'error': {'type': 'X'}, 'n_segments': 0})",
        "forge({'re': driver._nonces[-1], 'result': ONE, 'changes': {'objects': {}, 'blocks': [9]}}, [b''])",
        "forge({'re': driver._nonces[-1], 'result': ONE, 'changes': {'objects': {'0': 5}, 'blocks': []}})",
    ],
)
def test_forged_answers_fail_the_call_and_are_flagged(fresh_student, forged):
    student = fresh_student()
    f = student.defines(f"{FIND}\ndef f():\n    {forged}\n    return 1", "f")
    with pytest.raises(CallFailed, match="no answer"):
        f()
    assert FORGED in student.session.log.flags


def test_an_answer_written_ahead_is_noticed(fresh_student):
    student = fresh_student()
    later = "import threading\n    threading.Timer(0.2, forge, [{'re': '0'}]).start()"
    f = student.defines(f"{FIND}\ndef f():\n    {later}", "f")
    f()
    assert select.select([student.room.reader], [], [], 30)[0], "it has not come"
    with pytest.raises(CallFailed, match="nobody had asked"):
        f()


def test_a_step_that_would_break_a_sparse_matrix_is_not_taken_over(fresh_student):
    student = fresh_student()
    f = student.defines("def f(R): R.indices[0] = 10**6", "f")
    R = sp.csr_array(np.eye(3))
    with pytest.raises(CallFailed, match="left broken"):
        f(R)
    assert np.array_equal(R.toarray(), np.eye(3))


def test_an_argument_many_times_over_is_too_large(fresh_student):
    x = np.ones(4000)
    sources = (
        "def f(rows, x): return [x] * 200_000",
        "def f(rows, x):\n    rows.append(x)\n    return [[rows] * 1000] * 1000",
        "def f(rows, x): rows += [rows, rows]",
    )
    for source, kind, said in zip(
        sources, (TypeError, CallFailed, CallFailed), ("256 MB", "content", "holds itself"), strict=True
    ):
        student = fresh_student()
        f = student.defines(source, "f")
        with pytest.raises(kind, match=said):
            f([], x)
    f = fresh_student().defines("def f(rows, x): return [rows, [x] * 5, x]", "f")
    rows = [x]
    got = f(rows, x)
    assert got[0] is rows and got[2] is x and all(each is x for each in got[1])


def test_words_of_one_cell_are_bounded_together(fresh_student):
    student = fresh_student()
    hoard = student.defines(
        "def hoard(keep):\n    for n in range(100):\n        keep(str(n) + 'x' * 5_000_000)",
        "hoard",
    )
    kept = []
    with pytest.raises(CallFailed, match="more than 1024 MB came in one cell"):
        hoard(kept.append)
    assert len(kept) < 20 and student.session.log.flags == [FORGED]


def test_what_calls_print_is_bounded_and_costs_nothing(student):
    speak = student.defines(
        "def speak(n):\n"
        "    print(n, 'x' * 10**6)\n"
        "    display({'text/html': 'y' * 10**6}, raw=True)\n"
        "    return n",
        "speak",
    )
    assert [speak(n) for n in range(200)] == list(range(200))
    printed = student.session.printed
    assert sum(len(text) for _, text in printed) == MAX_PRINTED and printed[1][1].startswith("1 xxx")


def test_what_lies_between_the_elements_of_an_argument_stays_here(fresh_student):
    student = fresh_student()
    student.run(f"import time\n{FIND}")
    f = student.defines(
        "def f(x):\n"
        "    place = {'dtype': '<f8', 'shape': [3], 'strides': [16], 'theirs': 0, 'offset': 8}\n"
        "    result = {'t': 'tuple', 'v': [{'t': 'array', 'v': place}]}\n"
        "    forge({'re': driver._nonces[-1], 'result': result, 'n_segments': 0})\n"
        "    time.sleep(1)",
        "f",
    )
    table = np.array([[1.0, 7], [2, 8], [3, 9], [4, 10]])
    assert not f(table[:, 0]).any()


def test_the_whole_of_an_argument_and_parts_of_it_are_views_of_it(student):
    parts = student.defines("def parts(x): return x[::-1], x[1:], x.T, x.reshape(-1)[2:4]", "parts")
    table = np.arange(6.0).reshape(3, 2)
    assert all(np.shares_memory(part, table) for part in parts(table))
    assert np.shares_memory(parts(table[:, 1])[1], table)
