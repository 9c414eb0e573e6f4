"""How do gradients cross two processes? A student's result is differentiated where it was computed."""

from __future__ import annotations

from typing import Any

import torch

from grader.examiner.proxy import Kept, StudentProcess


class _StudentResult(torch.autograd.Function):
    """The identity on a student's result; its backward pass asks the student's process."""

    @staticmethod
    def forward(
        ctx: Any, session: StudentProcess, output: Kept, numbers: list[int], value: torch.Tensor, *inputs
    ):
        ctx.session, ctx.output, ctx.numbers = session, output, numbers
        return value.clone()

    @staticmethod
    def backward(ctx: Any, slope: torch.Tensor) -> tuple:
        gradients = ctx.session.backward(ctx.output.number, ctx.numbers, slope) if ctx.numbers else (None,)
        return (None, None, None, None, *gradients)


def result_of(
    session: StudentProcess, output: Kept, value: torch.Tensor, inputs: list[tuple[torch.Tensor, int]]
) -> torch.Tensor:
    """A tensor with this value whose gradients the student's process computes.

    Parameters
    ----------
    session : StudentProcess
        The conversation with it.
    output : Kept
        The student's tensor.
    value : tensor
        What it holds.
    inputs : list of (tensor, int)
        What it may depend on here, with the numbers there. Without any, it depends on what only the student's
        side has, such as the weights of a model.
    """
    numbers = [number for _, number in inputs]
    tensors = [tensor for tensor, _ in inputs] or [torch.zeros((), requires_grad=True)]
    with torch.enable_grad():
        return _StudentResult.apply(session, output, numbers, value.detach(), *tensors)
