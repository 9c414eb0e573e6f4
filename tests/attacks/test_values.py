"""Values of a few bytes that stand for more than a machine can hold, once somebody computes with them."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from grader.examiner.decoded_size import check_extent
from grader.run.own_memory import limit_own_memory
from grader.values.decoder import Decoder
from grader.values.encoder import Encoder
from grader.values.frames import WireError
from grader.values.memory import NotPlain
from tests.conftest import ROOT

LIMIT = 10**6
TEXT = "x" * 10_000
LIST = [TEXT]
TOO_LARGE = {
    "a text": "x" * 300_000,
    "a text in a list, often": [LIST] * 30,
    "a text, often": [TEXT] * 30,
    "a text in lists of lists": [[LIST] * 6] * 6,
    "one long text among short ones": [TEXT, *["y"] * 60],
    "one long text among numbers": (TEXT, *range(60)),
    "one long text among short ones, in rows": [[TEXT], *[["y"]] * 60],
    "one long text among keys": dict.fromkeys([TEXT, *map(str, range(60))]),
    "one long text among short ones that occur often": [["y"] * 10] * 6 + [[TEXT] * 10],
    "texts as keys": {"k" * 1000 + str(n): n for n in range(300)},
    "a path": pathlib.PurePosixPath("/".join(["x" * 100] * 3000)),
    "whole numbers": [[10**3500] * 10] * 100,
    "a column of text": pd.Series([TEXT] * 30),
    "a table of text": pd.DataFrame({"a": ["y"] * 60, "b": [TEXT, *["y"] * 59]}),
    "an index of text": pd.Index([TEXT] * 30),
    "a table's columns": pd.DataFrame([range(30)], columns=[TEXT + str(n) for n in range(30)]),
    "an array of text": np.array([TEXT] * 30),
    "a type of array": np.dtype("U400000"),
    "an array": np.broadcast_to(1.0, (400, 400)),
    "a tensor": torch.ones(1).expand(600, 600),
    "a range": range(10**9),
    "a matrix of nothing": sparse.csr_array((500_000, 1)),
    "an array in a list, often": [[np.ones(1000)] * 20] * 20,
    "a table in a list, often": [[pd.DataFrame({"a": np.ones(1000)})] * 20] * 20,
}


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_the_students_side_does_not_send_it(kind: str):
    with pytest.raises(NotPlain, match="more than 1 MB"):
        Encoder(limit=LIMIT).node(TOO_LARGE[kind])


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_the_examiner_does_not_take_it(kind: str):
    """Sent by a process that does not count, or counts in another way."""
    careless = Encoder(limit=10**12)
    node = careless.node(TOO_LARGE[kind])
    blocks = [bytearray(segment.bytes) for segment in careless.segments()]
    with pytest.raises((WireError, NotPlain), match="more than 1 MB"):
        Decoder(blocks, limit=LIMIT).value(node)


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_an_argument_that_grew_and_is_referred_to_is_counted_alike(kind: str):
    with pytest.raises(WireError, match="more than 1 MB"):
        check_extent([TOO_LARGE[kind]], LIMIT)


def test_what_a_check_passes_is_no_matter():
    check_extent([[np.ones(10), len, {"f": print}, "text", object()]], LIMIT)
    with pytest.raises(WireError, match="holds itself"):
        itself: list = []
        itself.append(itself)
        check_extent([itself], LIMIT)


def test_honest_text_passes():
    titles = [f"Title {n} (1999)" for n in range(10_000)]
    encoder = Encoder(limit=256 * 2**20)
    encoder.node({"titles": titles, "table": pd.DataFrame({"title": titles}), "all": " ".join(titles)})
    encoder.node([titles, pd.DataFrame({"title": titles}), " ".join(titles)])


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux")
def test_a_worker_gets_a_memory_error_before_the_machine_has_none_left():
    program = """
import numpy as np
from grader.run.own_memory import limit_own_memory
assert limit_own_memory(10**9)
np.ones(10**7)
try:
    np.ones(10**9 // 7)
except MemoryError:
    print("refused")
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "refused\n", run.stderr


def test_a_machine_whose_gpu_reserves_addresses_is_let_be(monkeypatch, tmp_path):
    monkeypatch.setattr("grader.run.own_memory._GPU", tmp_path)
    assert limit_own_memory() is False
