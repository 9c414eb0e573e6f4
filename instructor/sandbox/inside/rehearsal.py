"""What notebooks import and do for the first time, done once before the fork server forks.

Libraries load half of themselves when they are first used: the first optimizer of PyTorch brings its compiler
(two seconds), the first function that Numba compiles all types that it knows (one second). A job starts with
all that behind it. Nothing here draws a random number, starts a thread or uses autograd.
"""

from __future__ import annotations

import importlib
import io
import sys
from pathlib import Path

MODULES = (
    *("numpy", "numpy.linalg", "numpy.random", "numpy.testing", "pandas", "pandas.io.formats.html"),
    *("scipy.linalg", "scipy.optimize", "scipy.sparse.linalg", "scipy.special", "scipy.stats"),
    *("torch", "torch.nn.functional", "torch.optim", "torch.utils.data", "numba", "tqdm.auto"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline"),
    # The shell, its tracebacks, and what it needs for `!command`.
    *("IPython.core.interactiveshell", "IPython.core.pylabtools", "IPython.display", "IPython.core.oinspect"),
    *("IPython.utils.wildcard", "stack_data", "pygments.formatters.terminal256", "pexpect"),
)


def import_all() -> None:
    """Import what notebooks import; a missing module is left to the notebook that misses it."""
    for name in (*MODULES, *_course_modules()):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            print(f"{name} is not imported in advance: {error}", file=sys.stderr)


def _course_modules() -> list[str]:
    """Every module of ``course_utils``."""
    course_utils = importlib.import_module("course_utils")
    return [
        f"course_utils.{path.stem}" for path in sorted(Path(course_utils.__file__).parent.glob("[!_]*.py"))
    ]


def use_all() -> None:
    """Use each library once, in the way that loads the rest of it."""
    import numba
    import numpy as np
    import pandas as pd
    import torch
    from IPython.core.ultratb import FormattedTB
    from matplotlib import pyplot as plt

    numba.njit(_sum_of_products)(np.ones(2), np.ones((2, 2)))
    # Its constructor is what loads the compiler; there is no step and no gradient.
    torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
    pd.DataFrame({"column": [1.0]})._repr_html_()
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
