"""Attacks in every third place change nothing for the others; how long they take, the benchmark shows."""

from __future__ import annotations

from pathlib import Path

from benchmarks.hostile_class import compare
from tests.needs import SANDBOX


@SANDBOX.mark
def test_a_class_with_attacks_in_it(tmp_path: Path) -> None:
    found = compare(tmp_path, 9, 2)
    assert len(found.attacks) == 3 and len(found.peaceful.results) == len(found.hostile.results) == 9
    assert len(found.peaceful.pages) == 9
    assert found.changed == []
    assert found.gained == []
