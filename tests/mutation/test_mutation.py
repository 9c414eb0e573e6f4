"""Does the machine that makes mutants find what the checks let through?"""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from solutions.wrmf import is_best_list, recall_at_k
from tests.conftest import ROOT
from tests.mutation.edits import mutants_of
from tests.mutation.equivalent import equivalents
from tests.mutation.record import Record, key_of
from tests.mutation.survey import cases_of
from tests.mutation.trial import CRASH, SURVIVED, TIME_OUT, Trial
from tests.verdicts import UNITS, exercises

SOURCE = '''
def f(a: int, n: int = 3) -> int:
    """Text that stays."""
    b = np.sort(a, kind="stable").copy()
    if n > 0 and len(a) == n:
        b[1:n] += 2.5 * np.zeros(n, dtype=float)
    for i in range(n):
        b = g(a, b)
    if not b.any():
        raise ValueError(f"{n} zeros")
    c = b[0] - 1e-9
    return b.sum(axis=0), np.searchsorted(a, b, side="left")
'''


@pytest.mark.parametrize(
    "new",
    [
        *('np.sort(a).copy()', 'np.sort(a, kind="quicksort").copy()', 'np.sort(a, kind="stable")\n'),
        *("n >= 0 and", "n <= 0 and", "n > 1 and", "n > 0 or", "if n > 0:", "len(a) != n", "if True:"),
        *("b[2:n]", "b[:n]", "b[1:]", "b[1:n + 1]", "b[1:n - 1]", "] -= 2.5", "] = 2.5", "+= 3.5 *", "5.0 *"),
        *("2.5 / np", "dtype=np.float32", "np.zeros(n)", "np.ones(n", "+= np.zeros", "+= 2.5\n"),
        *("range(1, n)", "range(n - 1)", "g(b, a)", "g(a)", "b = a\n", "if b.any()", "b.all()"),
        *("axis=1", "b.sum(),", "b.mean(axis", 'side="right"', "searchsorted(a, b)", "searchsorted(b, a"),
        *("return (np.searchsorted", "b[1] - 1e-09", "c = b[0]\n"),
    ],
)  # fmt: skip
def test_every_kind_of_edit_is_made(new):
    sources = [mutant.source.replace("'", '"') for mutant in mutants_of(SOURCE)]
    assert any(new in source for source in sources), new


@pytest.mark.parametrize("new", ["b[-1]", "2e-09", "--1e-09", "any_"])
def test_some_edits_make_the_same_function_and_are_not_made(new):
    assert not any(new in mutant.source for mutant in mutants_of(SOURCE))


def test_the_number_that_is_returned_may_be_numpys():
    changed = {mutant.new for mutant in mutants_of("def f(a):\n    return float(np.sum(a))")}
    assert changed == {"pass", "return float(np.mean(a))", "return float(a)"}


def test_a_mutant_is_one_edit_that_python_reads_and_is_made_once():
    mutants = mutants_of(SOURCE)
    assert len({mutant.source for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        compile(mutant.source, "", "exec")
        assert mutant.old != mutant.new and "Text that stays" not in mutant.source
        assert "def f(a: int, n: int=3) -> int:" in mutant.source, "the signature is given"
    lines = {mutant.old: mutant.line for mutant in mutants}
    assert lines["for i in range(n):"] == 7


def test_what_an_error_says_is_changed_on_demand():
    source = 'def f(n):\n    raise ValueError(f"line {n + 1}")'
    assert {mutant.new for mutant in mutants_of(source)} == {"pass"}
    assert "line {n + 2}" in "".join(mutant.source for mutant in mutants_of(source, messages=True))


def check_recall_at_k_planted(recall_at_k):
    """A check that is blind to k above the number of relevant items."""
    assert recall_at_k([1, 2], [1, 3, 4], 2) == 0.5, "one of two"


@pytest.fixture(scope="module")
def trial():
    return Trial("wrmf", "recall_at_k", [check_recall_at_k_planted], recall_at_k)


def test_a_planted_survivor_is_found(trial):
    said = {m.new: trial.judge(m.source, recall_at_k) for m in mutants_of(inspect.getsource(recall_at_k))}
    blind = "return len(set(ranked[:k]) & set(relevant)) / k"
    seen = "return len(set(ranked[:k]) | set(relevant)) / min(k, len(relevant))"
    assert said[blind] == SURVIVED and said[seen] == check_recall_at_k_planted.__name__
    assert {case.mutant.new for case in cases_of("wrmf", "recall_at_k")} >= {blind, seen}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("while True: pass", TIME_OUT),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", CRASH),
        ("return b'0' * (8 << 30)", check_recall_at_k_planted.__name__),
        ("print('noise'); return 0.5", SURVIVED),
        ("raise NotImplementedError", check_recall_at_k_planted.__name__),
    ],
)
def test_whatever_a_mutant_does_the_machine_goes_on(trial, body, said, capfd):
    trial.seconds = 0.3
    source = f"def recall_at_k(ranked, relevant, k):\n    {body}\n"
    assert trial.judge(source, recall_at_k) == said
    assert capfd.readouterr() == ("", "")


def test_a_check_that_rejects_the_reference_is_an_error():
    def check_recall_at_k_wrong(recall_at_k):
        raise AssertionError("never content")

    with pytest.raises(AssertionError, match="check_recall_at_k_wrong rejects the reference: never content"):
        Trial("wrmf", "recall_at_k", [check_recall_at_k_wrong], recall_at_k)


def test_a_run_that_was_broken_off_goes_on_and_a_change_makes_verdicts_stale(tmp_path):
    key = key_of("is_best_list", "the reference", inspect.getsource(is_best_list))
    record = Record("wrmf", tmp_path)
    assert record.verdict(key) is None and record.witness(key) == ""
    record.keep(key, "check_a")
    with record.path.open("a", encoding="utf-8") as file:
        file.write('\n["half a li')
    again = Record("wrmf", tmp_path)
    assert again.verdict(key) == "check_a"
    again.keep("another", "check_b")
    assert Record("wrmf", tmp_path).verdict("another") == "check_b"
    again.state = "another"
    assert again.verdict(key) is None and again.witness(key) == "check_a"


def test_of_a_sample_of_all_mutants_none_survives_without_a_reason():
    command = [sys.executable, "-m", "tests.mutation", "--sample", "35"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 survive: 100.00 %" in done.stdout


def test_what_is_listed_as_equal_is_a_mutant():
    units = {f"{unit}.{exercise}" for unit in UNITS for exercise in exercises(unit)}
    assert {exercise for exercise, *_ in equivalents()} <= units
    made = {case.edit for exercise in exercises("wrmf") for case in cases_of("wrmf", exercise)}
    listed = {edit for edit in equivalents() if edit[0].startswith("wrmf.")}
    assert listed and listed <= made, listed - made


@pytest.mark.parametrize(
    "text", ["+ pass\n", "# why\n@@ a.b, c, line 1\n* pass\n", "@@ a.b, c, line 1\n+ x\n"]
)
def test_an_edit_without_a_reason_or_a_place_is_refused(tmp_path, text):
    path = tmp_path / "equivalent.diff"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="equivalent.diff, line [123]: "):
        equivalents(path)
