"""Which inputs are tried? Those of the corpus, changed here and there, and well-formed but odd ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from grader.values.decoder import _BUILD
from grader.values.frames import MAGIC
from grader.values.generators import BIT_GENERATORS
from grader.values.kinds import BUILTIN_TYPES
from grader.values.sparse import SPARSE
from tests.fuzz.targets import NONCE, WAYS

CORPUS = Path(__file__).parent / "corpus"
Strategy = st.SearchStrategy


def corpus(target: str) -> dict[str, bytes]:
    """The inputs that are kept, by name."""
    return {path.name: path.read_bytes() for path in sorted((CORPUS / target).iterdir())}


# --- The codec

NUMBERS: Strategy[Any] = st.one_of(
    st.integers(-3, 12),
    st.sampled_from([-(2**63), -1, 2**31, 2**32, 2**53, 2**62, 2**63 - 1, 2**63, 2**64, 10**400]),
    st.sampled_from([0.5, 1e308, float("inf"), float("nan"), True]),
)
TEXTS = st.one_of(st.text(max_size=6), st.sampled_from(["x" * 5000, "a", "re", "<U1000000", "\ud800"]))
LEAVES: Strategy[Any] = st.one_of(st.none(), NUMBERS, TEXTS)
DTYPES = st.sampled_from(
    [
        *("<f8", "<f4", "<i8", "|u1", "|b1", "<U2", "<U100000000", "|S3", "<M8[D]", "<m8[ns]", "<c16"),
        *("|O", "<f3", "<U0", "<M8[zz]", "<M8[0s]", "|V8", ">f2"),
    ]
)
LENGTHS = st.lists(st.one_of(st.integers(0, 4), NUMBERS), max_size=4)
MEMORY = st.fixed_dictionaries(
    {"dtype": st.one_of(DTYPES, LEAVES), "shape": LENGTHS},
    optional={
        "segment": st.integers(-1, 2),
        "theirs": st.integers(-1, 6),
        "strides": st.lists(st.one_of(st.sampled_from([0, 1, 4, 8, -8, 32]), NUMBERS), max_size=4),
        "offset": NUMBERS,
        "locked": st.booleans(),
    },
)
KINDS = st.sampled_from(
    [
        *(*_BUILD, "object", "name", "callback", "nothing"),
        *("torch.tensor", "torch.generator", "torch.dtype", "torch.x"),
        *("pandas.frame", "pandas.series", "pandas.index", "pandas.x"),
    ]
)
_CHOICES = st.sampled_from(
    [*BIT_GENERATORS, *list(BUILTIN_TYPES)[:12], "torch.float32", "strided", "coo", "csr", "object", "str"]
)


def _deeper(inner: Strategy[Any]) -> Strategy[Any]:
    some = st.lists(inner, max_size=4)
    column = st.one_of(
        st.fixed_dictionaries({"array": MEMORY}),
        st.fixed_dictionaries({"text": _CHOICES, "cells": inner}),
    )
    index = st.one_of(
        st.fixed_dictionaries({"range": st.lists(NUMBERS, min_size=3, max_size=3), "name": inner}),
        st.fixed_dictionaries({"values": column, "name": inner}),
    )
    state = st.fixed_dictionaries(
        {
            "bit_generator": _CHOICES,
            "state": st.dictionaries(st.sampled_from(["state", "inc", "pos", "key", "counter"]), inner),
            "has_uint32": NUMBERS,
            "uinteger": NUMBERS,
        },
        optional={"buffer_pos": NUMBERS, "buffer": inner},
    )
    parts = st.fixed_dictionaries({"shape": LENGTHS, "arrays": st.lists(MEMORY, max_size=3)})
    return st.one_of(
        some,
        st.fixed_dictionaries({"t": KINDS, "v": st.one_of(some, inner, MEMORY, LENGTHS, parts)}),
        st.fixed_dictionaries(
            {"t": KINDS},
            optional={
                "v": st.one_of(inner, MEMORY, column, st.lists(column, max_size=3), parts),
                "cls": st.sampled_from([*SPARSE, "dok_array"]),
                "labels": inner,
                "index": index,
                "name": inner,
                "layout": _CHOICES,
                "shape": LENGTHS,
                "coalesced": st.booleans(),
                "grad": st.booleans(),
                "leaf": st.booleans(),
                "keep": NUMBERS,
                "slope": inner,
                "type": TEXTS,
                "content": MEMORY,
                "text": inner,
            },
        ),
        st.builds(lambda found: {"t": "generator", "v": {"t": "dict", "v": ["state", found]}}, state),
    )


NODES: Strategy[Any] = st.recursive(st.one_of(LEAVES, MEMORY), _deeper, max_leaves=12)
PLACES = st.one_of(st.integers(-2, 14).map(str), TEXTS)
ERRORS = st.fixed_dictionaries(
    {
        "type": st.one_of(TEXTS, LEAVES),
        "bases": st.lists(
            st.sampled_from([f"builtins.{name}" for name in BUILTIN_TYPES] + ["x"]), max_size=3
        ),
        "message": st.one_of(TEXTS, LEAVES),
        "frames": st.lists(st.one_of(TEXTS, LEAVES), max_size=2),
    }
)
OUTPUTS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "x"])},
            optional={
                "name": st.sampled_from(["stdout", "stderr", "x"]),
                "text": st.one_of(TEXTS, NODES),
                "ename": TEXTS,
                "evalue": TEXTS,
                "traceback": st.lists(TEXTS, max_size=2),
                "data": st.one_of(
                    st.dictionaries(st.sampled_from(["text/plain", "image/png"]), TEXTS), NODES
                ),
            },
        ),
        NODES,
    ),
    max_size=3,
)
CHANGES = st.fixed_dictionaries(
    {
        "objects": st.one_of(st.dictionaries(PLACES, NODES, max_size=3), NODES),
        "blocks": st.one_of(st.lists(st.integers(-1, 8), max_size=3), NODES),
    }
)
HEADERS = st.fixed_dictionaries(
    {"re": st.just(NONCE)},
    optional={
        "result": NODES,
        "changes": st.one_of(CHANGES, NODES),
        "error": st.one_of(ERRORS, NODES),
        "printed": st.one_of(OUTPUTS, NODES),
        "outputs": st.one_of(OUTPUTS, NODES),
        "names": st.one_of(st.dictionaries(TEXTS, NODES, max_size=2), NODES),
        "inputs": st.one_of(st.dictionaries(PLACES, NUMBERS, max_size=3), NODES),
        "n_segments": NUMBERS,
        "torch_seed": NUMBERS,
        "callback": NUMBERS,
        "grad": st.booleans(),
        "body": NODES,
    },
)
BLOBS = st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([bytes(96), bytes(8) * 9])), max_size=3)


def framed(header: dict, blobs: list[bytes]) -> bytes:
    """A frame as a student's process may write it, whatever it says."""
    text = json.dumps(header | {"blobs": [len(blob) for blob in blobs]}).encode()
    return MAGIC + len(text).to_bytes(8, "little") + text + b"".join(blobs)


@st.composite
def replies(draw: Any) -> bytes:
    """A reply: made of all kinds of fields, or one of the corpus with one field of another."""
    header, blobs = draw(HEADERS), draw(BLOBS)
    if draw(st.booleans()):
        known = draw(st.sampled_from(list(corpus("codec").values())))
        length = int.from_bytes(known[4:12], "little")
        try:
            found = json.loads(known[12 : 12 + length])
        except ValueError:
            return known
        text = draw(edited(json.dumps(found).encode(), TOKENS["codec"]))
        rest = known[12 + length :]
        return MAGIC + len(text).to_bytes(8, "little") + text + rest
    return framed(header, blobs)


# --- Text of any kind

TOKENS: dict[str, list[bytes]] = {
    "codec": [
        *(b"null", b"-1", b"0", b"1e999", b"9" * 30, b'""', b"[]", b"{}", b"true", b'{"t":"same","v":0}'),
        *(b'{"t":"given","v":0}', b'{"t":"range","v":[0,9e18,1]}', b'"|O"', b"[0,0]", b",", b'"t"', b"NaN"),
    ],
    "notebook": [
        *(b'{"cells":[', b'"cell_type":', b'"source":', b'"metadata":{}', b'"nbgrader":', b"[[[[[[", b"null"),
        *(
            b"\\ud800",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\0",
            b"9" * 5000,
            b'"',
            b"\\",
            b"]}",
            b"1e400",
            b"<html>",
        ),
        *(b"<<<<<<< a\n", b"=======\n", b">>>>>>> b\n", b'"worksheets":[', b'"attachments":{"a":{"b":1}}'),
    ],
    "page": [
        *(
            b"<script>",
            b"<div>",
            b"<svg onload=1>",
            b"<!--",
            b"]]>",
            b"&lt",
            b"\x1b[31m",
            b"\x1b[",
            b"$",
            b"$$",
        ),
        *(
            b"\\frac{",
            b"{",
            b"}",
            b"\\begin{a}",
            b"![a](",
            b"[a]: ",
            b"](",
            b"`",
            b"|a|\n|-|\n",
            b"\n> ",
            b"* ",
        ),
        *(
            b"\xe2\x80\xae",
            b"\0",
            b"\r",
            b"a.",
            b"f'''{",
            b"\\\n",
            b"<math>",
            b"<table><tr>",
            b"data:image/png,",
        ),
    ],
}


@st.composite
def edited(draw: Any, known: bytes, tokens: list[bytes]) -> bytes:
    """Bytes with a few pieces cut out, doubled or put in."""
    made = bytearray(known)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(made)))
        to = min(at + draw(st.integers(0, 12)), len(made))
        match draw(st.integers(0, 3)):
            case 0:
                del made[at:to]
            case 1:
                made[at:to] = made[at:to] * draw(st.sampled_from([2, 3, 50]))
            case 2:
                made[at:to] = draw(st.sampled_from(tokens)) * draw(st.sampled_from([1, 1, 2, 200]))
            case _:
                made[at:to] = draw(st.binary(max_size=4))
    return bytes(made)


@st.composite
def notebooks(draw: Any) -> bytes:
    """A file that was handed in as a notebook."""
    if draw(st.booleans()):
        return draw(edited(draw(st.sampled_from(list(corpus("notebook").values()))), TOKENS["notebook"]))
    values = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner))
    cell = st.one_of(
        values,
        st.fixed_dictionaries(
            {},
            optional={
                name: st.one_of(values, TEXTS, st.sampled_from(["code", "markdown", "raw", "heading"]))
                for name in ("cell_type", "source", "input", "metadata", "id", "level", "outputs")
            }
            | {"attachments": st.dictionaries(TEXTS, st.dictionaries(TEXTS, values) | values)},
        ),
    )
    cells = st.lists(cell, max_size=5)
    sheets = st.lists(st.fixed_dictionaries({"cells": cells}) | values, max_size=2)
    made = draw(st.fixed_dictionaries({}, optional={"cells": cells | values, "worksheets": sheets}))
    text = json.dumps(made, ensure_ascii=draw(st.booleans()))
    return text.encode(draw(st.sampled_from(["utf-8", "utf-16"])), "surrogatepass")


@st.composite
def pages(draw: Any) -> bytes:
    """A text, and the way by which it comes to a page."""
    way = bytes([draw(st.integers(0, len(WAYS) - 1))])
    if draw(st.booleans()):
        return way + draw(edited(draw(st.sampled_from(list(corpus("page").values())))[1:], TOKENS["page"]))
    piece = b"".join(draw(st.lists(st.sampled_from(TOKENS["page"]) | st.binary(max_size=3), max_size=5)))
    return way + piece * draw(st.sampled_from([1, 2, 100, 3000]))


INPUTS: dict[str, Strategy[bytes]] = {"codec": replies(), "notebook": notebooks(), "page": pages()}
