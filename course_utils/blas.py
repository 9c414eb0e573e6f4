"""How many threads may NumPy's and SciPy's linear algebra start? One, unless the environment says otherwise.

By default BLAS starts a thread on each core. The course solves thousands of systems of a few dozen unknowns,
one after the other: for these the threads wait for each other nearly all of the time
(`python -m benchmarks.solvers` prints both: 0.1 s with one thread, 9 s with two). A student calls such a
solver in any cell, so the limit belongs neither to a cell nor to a function, but to whoever imports the
course's package. What uses both cores has threads of its own: `course_utils.training.als`, and PyTorch.
"""

from __future__ import annotations

import os

from threadpoolctl import threadpool_limits

VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS")


def use_one_thread() -> None:
    """Set BLAS to one thread: libraries that are loaded, and OpenBLAS where it is loaded later.

    Nothing changes if one of `VARIABLES` is set: then somebody has chosen.
    """
    if any(os.environ.get(variable) for variable in VARIABLES):
        return
    threadpool_limits(1, user_api="blas")
    # SciPy brings an OpenBLAS of its own, which reads this when scipy.linalg is first imported.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
