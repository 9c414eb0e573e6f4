"""What is learned by heart from the published data of hidden checks passes no check that draws others."""

from __future__ import annotations

import ast
import hashlib
import inspect
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.hidden_seeds import class_seed
from tests.mutants import load
from tests.verdicts import UNITS, checks_by_exercise, draws, exercises, modules_of, verdict

PUBLIC = 0  # the default of every `seed`, which everybody can read
PRIVATE = class_seed(b"of a class")
CASES = [(unit, exercise) for unit in UNITS for exercise in exercises(unit)]
# A model is an object with a state, and is not looked up in a table of arguments.
NO_TABLE = {"BiasedMF", "fit"}


class Memorising:
    """Answers as the reference does on arguments that it has met, and wrongly on all others.

    Parameters
    ----------
    reference, wrong : callable
        The two.
    """

    def __init__(self, reference: Callable, wrong: Callable) -> None:
        self._reference, self._wrong, self._met = reference, wrong, set()
        self.learns = True

    def __call__(self, *arguments: Any, **settings: Any) -> Any:
        key = _digest((arguments, settings))
        if self.learns:
            self._met.add(key)
        return (self._reference if key in self._met else self._wrong)(*arguments, **settings)


def _digest(arguments: Any) -> str:
    """Of all that a function could see in its arguments; a file by its contents."""
    return hashlib.sha256(pickle.dumps(_plain(arguments))).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, Path):
        return value.read_bytes()
    if isinstance(value, str) and value.endswith(".csv"):
        return Path(value).read_bytes()
    if hasattr(value, "indptr"):
        return [value.data.tobytes(), value.indices.tobytes(), value.indptr.tobytes(), value.shape]
    if isinstance(value, np.ndarray):
        return [value.dtype.str, value.shape, value.tolist() if value.dtype == object else value.tobytes()]
    if hasattr(value, "is_sparse"):
        dense = [value.indices(), value.values()] if value.is_sparse else [value.detach()]
        return [_plain(part.numpy()) for part in dense]
    if callable(value):
        return value.__qualname__
    return repr(value) if not hasattr(value, "to_csv") else value.to_csv()


def _wrong(unit: str, exercise: str) -> Callable:
    """The first of the known wrong implementations that no hidden check lets pass."""
    modules = modules_of(unit)
    reference = getattr(modules.solutions, exercise)
    for mutant in modules.mutants.MUTANTS[exercise].values():
        wrong = load(mutant, reference)
        if any(draws(c) and verdict(unit, c, exercise, wrong, PRIVATE) for c in hidden(unit, exercise)):
            return wrong
    raise AssertionError(f"no wrong {exercise} fails a hidden check that draws")


def hidden(unit: str, exercise: str) -> list[Callable]:
    return [each for each in checks_by_exercise(unit)[exercise] if each.__module__.startswith("tests.checks")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("unit", "exercise"), [case for case in CASES if case[1] not in NO_TABLE], ids=lambda each: each
)
def test_an_answer_learned_by_heart_passes_the_public_data_and_fails_those_of_a_class(unit, exercise):
    reference = getattr(modules_of(unit).solutions, exercise)
    student = Memorising(reference, _wrong(unit, exercise))
    checks = [each for each in hidden(unit, exercise) if not each.__name__.endswith("_memory")]
    for learns in (True, False):
        student.learns = learns
        for check in checks:
            assert verdict(unit, check, exercise, student, PUBLIC if draws(check) else None) is None, check
    assert any(verdict(unit, check, exercise, student, PRIVATE) for check in checks if draws(check))


TELLS = re.compile(r"[Ww]anted (?:[a-zA-Z ]{0,12})?[\[{]?-?\d+(?:\.\d\d|,? \d+)")


@pytest.mark.parametrize("unit", UNITS)
def test_no_sentence_tells_the_wanted_values_of_data_that_are_always_the_same(unit):
    """Of a check that does not draw no sentence shows ``wanted``; in none a wanted number is written out."""
    for exercise in exercises(unit):
        for check in hidden(unit, exercise):
            for sentence in _sentences(check):
                shown = {node.id for node in ast.walk(sentence) if isinstance(node, ast.Name)}
                written = "".join(
                    str(node.value) for node in ast.walk(sentence) if isinstance(node, ast.Constant)
                )
                assert draws(check) or "wanted" not in shown, f"{check.__name__} shows `wanted`"
                assert not TELLS.search(written), f"{check.__name__}: {TELLS.search(written)[0]}"


def _sentences(check: Callable) -> list[ast.expr]:
    """The messages of a check's assertions."""
    tree = ast.parse(inspect.getsource(check))
    asserted = [node.msg for node in ast.walk(tree) if isinstance(node, ast.Assert) and node.msg]
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc]
    return asserted + raised
