"""Known wrong implementations (mutants) of each exercise, and other right ones (alternatives).

See docs/contributing.md for the form of the tables ``MUTANTS`` and ``ALTERNATIVES``.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import NamedTuple


@dataclass(frozen=True)
class Edit:
    """The reference's source with ``old``, which occurs exactly once, replaced by ``new``.

    ``headline`` marks what the exercise and its lesson are about: a visible check must tell.
    """

    old: str
    new: str
    says: str = ""
    headline: bool = False

    def source(self, reference: Callable) -> str:
        """Source of the wrong function; ValueError if ``old`` does not occur exactly once."""
        source = inspect.getsource(reference)
        count = source.count(self.old)
        if count != 1:
            raise ValueError(
                f"{self.old!r} occurs {count} times in {reference.__qualname__}, not once: correct the mutant"
            )
        return source.replace(self.old, self.new)


@dataclass(frozen=True)
class Whole:
    """A wrong function written out, for a misconception that no edit of the reference expresses."""

    function: Callable
    says: str = ""
    headline: bool = False

    def source(self, reference: Callable) -> str:
        """Source of the wrong function under the name of the reference."""
        return renamed_source(self.function, reference.__name__)


def renamed_source(function: Callable, name: str) -> str:
    """Source of ``function`` with its ``def`` (and calls of itself) renamed to ``name``."""
    return re.sub(rf"\b{re.escape(function.__name__)}\b", name, inspect.getsource(function))


def load(mutant: Edit | Whole, reference: Callable) -> Callable:
    """The wrong function, ready to be called, beside the other functions of the reference's module."""
    module = inspect.getmodule(reference)
    if isinstance(mutant, Whole):
        return mutant.function
    namespace = dict(vars(module))
    exec(compile(mutant.source(reference), f"<mutant of {reference.__name__}>", "exec"), namespace)
    return namespace[reference.__name__]


class UnitModules(NamedTuple):
    """The modules of a unit."""

    solutions: ModuleType
    visible: ModuleType
    hidden: ModuleType
    mutants: ModuleType

    def checks(self) -> dict[str, Callable]:
        """The unit's checks by name, the visible ones first."""
        return {
            name: function
            for module in (self.visible, self.hidden)
            for name, function in vars(module).items()
            if name.startswith("check_") and function.__module__ == module.__name__
        }


def unit_modules(unit: str) -> UnitModules:
    """The modules of a unit of the course, for example of ``explicit_als``."""
    packages = ("solutions", "course_utils.checks", "tests.checks", "tests.mutants")
    return UnitModules(*(importlib.import_module(f"{package}.{unit}") for package in packages))
