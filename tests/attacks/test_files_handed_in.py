"""Files that are meant to take the memory or the time of the one process that reads those of all students."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from time import process_time
from types import SimpleNamespace

import pytest

from grader.examiner.outputs import MAX_OF_NOTEBOOK, characters, plain_outputs
from grader.intake.catalogue import Catalogue, HandedOut, HandedOutCell
from grader.intake.errors import UnfitSubmission
from grader.intake.json_values import count_values
from grader.intake.submissions import Submission
from grader.intake.take_in import take_in
from tests.conftest import ROOT

MB = 10**6
CATALOGUE = Catalogue({"01": {"unit": HandedOut("01", "unit", (HandedOutCell("answer", "code", "", True),))}})
ANSWER = {"cell_type": "code", "source": "x", "metadata": {"nbgrader": {"grade_id": "answer"}}}


def hand_in(root: Path, files: dict[str, bytes]) -> Submission:
    folder = root / "submitted" / "eve" / "01"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return Submission("01", "eve", folder)


def notebook(metadata: str) -> bytes:
    """A notebook whose one cell has this as a part of its metadata."""
    return (
        json.dumps({"cells": [ANSWER]}).replace('"metadata": {', f'"metadata": {{"x": {metadata}, ').encode()
    )


HEAVY = {
    "empty lists": lambda n: "[" + "[]," * n + "0]",
    "objects": lambda n: "[" + '{"a":0},' * n + "0]",
    "nested": lambda n: "[" + ("[" * 200 + "]" * 200 + ",") * (n // 200) + "0]",
    "strings": lambda n: "[" + '"\\"ab",' * n + '""]',
    "keys": lambda n: "{" + ",".join(f'"{i}":{i}' for i in range(n)) + "}",
}


@pytest.mark.parametrize("kind", HEAVY)
def test_many_notebooks_that_are_within_the_bound_are_not_within_it_together(
    tmp_path: Path, kind: str, monkeypatch
):
    heavy = notebook(HEAVY[kind](60_000))
    submission = hand_in(tmp_path, {f"{number}.ipynb": heavy for number in range(20)})
    monkeypatch.setattr("grader.intake.choose.read_cells", lambda *_: pytest.fail("it was parsed"))
    with pytest.raises(UnfitSubmission, match="more than 1,000,000 values together"):
        take_in(submission, SimpleNamespace(ignore=[]), CATALOGUE)


@pytest.mark.skipif(sys.platform != "linux", reason="the count is one of Linux")
def test_heavy_notebooks_take_little_memory(tmp_path: Path):
    """Which of the bounds holds is not asked, but that 10 MB do not take some gigabytes."""
    for number, kind in enumerate(HEAVY):
        size = len(HEAVY[kind](1000)) / 1000
        hand_in(tmp_path / str(number), {"unit.ipynb": notebook(HEAVY[kind](int(10 * MB / size)))})
    program = f"""
import resource
from tests.attacks.test_files_handed_in import *
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for number in range({len(HEAVY)}):
    folder = Path({str(tmp_path)!r}) / str(number) / "submitted" / "eve" / "01"
    try:
        take_in(Submission("01", "eve", folder), SimpleNamespace(ignore=[]), CATALOGUE)
    except UnfitSubmission:
        pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 250 * MB, run.stdout


def some_value(rng: random.Random, depth: int = 0) -> object:
    texts = ["", "a,b", '"', "\\", '\\"', "[{", "ü\u2028", "\\\\", "\ud83d"]
    match rng.randrange(7 if depth < 4 else 4):
        case 0:
            return rng.choice(texts)
        case 1:
            return rng.choice([None, True, 1, -2.5])
        case 2 | 3:
            return "".join(rng.choices(texts, k=3))
        case 4 | 5:
            return [some_value(rng, depth + 1) for _ in range(rng.randrange(5))]
    return {rng.choice(texts) + str(n): some_value(rng, depth + 1) for n in range(rng.randrange(4))}


def values_in(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(values_in, inside))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_count_is_never_too_small_and_at_most_twice(seed: int, encoding: str, monkeypatch):
    monkeypatch.setattr("grader.intake.json_values._BLOCK", 7)
    rng = random.Random(seed)
    for _ in range(50):
        value = some_value(rng)
        text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
        found = count_values(text.encode(encoding, "replace"))
        assert values_in(value) <= found <= 2 * values_in(value)


@pytest.mark.parametrize("piece", [b'"', b'\\"', b"\\", b'"\\', b'",', b"[", b'\\\\"'])
def test_counting_takes_time_in_proportion(piece: bytes):
    times = []
    for times_as_much in (1, 2, 4):
        content = b'{"cells": "' + piece * (200_000 * times_as_much)
        began = process_time()
        count_values(content)
        times.append(process_time() - began)
    assert times[2] < 8 * times[0] + 0.1, times


def test_outputs_without_content_are_bounded_too():
    """A million empty outputs in as many cells would be a gigabyte in whoever reads the notebook."""
    empty = plain_outputs([{"output_type": "stream", "name": "stdout", "text": ""}], 1)
    assert MAX_OF_NOTEBOOK / characters(empty) < 50_001
