"""What is known already of a unit's mutants? A run that was broken off goes on from here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.conftest import ROOT

FOLDER = ROOT / "build" / "mutation"


class Record:
    """The verdicts on the mutants of a unit, a line each, in ``build/mutation/<unit>.jsonl``.

    A verdict holds while the solutions, the checks and the mutants of the unit are what they were. Then it
    says only which check to ask first.
    """

    def __init__(self, unit: str, folder: Path = FOLDER) -> None:
        self.path = folder / f"{unit}.jsonl"
        self.state = _state_of(unit)
        self._lines = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    key, state, said = json.loads(line)
                except ValueError:
                    continue  # half a line: the run was broken off there, and the mutant is tried again
                self._lines[key] = (state, said)

    def verdict(self, key: str) -> str | None:
        """The verdict on a mutant, if it still holds."""
        state, said = self._lines.get(key, ("", None))
        return said if state == self.state else None

    def witness(self, key: str) -> str:
        """The check at which the mutant died last time, if it did."""
        return self._lines.get(key, ("", ""))[1]

    def keep(self, key: str, said: str) -> None:
        """Write a verdict down, at once."""
        self._lines[key] = (self.state, said)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            # Its own line, whatever the run before left behind.
            file.write("\n" + json.dumps([key, self.state, said]))


def key_of(exercise: str, original: str, source: str) -> str:
    """A short name of a mutant that is the same in every run."""
    return hashlib.sha256(f"{exercise}\0{original}\0{source}".encode()).hexdigest()[:16]


def _state_of(unit: str) -> str:
    """A digest of all on which a verdict of this unit depends."""
    machinery = sorted((ROOT / "course_utils" / "checks").glob("*.py"))
    own = [ROOT / room / f"{unit}.py" for room in ("solutions", "tests/checks", "tests/mutants")]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in machinery + own)).hexdigest()[:16]
