"""No attack gains a point, tells what is hidden, holds up the next submission or leaves anything behind."""

from __future__ import annotations

import numpy as np
import pytest

from grader.examiner.examine import Examined
from tests.attacks.answers import ANSWERS
from tests.attacks.conftest import Grader, Traces, Visitors, points
from tests.attacks.corpus import BREACH, HONEST, Attack
from tests.attacks.forgery import FORGERY
from tests.attacks.kernel import KERNEL
from tests.attacks.machine import MACHINE
from tests.attacks.snooping import SNOOPING
from tests.attacks.tampering import TAMPERING
from tests.attacks.unit import ANSWERS as RIGHT
from tests.attacks.unit import FULL, MARKER
from tests.grader.sandbox.talk import eventually

ALL = [
    attack
    for corpus in (TAMPERING, ANSWERS, SNOOPING, MACHINE, FORGERY, KERNEL)
    for attack in corpus.values()
]
NUMPY = {name: getattr(np, name) for name in ("allclose", "array_equal", "isclose", "random")}
# An honest submission may take this many times as long as before the attack, and a moment more.
SLOWER, MOMENT = 4, 3.0


def test_there_are_as_many_attacks_as_there_are_names():
    assert len({attack.name for attack in ALL}) == len(ALL) >= 170


@pytest.mark.parametrize(
    ("answer", "tests"),
    [
        ("double", {"test_double", "test_double_hidden", "test_share"}),
        ("twice", {"test_twice"}),
        ("scale", {"test_scale"}),
        ("shuffled", {"test_shuffled"}),
        ("rank_weight", {"test_rank_weight"}),
    ],
)
def test_what_a_fragment_defines_is_what_the_checks_call(answer: str, tests: set[str], grader: Grader):
    honest = Attack(answer, "Nothing: it is right.", RIGHT[answer], HONEST, False, False, False)
    gained = points(grader.run(honest))
    assert gained == {name: FULL[name] if name in {"test_triple", *tests} else 0.0 for name in FULL}


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
def test_an_attack_gains_nothing_and_leaves_nothing(
    attack: Attack, grader: Grader, traces: Traces, visitors: Visitors
):
    result = grader.run(attack)
    gained = points(result)
    assert set(gained) == set(FULL) and sum(gained.values()) <= attack.max_points, gained
    assert gained["test_triple"] == HONEST, "what was honestly earned before the attack is kept"
    if attack.flagged:
        assert result.flags, "an instructor has to see that something is odd"
    shown = shown_by_students(result)
    assert MARKER not in shown, "the hidden checks, or the grader's environment, have been read"
    assert BREACH not in shown, "something was reached that must not be"
    assert visitors.count == 0, "the network was reached"
    assert {name: getattr(np, name) for name in NUMPY} == NUMPY
    # What an attack left to hold others up would still be there; what else the machine does comes and goes.
    limit = SLOWER * grader.honest_seconds + MOMENT
    assert any(grader.time_of_an_honest_submission() < limit for _ in range(3)), "others were held up"
    assert eventually(lambda: not traces.left()), traces.left()


def shown_by_students(result: Examined) -> str:
    """The outputs of all cells."""
    return " ".join(str(cell.outputs) for cell in result.notebook.cells if cell.cell_type == "code")
