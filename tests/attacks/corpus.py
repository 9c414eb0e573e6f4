"""How attacks are written down: as functions whose bodies are pasted into a notebook."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# What the one exercise that every attacker solves honestly is worth.
HONEST = 2.0
# A fragment prints it, in two halves, when it has come where it must not.
BREACH = "there is a way out"


@dataclass(frozen=True)
class Attack:
    """A fragment, and what may come of it.

    Attributes
    ----------
    name, tries : str
        Its name, and what it tries.
    source : str
        The fragment: it follows a wrong answer, in the same cell, and may define the answer anew.
    max_points : float
        What the honest part of the submission deserves.
    flagged : bool
        Whether an instructor has to see that something is odd.
    gains_in_kernel : bool
        Whether it gains points where test cells run beside the student's code.
    is_slow : bool
        Whether it takes as long as it is let.
    files : mapping of str to bytes
        What is handed in beside the notebook.
    """

    name: str
    tries: str
    source: str
    max_points: float
    flagged: bool
    gains_in_kernel: bool
    is_slow: bool
    files: Mapping[str, bytes] = field(default_factory=dict)


class Corpus(dict[str, Attack]):
    """Attacks by name; an instance decorates the functions that hold them."""

    def __call__(
        self,
        *,
        max_points: float = HONEST,
        flagged: bool = False,
        gains_in_kernel: bool = False,
        is_slow: bool = False,
        files: Mapping[str, bytes] | None = None,
    ) -> Callable[[Callable], Callable]:
        """Add an attack; the parameters are those of :class:`Attack`."""

        def add(function: Callable) -> Callable:
            name = function.__name__
            if name in self:
                raise ValueError(f"there are two attacks {name!r}: give one of them another name")
            self[name] = Attack(
                name,
                inspect.getdoc(function),
                _body(function),
                max_points,
                flagged,
                gains_in_kernel,
                is_slow,
                files or {},
            )
            return function

        return add


def _body(function: Callable) -> str:
    """The source of a function's body, without its docstring, as a cell."""
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    return textwrap.dedent("\n".join(source.splitlines()[definition.body[0].end_lineno :]))


def with_lines(corpus: Corpus, lines: str) -> None:
    """Begin every fragment of a corpus with the same lines."""
    for name, attack in corpus.items():
        corpus[name] = Attack(**{**vars(attack), "source": f"{lines}\n{attack.source}"})
