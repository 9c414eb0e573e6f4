"""PyTorch in a notebook: no notice on standard error, the right device, a bar that counts batches."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from course_utils.training.pytorch import pick_device, settle_torch, training_bar
from tests.conftest import ROOT

NOISY = """
import numpy as np
import torch
from course_utils.training.pytorch import settle_torch
settle_torch(n_threads=1)
table = torch.sparse_coo_tensor(torch.tensor([[0, 1], [1, 0]]), torch.ones(2), (2, 2)).coalesce()
table.to_sparse_csr()
float(torch.ones(1, requires_grad=True).sum())
np.array(torch.ones(1))
try:
    torch.sparse_coo_tensor(torch.tensor([[0], [5]]), torch.ones(1), (2, 2))
except RuntimeError as error:
    print(error)
"""


def test_notices_stay_away_from_standard_error_and_wrong_indices_are_errors():
    # In a process of its own: torch gives each notice once a process, and settings are global.
    run = subprocess.run([sys.executable, "-c", NOISY], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert "size is 2 but found index 5" in run.stdout


def test_threads_stay_unless_asked_for():
    before = torch.get_num_threads()
    settle_torch()
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("cuda", "mps", "wanted"), [(1, 1, "cuda"), (0, 1, "mps"), (0, 0, "cpu")])
def test_auto_takes_a_gpu_if_there_is_one(monkeypatch, cuda, mps, wanted):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.mps, "is_available", lambda: bool(mps), raising=False)
    assert pick_device("auto").type == wanted
    assert pick_device("cpu").type == "cpu"


@pytest.mark.parametrize("name", ["cuda:1", "quantum", "mps"])
def test_a_device_that_is_not_here_is_refused_by_name(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.mps, "is_available", lambda: False, raising=False)
    with pytest.raises(ValueError, match=f"no device '{name}' here.*one of: cpu"):
        pick_device(name)


def test_the_bar_counts_training_batches_alone_and_leaves_no_hook(capsys, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    model = torch.nn.Linear(1, 1)
    with training_bar(model, n_ratings=10, n_epochs=2, batch_size=4):
        for _ in range(6):
            model.train()(torch.ones(1, 1))
            model.eval()(torch.ones(1, 1))
    assert "6/6" in capsys.readouterr().out
    assert not model._forward_pre_hooks


def test_the_bar_is_silent_in_a_graded_cell_and_leaves_no_hook_after_an_error(capsys, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    model = torch.nn.Linear(1, 1)
    with pytest.raises(ZeroDivisionError), training_bar(model, 10, 1):
        model(torch.ones(1, 1))
        raise ZeroDivisionError
    assert capsys.readouterr() == ("", "")
    assert not model._forward_pre_hooks
