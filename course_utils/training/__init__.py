"""How is a student's step trained at speed? A notebook imports from here; PyTorch's helpers stand apart.

What needs numba is looked up when it is first asked for: `progress_bar` alone needs none.
"""

from importlib import import_module

# Imported at once: later, the name would stand for the module of that name.
from course_utils.training.progress_bar import progress_bar

_HOMES = {
    "NegativeSampler": "negatives",
    "compile_step": "compile",
    "faster": "als",
    "train_bpr": "bpr",
    "train_sgd": "sgd",
    "train_warp": "warp",
    "train_wrmf": "als",
    "update_explicit": "als",
    "update_weighted": "als",
}
__all__ = ["progress_bar", *_HOMES]


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
