"""Is right work safe under every seed? `python -m tests.seeds UNIT --seeds N` tries those of many hand-ins.

`make test` tries twenty. After a change of a hidden check, try 200 for its unit, and some thousands with
``--reference`` alone: a rare coincidence in drawn data would cost an honest student points.
"""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections.abc import Iterator

from tests.verdicts import UNITS, checks_by_exercise, draws, exercises, right_work, verdict

BITS = 31  # of a submission's seed; see grader.hidden_seeds


def unfair(unit: str, seeds: list[int], reference_alone: bool) -> Iterator[str]:
    """A sentence for each check that rejects right work."""
    for exercise in exercises(unit):
        works = right_work(unit, exercise)
        if reference_alone:
            works = {"the reference": works["the reference"]}
        for check in checks_by_exercise(unit)[exercise]:
            for name, implementation in works.items():
                for seed in seeds if draws(check) else [None]:
                    said = verdict(unit, check, exercise, implementation, seed)
                    if said is not None:
                        yield f"{check.__name__}, {name}, seed {seed}: {said}"


def main() -> None:
    """Print what is unfair; the exit code is 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("units", nargs="*", metavar="UNIT", help=f"of {', '.join(UNITS)}; all by default")
    parser.add_argument("--seeds", type=int, default=200, help="how many; 200 by default")
    parser.add_argument("--reference", action="store_true", help="the reference alone, no alternatives")
    options = parser.parse_args()
    if unknown := set(options.units) - set(UNITS):
        parser.error(f"no unit {', '.join(sorted(unknown))}: choose of {', '.join(UNITS)}")
    seeds = random.Random(options.seeds).sample(range(2**BITS), options.seeds)
    warnings.simplefilter("error")
    failures = 0
    for unit in options.units or UNITS:
        for sentence in unfair(unit, seeds, options.reference):
            failures += 1
            print(f"{unit}: {sentence}", flush=True)
        print(f"{unit}: {options.seeds} seeds tried", flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
