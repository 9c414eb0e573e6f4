"""Which survivors are the same function as the one that they are a mutant of, and why?

By unit and exercise, then by the reason, the edits: what was changed (the reference, or an alternative of
tests/mutants/), the line as it was, and as the mutant has it; as ``python -m tests.mutation`` prints them.
"""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str], dict[str, set[tuple[str, str, str]]]] = {}
