"""The command ``python -m tests.fuzz``: the corpus, then new inputs for some minutes; what went wrong.

It ends with 1 if an input crashes its reader, takes more than five seconds or more than 256 MiB. Such inputs
are printed, and written to a folder: fix the fault, and add the input to tests/fuzz/corpus/.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import monotonic
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.inputs import INPUTS, corpus
from tests.fuzz.targets import TARGETS
from tests.fuzz.watch import Finding, watched

# Inputs of one target in a row.
ROUND = 100
SHOWN = 400  # bytes of an input on the terminal


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=0, help="the same inputs for the same seed")
    parser.add_argument("--target", choices=TARGETS, help="one of them alone")
    parser.add_argument("--input", type=Path, help="try the input in this file alone")
    asked = parser.parse_args(arguments)
    if asked.input and not asked.target:
        parser.error("--input wants a --target that reads it")
    targets = [asked.target] if asked.target else list(TARGETS)
    if asked.input:
        findings = [watched(asked.target, TARGETS[asked.target], asked.input.read_bytes())]
        return _report([each for each in findings if each], Counter({asked.target: 1}))
    tried: Counter[str] = Counter()
    findings = [*of_corpus(targets, tried), *of_new_inputs(targets, 60 * asked.minutes, asked.seed, tried)]
    return _report(findings, tried)


def of_corpus(targets: Iterable[str], tried: Counter[str]) -> list[Finding]:
    """What goes wrong with the inputs that are kept."""
    found = []
    for name in targets:
        for content in corpus(name).values():
            tried[name] += 1
            found.append(watched(name, TARGETS[name], content))
    return [each for each in found if each]


def of_new_inputs(targets: list[str], seconds: float, start: int, tried: Counter[str]) -> list[Finding]:
    """What goes wrong with new inputs, one of each kind of finding; ``tried`` counts them by target."""
    found: dict[tuple[str, str, str], Finding] = {}
    end = monotonic() + seconds
    for number in count(start * 10_000):
        for name in targets:
            if monotonic() >= end:
                return list(found.values())
            # Each has its turn, on a machine under load, too.
            turn = min(end, monotonic() + seconds / (2 * len(targets)))
            for each in _round(name, number, turn, tried):
                found.setdefault((name, each.place, each.what.split(":")[0]), each)
    raise AssertionError("the numbers do not end")


def _round(name: str, number: int, end: float, tried: Counter[str]) -> list[Finding]:
    findings = []

    # Nothing is made smaller: a hang would be run a hundred times for it.
    @seed(number)
    @settings(
        max_examples=ROUND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(INPUTS[name])
    def try_one(content: bytes) -> None:
        if monotonic() >= end:
            raise SkipTest  # it ends the round at once
        tried[name] += 1
        if finding := watched(name, TARGETS[name], content):
            findings.append(finding)

    with suppress(SkipTest):
        try_one()
    return findings


def _report(findings: list[Finding], tried: Counter[str]) -> int:
    for name, number in tried.items():
        print(f"{name:10}{number:8} inputs")
    if not findings:
        print("no crash, no hang, no growth")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    for number, each in enumerate(findings):
        path = folder / f"{each.target}-{number}"
        path.write_bytes(each.input)
        print(f"\n{each.target}: {each.what} ({each.place})\n  {each.input[:SHOWN]!r}")
        print(f"  python -m tests.fuzz --target {each.target} --input {path}")
    return 1


if __name__ == "__main__":
    # What libraries say about odd values is no finding.
    warnings.simplefilter("ignore")
    logging.disable()
    sys.exit(main())
