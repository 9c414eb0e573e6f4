"""For speed alone: what do notebooks import and do first, so that the fork server can do it once?

Libraries load half of themselves when they are first used: PyTorch's first optimizer loads its compiler (two
seconds), Numba's first function all types that it knows (one second). A job starts with all that behind it.
Nothing here draws a random number, starts a thread or uses autograd.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence

ALWAYS = (
    *("numpy", "numpy.linalg", "numpy.random", "numpy.testing", "pandas", "pandas.io.formats.html"),
    *("scipy.linalg", "scipy.sparse.linalg", "scipy.special", "tqdm.auto"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline"),
    # The shell, its tracebacks, and what it needs for `!command`.
    *("IPython.core.interactiveshell", "IPython.core.pylabtools", "IPython.display", "IPython.core.oinspect"),
    *("IPython.core.ultratb", "IPython.utils.wildcard", "stack_data", "pygments.formatters.terminal256"),
    *("IPython.core.application", "IPython.core.completerlib", "IPython.core.logger", "IPython.core.magics"),
    "pexpect",
)
# Libraries that take seconds, and that not every unit uses.
LARGE = ("torch", "numba", "scipy.optimize", "scipy.stats")
OF_TORCH = ("torch.nn.functional", "torch.optim", "torch.utils.data")


def import_all(names: Sequence[str] = ()) -> None:
    """Import what notebooks import; what cannot be imported is left to the notebook that tries.

    Parameters
    ----------
    names : sequence of str
        Modules that certain notebooks import, beside what most do; without them, the large libraries.
    """
    for name in (*ALWAYS, *(names or LARGE)):
        _import(name)
    if "torch" in sys.modules:
        for name in OF_TORCH:
            _import(name)


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception as error:  # the notebook that imports it will say so
        print(f"{name} is not imported in advance: {error}", file=sys.stderr)


def use_all() -> None:
    """Use each library that is there once, in the way that loads the rest of it."""
    import numpy as np
    import pandas as pd
    from IPython.core.ultratb import FormattedTB
    from matplotlib import pyplot as plt
    from matplotlib.rcsetup import validate_backend

    if numba := sys.modules.get("numba"):
        numba.njit(_sum_of_products)(np.ones(2), np.ones((2, 2)))
    if torch := sys.modules.get("torch"):
        # Its constructor is what loads the compiler; there is no step and no gradient.
        torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
    pd.DataFrame({"column": [1.0]})._repr_html_()
    # It looks for backends in all packages.
    validate_backend("module://matplotlib_inline.backend_inline")
    figure, axes = plt.subplots()
    axes.plot([1, 2], label="$x_u$")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)
    try:
        _sum_of_products(None, None)
    except AttributeError:
        FormattedTB().structured_traceback(*sys.exc_info())


def _sum_of_products(vector, matrix):
    """What most steps of the course consist of: loops, rows and products."""
    total = 0.0
    for row in range(matrix.shape[0]):
        total += vector @ matrix[row]
    return total
