"""PyTorch as a notebook wants it: quiet, on the right device, with a progress bar."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from course_utils.training.progress_bar import progress_bar

# Notices about torch itself. Nothing is wrong with the code that triggers them, and on standard error they
# look like a failure.
NOTICES = [
    "Sparse CSR tensor support is in beta state",
    "Sparse invariant checks are implicitly disabled",
    "Converting a tensor with requires_grad=True to a scalar",
    "__array__ implementation doesn't accept a copy keyword",  # NumPy's, for np.array(tensor)
]


def settle_torch(n_threads: int | None = None) -> None:
    """Make torch check sparse tensors when they are made, and keep its notices off standard error.

    Parameters
    ----------
    n_threads : int, optional
        Number of threads for torch's arithmetic. Small tables are fastest with one. By default it stays.
    """
    # With the checks on, a wrong index is an error with a sentence, not a crash later on.
    torch.sparse.check_sparse_tensor_invariants.enable()
    for notice in NOTICES:
        warnings.filterwarnings("ignore", message=notice)
    if n_threads is not None:
        torch.set_num_threads(n_threads)


def pick_device(name: str = "auto") -> torch.device:
    """The device to train on.

    Parameters
    ----------
    name : str
        `"auto"`: a GPU if torch finds one (CUDA, else Apple's MPS), else the CPU. Otherwise torch's own
        name of a device, such as `"cpu"` or `"cuda:1"`.

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        If torch knows no such device, or has none here; the message names those that it has.
    """
    here = [kind for kind in ("cuda", "mps") if getattr(torch, kind).is_available()] + ["cpu"]
    if name == "auto":
        return torch.device(here[0])
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in here:
        raise ValueError(f"There is no device {name!r} here. Choose 'auto' or one of: {', '.join(here)}.")
    return device


@contextmanager
def training_bar(
    model: torch.nn.Module, n_ratings: int, n_epochs: int, batch_size: int | None = None
) -> Iterator:
    """Show how far the training of a model has come while the block runs.

    The bar counts the batches, that is the calls of the model in training mode. It asks nothing of the
    training loop.

    Parameters
    ----------
    model : torch.nn.Module
        The model that is trained inside the block.
    n_ratings, n_epochs, batch_size : int
        As they are given to the training; without a `batch_size` an epoch is one batch.
    """
    n_batches = n_epochs * math.ceil(n_ratings / (batch_size or n_ratings))
    bar = progress_bar(range(n_batches), desc="batches")

    def count(module: torch.nn.Module, _: tuple) -> None:
        bar.update(int(module.training))  # nothing is returned: it would take the place of the model's input

    hook = model.register_forward_pre_hook(count)
    try:
        yield
    finally:
        hook.remove()
        bar.close()
