"""From which seed does a hidden check draw its data?

A hidden check that draws says so by a parameter ``seed`` with a number as its default: that number is what
plain nbgrader uses. `course grade` puts the submission's own seed in its place. The same submission always
gets the same data, and another one others, so that nothing that a hand-in learns serves the next one.
"""

from __future__ import annotations

import ast
import hmac
import os
from collections.abc import Iterable, Mapping
from itertools import accumulate

from grader.markers import BEGIN_HIDDEN, END_HIDDEN

SEED = "seed"  # name of the parameter
_BITS = 31  # what NumPy's and PyTorch's generators take, with room for the seed after it


def submission_seed(key: bytes, sources: Iterable[str], files: Mapping[str, bytes]) -> int:
    """The seed of a submission.

    Parameters
    ----------
    key : bytes
        The course's (``grader.course_secret``).
    sources : iterable of str
        All code of the notebook that its student can change.
    files : mapping of str to bytes
        What the student's code finds beside the notebook: it could read its answers from there.
    """
    parts = [source.encode(errors="surrogatepass") for source in sources]
    named = [part for name in sorted(files) for part in (os.fsencode(name), files[name])]
    return _derived(key, b"submission", b"%d" % len(parts), *parts, *named)


def class_seed(key: bytes) -> int:
    """The seed of a whole class, for graders that know nothing of submissions' own seeds."""
    return _derived(key, b"class")


def _derived(key: bytes, *parts: bytes) -> int:
    mac = hmac.new(key, digestmod="sha256")
    for part in parts:  # with its length before each part, no two lists look alike
        mac.update(b"%d:" % len(part) + part)
    return int.from_bytes(mac.digest()[:4]) >> (32 - _BITS)


def with_seed(source: str, seed: str) -> str:
    """The source of a test cell whose hidden functions have another default for their ``seed``.

    Parameters
    ----------
    source : str
        The cell; functions outside of its hidden regions stay as they are.
    seed : str
        The default, as Python.

    Returns
    -------
    str
        The cell, line by line as before; unchanged if it is no plain Python.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    # ast counts columns in bytes, and lines as Python's grammar has them.
    lines = source.encode().split(b"\n")
    hidden = _hidden_lines(source)
    defaults = [
        default
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno in hidden
        for name, default in _defaults(node.args)
        if name == SEED and isinstance(default, ast.Constant) and type(default.value) is int
    ]
    for default in sorted(defaults, key=lambda node: node.col_offset, reverse=True):
        number = default.lineno - 1
        line = lines[number]
        lines[number] = line[: default.col_offset] + seed.encode() + line[default.end_col_offset :]
    return b"\n".join(lines).decode()


def _defaults(arguments: ast.arguments) -> Iterable[tuple[str, ast.expr | None]]:
    placed = [*arguments.posonlyargs, *arguments.args][-len(arguments.defaults) or None :]
    yield from ((each.arg, value) for each, value in zip(placed, arguments.defaults, strict=False))
    yield from (
        (each.arg, value) for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    )


def _hidden_lines(source: str) -> set[int]:
    """Numbers of the lines in hidden regions."""
    depth = accumulate((BEGIN_HIDDEN in line) - (END_HIDDEN in line) for line in source.split("\n"))
    return {number for number, inside in enumerate(depth, 1) if inside > 0}
