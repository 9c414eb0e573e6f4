"""Which names does code define, and which does it take from its surroundings?"""

from __future__ import annotations

import builtins
import symtable
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

# Names that IPython puts into every notebook.
NOTEBOOK_NAMES = {"display", "get_ipython"}


@lru_cache(maxsize=1024)  # most cells are the same in all submissions
def python_of(cell: str) -> str:
    """A cell's source in plain Python: IPython's magics and commands are calls.

    Raises
    ------
    SyntaxError
        If IPython cannot read it.
    """
    return TransformerManager().transform_cell(cell)


def used_names(source: str) -> set[str]:
    """Names that code takes from its surroundings: not its own, nor Python's or IPython's."""
    used: set[str] = set()

    def visit(table: symtable.SymbolTable) -> None:
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                used.add(symbol.get_name())
        for child in table.get_children():
            visit(child)

    visit(symtable.symtable(source, "cell", "exec"))
    return used - defined_names(source) - set(dir(builtins)) - NOTEBOOK_NAMES


def defined_names(source: str) -> set[str]:
    """Names that code defines at its top level."""
    table = symtable.symtable(source, "cell", "exec")
    return {
        s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()
    }
