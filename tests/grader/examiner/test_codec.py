"""The wire format: values come back as they were, and nothing but plain data goes or comes."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_array

from grader.values.decoder import Decoder
from grader.values.encoder import Encoder
from grader.values.frames import WireError, frame, read_frame
from grader.values.generators import (
    BIT_GENERATORS,
    MAX_SPAWNED,
    STOCK,
    built_generator,
    generator_state,
    set_generator,
)
from grader.values.memory import NotPlain
from grader.values.sparse import SPARSE


def through(value):
    """Encode, send through a frame, and decode."""
    encoder = Encoder()
    node = encoder.node(value)
    segments = [segment.bytes for segment in encoder.segments()]
    data = memoryview(b"".join(bytes(piece) for piece in frame({"node": node}, segments)))
    position = 0

    def read(length):
        nonlocal position
        position += length
        assert position <= len(data)
        return bytearray(data[position - length : position])

    header, blobs = read_frame(read)
    assert position == len(data)
    return Decoder(blobs).value(header["node"])


def random_array(rng):
    """Any dtype, shape and order, with special values."""
    dtype = rng.choice(["?", "i1", "u8", "i4", "f2", "f4", "f8", "c16", "U3", "S2", "M8[s]", "m8[D]", ">f8"])
    shape = tuple(rng.integers(0, 4, size=rng.integers(0, 4)))
    array = rng.integers(0, 100, size=shape).astype(dtype)
    if array.dtype.kind == "f" and array.size:
        array.flat[0] = rng.choice([np.nan, np.inf, -0.0])
    if array.ndim and rng.random() < 0.5:
        array = array.T[:: rng.choice([-1, 1, 2])]
    return array


def random_value(rng, depth=0):
    kind = rng.integers(0, 9 if depth < 3 else 6)
    if kind < 5:
        numbers = [None, True, 2**100, -0.5, np.inf, "a\ud800é", "", np.float32(0.1), np.int64(-3), np.True_]
        return [*numbers, 3j, range(2, 9, 3), slice(1, None), np.datetime64("2020-01-01")][rng.integers(14)]
    if kind == 5:
        return random_array(rng)
    items = [random_value(rng, depth + 1) for _ in range(rng.integers(0, 4))]
    return [items, tuple(items), {f"key {number}": item for number, item in enumerate(items)}][kind - 6]


def same(one, other):
    if isinstance(one, np.ndarray | np.generic):
        return (
            type(one) is type(other)
            and (one.dtype, one.shape) == (other.dtype, other.shape)
            and one.tobytes() == other.tobytes()
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@pytest.mark.parametrize("seed", range(60))
def test_values_come_back_as_they_were(seed):
    value = [random_value(np.random.default_rng([seed, part])) for part in range(5)]
    assert same(through(value), value)


@pytest.mark.parametrize("name", SPARSE)
def test_sparse_matrices_keep_class_type_and_explicit_zeros(name):
    rng = np.random.default_rng(0)
    matrix = SPARSE[name](rng.integers(0, 2, size=(4, 6)) * rng.normal(size=(4, 6))).astype(np.float32)
    matrix.data[0] = 0
    got = through(matrix)
    assert type(got) is type(matrix) and got.dtype == np.float32 and got.nnz == matrix.nnz
    assert np.array_equal(got.toarray(), matrix.toarray())


@pytest.mark.parametrize("name", BIT_GENERATORS)
def test_a_generator_goes_on_where_it_was_and_has_the_same_children(name):
    rng = np.random.Generator(BIT_GENERATORS[name](5))
    rng.random(3), rng.spawn(2), rng.integers(5, dtype=np.int32)
    got = through(rng)
    assert np.array_equal(got.random(5), rng.random(5))
    assert got.spawn(1)[0].random() == rng.spawn(1)[0].random()


@pytest.mark.parametrize(("children", "followed"), [(MAX_SPAWNED, True), (999_999, False)])
def test_children_are_counted_as_long_as_making_them_is_cheap(children, followed):
    rng = np.random.default_rng(5)
    node = Encoder().node(rng)
    node["v"]["v"][3]["v"][3] = children
    set_generator(rng, Decoder([]).value(node))
    assert rng.bit_generator.seed_seq.n_children_spawned == (children if followed else 0)


@pytest.mark.parametrize(("name", "most"), STOCK.items())
def test_a_generator_draws_from_its_own_stock(name, most):
    def built(place):
        rng = np.random.Generator(BIT_GENERATORS[name](5))
        rng.random(3)
        state = generator_state(rng)
        inner = state["state"] if name == "Philox" else state["state"]["state"]
        inner["buffer_pos" if name == "Philox" else "pos"] = place
        return built_generator(state)

    for place in (0, most):
        built(place).random(10)
    for place in (most + 1, 10**8, -1, 1.0, True):
        with pytest.raises(ValueError, match="in stock"):
            built(place)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
def test_tensors_keep_layout_type_and_gradient():
    dense = torch.arange(6.0).reshape(2, 3).T.requires_grad_()
    dense.grad = torch.ones(3, 2)
    got = through(dense)
    assert torch.equal(got, dense) and got.requires_grad and torch.equal(got.grad, dense.grad)
    sparse = torch.tensor([[0.0, 2.0], [3.0, 0.0]]).to_sparse()
    got = through(sparse)
    assert (
        got.layout == torch.sparse_coo
        and got.is_coalesced()
        and torch.equal(got.to_dense(), sparse.to_dense())
    )
    got = through(sparse.to_sparse_csr())
    assert got.layout == torch.sparse_csr and torch.equal(got.to_dense(), sparse.to_dense())
    generator = torch.Generator().manual_seed(9)
    torch.rand(3, generator=generator)
    got = through(generator)
    assert got.initial_seed() == 9 and torch.equal(
        torch.rand(4, generator=got), torch.rand(4, generator=generator)
    )
    assert through(torch.int64) is torch.int64


def test_tables_keep_columns_types_and_index():
    table = pd.DataFrame(
        {
            "user": np.array([3, 1], dtype=np.int64),
            "when": np.array([5, 9], dtype="datetime64[s]"),
            "name": ["a", None],
            7: [True, False],
        },
        index=pd.Index([4, 2], name="row"),
    )
    pd.testing.assert_frame_equal(through(table), table)
    pd.testing.assert_series_equal(through(table["user"]), table["user"])
    pd.testing.assert_index_equal(through(table.columns), table.columns)


@pytest.mark.parametrize("kind", [float, str, ValueError, FileNotFoundError])
def test_classes_of_python_go_by_their_names(kind):
    assert through([kind]) == [kind]
    with pytest.raises(WireError):
        Decoder([]).value({"t": "type", "v": "Driver"})
    with pytest.raises(NotPlain, match="`type`"):
        through(type(kind.__name__, (kind,), {}))


def test_what_is_one_object_stays_one_and_what_shares_memory_goes_on_sharing_it():
    array = np.arange(12.0).reshape(3, 4)
    again, row, column, other = through([array, array, array[1], array[:, 2], array.copy()])[1:]
    row[2] = -1
    assert again[1, 2] == -1 == column[1] and other[1, 2] == 6
    assert not np.shares_memory(again, other)
    locked = np.arange(3)
    locked.flags.writeable = False
    assert not through(locked).flags.writeable


def test_memory_between_the_elements_does_not_travel():
    table = np.full((50, 2), 7.0)
    encoder = Encoder()
    encoder.node(table[:, 0])
    (segment,) = encoder.segments()
    assert np.count_nonzero(segment.bytes.view(np.float64)) == 50


CIRCLE: list = []
CIRCLE.append([CIRCLE])


class Foo:
    def __eq__(self, other):
        return True


class Liar(np.ndarray):
    def __eq__(self, other):
        return np.True_


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (Foo(), "Foo"),
        ([1, (2, Foo())], "Foo"),
        (np.array([1, None]), "dtype object"),
        (np.zeros(2, dtype=[("a", "f8")]), "dtype"),
        (pd.DataFrame({"a": [[1], [2]]}), "dtype object"),
        (torch.zeros(2, dtype=torch.bfloat16), "bfloat16"),
        (lambda: 1, "function"),
        (np, "module"),
        ([10**5000], "digits"),
        (CIRCLE, "list that holds itself"),
        (np.broadcast_to(0.0, (2**15, 2**15)), "512 MB"),
        (iter(int, 1), "items"),
        (np.zeros((2**40, 0)), "512 MB"),
        (csr_array((2, 2**40)), "512 MB"),
    ],
)
def test_what_is_not_plain_is_refused_by_name(value, named):
    with pytest.raises(NotPlain, match=named):
        through(value)


@pytest.mark.filterwarnings("ignore:the matrix subclass is not the recommended way")
def test_subclasses_become_what_they_are_subclasses_of():
    assert type(through(np.zeros(3).view(Liar))) is np.ndarray
    assert type(through(np.matrix([[1, 2]]))) is np.matrix
    Name = type("Name", (str,), {"__eq__": lambda self, other: True, "__hash__": str.__hash__})
    got = through([Name("a"), type("Items", (list,), {})([1]), type("Half", (float,), {})(0.5)])
    assert [type(item) for item in got] == [str, list, float] and got[0] != "b"
    assert isinstance(through(pathlib.Path("a/b")), pathlib.Path)


ONE = {"t": "array", "v": {"dtype": "<f8", "shape": [1], "segment": 0, "offset": 0, "strides": [8]}}


def part(**changes):
    return {"t": "array", "v": ONE["v"] | changes}


def ints(*values):
    return np.array(values, dtype=np.int64).tobytes()


@pytest.mark.parametrize(
    ("node", "memory"),
    [
        (part(shape=[2]), b"\0" * 8),
        (part(offset=-8), b"\0" * 8),
        (part(strides=[-8], shape=[2]), b"\0" * 16),
        (part(dtype="O"), b"\0" * 8),
        (part(dtype="<f8,<f8"), b"\0" * 16),
        # Of such strides some multiple is 0 again, and the others lead anywhere.
        (part(strides=[-(2**63)], shape=[3]), b"\0" * 24),
        (part(strides=[2**62], shape=[5]), b"\0" * 24),
        (part(strides=[2**62, 2**62], shape=[3, 3]), b"\0" * 24),
        (part(strides=[2**63 - 8]), b"\0" * 8),
        (part(shape=[0], offset=16), b"\0" * 8),
        (part(shape=[-1]), b"\0" * 8),
        (part(shape=[1, 1]), b"\0" * 8),
        ({"t": "pandas.frame", "v": [{"array": ONE["v"]}], "labels": {"t": "list", "v": [ONE]},
          "index": {"range": [0, 1, 1], "name": None}}, b"\0" * 8),
        ({"t": "pandas.series", "v": {"text": "object", "cells": {"t": "list", "v": [ONE]}}, "name": None,
          "index": {"range": [0, 1, 1], "name": None}}, b"\0" * 8),
        (part(dtype="?", strides=[1]), b"\2" * 8),
        (part(dtype="<U1", strides=[4]), b"\xff" * 8),
        (part(shape=[10**12], strides=[0]), b"\0" * 8),
        (part(shape=[2**15, 2**15], strides=[0, 0]), b"\0" * 8),
        ({"t": "tuple", "v": [part(shape=[2**25], strides=[0])] * 3}, b"\0" * 8),
        ({"t": "tuple", "v": [part(shape=[2**25], strides=[0]), *[{"t": "same", "v": 0}] * 2]}, b"\0" * 8),
        ({"t": "range", "v": [0, 10**30, 1]}, b""),
        ({"t": "list", "v": [{"t": "same", "v": 0}]}, b""),
        (part(dtype="S0", shape=[2**40], strides=[0]), b"\0" * 8),
        (part(shape=[0, 2**40], strides=[0, 0]), b""),
        (part(segment=1), b"\0" * 8),
        (part(theirs=0), b""),
        ({"t": "array", "v": {"dtype": "<f8", "shape": [1]}}, b""),
        ({"t": "scalar", "v": ONE["v"]}, b"\0" * 8),
        ({"t": "pickle", "v": "x"}, b""),
        ({"t": "name", "v": "os"}, b""),
        ({"t": "object", "v": 1}, b""),
        ({"t": "callback", "v": 0}, b""),
        ({"t": "file", "name": "x", "text": True, "content": ONE["v"]}, b"\0" * 8),
        ({"t": "same", "v": 4}, b""),
        ({"t": "given", "v": 0}, b""),
        ({"t": "dict", "v": [{"t": "list", "v": []}, 1]}, b""),
        ({"t": "dict", "v": [1]}, b""),
        ({"t": "list", "v": "abc"}, b""),
        ({"t": ["list"], "v": []}, b""),
        ({"v": []}, b""),
        ([1, 2], b""),
        ({"t": "generator", "v": {"t": "dict", "v": ["state", 1]}}, b""),
        ({"t": "torch.generator", "v": ONE["v"]}, b"\0" * 8),
        ({"t": "torch.load", "v": "x"}, b""),
        ({"t": "pandas.read_pickle", "v": "x"}, b""),
    ],
)  # fmt: skip
def test_forged_values_are_refused(node, memory):
    with pytest.raises(WireError):
        Decoder([bytearray(memory)]).value(node)


@pytest.mark.parametrize(
    ("indices", "indptr"),
    [
        ([9], [0, 1, 1]),
        ([-1], [0, 1, 1]),
        ([0], [0, 5, 1]),
        ([0], [0, 9, 0]),
        ([0], [1, 1, 1]),
        ([0], [0, 1]),
    ],
)
def test_a_sparse_matrix_that_would_lead_compiled_code_astray_is_refused(indices, indptr):
    def array(place, values):
        return {"dtype": "<i8", "shape": [len(values)], "segment": place, "offset": 0, "strides": [8]}

    memory = [bytearray(ints(1)), bytearray(ints(*indices)), bytearray(ints(*indptr))]
    arrays = [array(0, [1]), array(1, indices), array(2, indptr)]
    node = {"t": "sparse", "cls": "csr_array", "v": {"shape": [2, 3], "arrays": arrays}}
    with pytest.raises(WireError):
        Decoder(memory).value(node)


def test_nesting_without_end_is_refused_on_both_sides():
    deep: list = []
    for _ in range(60):
        deep = [deep]
    with pytest.raises(NotPlain, match="deep"):
        through(deep)
    node: object = None
    for _ in range(60):
        node = {"t": "tuple", "v": [node]}
    with pytest.raises(WireError):
        Decoder([]).value(node)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"MFX1" + (2**40).to_bytes(8, "little"),
        b"MFX1" + (4).to_bytes(8, "little") + b"nope",
        b"MFX1" + (2).to_bytes(8, "little") + b"[]",
        b"MFX1" + (13).to_bytes(8, "little") + b'{"blobs":[-1]',
        *(
            b"MFX1" + len(text).to_bytes(8, "little") + text
            for text in (json.dumps({"blobs": [2**50]}).encode(), b"[" * 100_000, b'{"blobs": [true]}')
        ),
    ],
)
def test_what_is_no_frame_is_refused(data):
    rest = memoryview(data)

    def read(length):
        nonlocal rest
        piece, rest = rest[:length], rest[length:]
        return bytearray(piece)

    with pytest.raises(WireError):
        read_frame(read)
