"""What Dask does beside a submission moves none of the generators that checks look at."""

from __future__ import annotations

import random
import sys

import dask.sizeof
import distributed  # noqa: F401  (its modules are looked at)
import pytest

from grader.run.own_generator import PACKAGES, leave_global_generator_alone


def test_dask_draws_from_a_generator_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    using = [
        module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in PACKAGES and vars(module).get("random") is random
    ]
    for module in using:
        monkeypatch.setattr(module, "random", random)  # put back at the end
    # As a worker does twice a second, for what it tells the scheduler.
    before, sizes = random.getstate(), dict.fromkeys(map(str, range(1000)), 1.0)
    dask.sizeof.sizeof(sizes)
    if dask.sizeof in using:
        assert random.getstate() != before, "Dask draws no more: is the module still needed?"
    leave_global_generator_alone()
    before = random.getstate()
    dask.sizeof.sizeof(sizes)
    assert random.getstate() == before
    assert not any(vars(module)["random"] is random for module in using)
