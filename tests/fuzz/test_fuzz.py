"""The inputs that are kept are read without harm, and so are some seconds' worth of new ones."""

from __future__ import annotations

import sys
import warnings
from collections import Counter

import pytest

from tests.fuzz.__main__ import of_corpus, of_new_inputs
from tests.fuzz.inputs import corpus
from tests.fuzz.targets import TARGETS
from tests.fuzz.watch import MOST_GROWTH, watched

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the time limit is one of POSIX")
SECONDS = 20


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("target", TARGETS)
def test_the_corpus(target: str) -> None:
    assert len(corpus(target)) >= 10
    assert not of_corpus([target], Counter())


def test_new_inputs() -> None:
    tried: Counter[str] = Counter()
    assert not of_new_inputs(list(TARGETS), SECONDS, 0, tried)
    assert set(tried) == set(TARGETS), tried


def _spin(_: bytes) -> None:
    while True:
        pass


def test_a_crash_a_hang_and_growth_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = {
        "ZeroDivisionError": lambda content: 1 / 0,
        "more than 0.2 s": _spin,
        "memory grew": lambda content: b"x" * (MOST_GROWTH + 2**24),
    }
    for said, read in reads.items():
        # To take much memory takes a while where the machine is busy.
        monkeypatch.setattr("tests.fuzz.watch.MOST_SECONDS", 0.2 if said == "more than 0.2 s" else 60)
        finding = watched("any", read, b"input")
        assert finding and said in finding.what and finding.input == b"input"
    assert watched("any", len, b"input") is None
