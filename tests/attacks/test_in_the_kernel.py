"""The attacks bite: where test cells run beside the student's code, they gain points.

Without this, a corpus of fragments that do nothing would be gained nothing by, too.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from grader.examiner.limits import ExaminerLimits
from grader.examiner.outputs import plain_outputs
from grader.examiner.session import Session
from grader.sandbox import BubblewrapSandbox
from tests.attacks.corpus import HONEST, Attack
from tests.attacks.test_attacks import ALL
from tests.attacks.unit import FULL, attacked, honest

BITING = [attack for attack in ALL if attack.gains_in_kernel]


def points_in_one_kernel(
    nb: NotebookNode, sandbox: BubblewrapSandbox, files: Mapping[str, bytes] | None = None
) -> float:
    """Run all cells, test cells included, in the student's process; points by nbgrader's own rule."""
    total = 0.0
    with sandbox.open(dict(files or {})) as room:
        session = Session(room, ExaminerLimits())
        for count, cell in enumerate(nb.cells, 1):
            raw = session.run_cell(cell.source, count)
            cell.outputs = plain_outputs(raw, count)
            if cell.id in FULL:
                score, _ = determine_grade(cell)
                total += score
    return total


def test_honest_and_wrong_answers_get_what_they_deserve(sandbox: BubblewrapSandbox):
    assert points_in_one_kernel(honest(), sandbox) == sum(FULL.values())
    assert points_in_one_kernel(attacked(""), sandbox) == HONEST


@pytest.mark.parametrize("attack", BITING, ids=lambda attack: attack.name)
def test_in_one_kernel_the_attack_gains_points(attack: Attack, sandbox: BubblewrapSandbox):
    assert points_in_one_kernel(attacked(attack.source), sandbox, attack.files) > attack.max_points
