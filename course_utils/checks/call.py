"""What does a student's function return? A crash or a result of the wrong kind becomes a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.checks.lines import EndlessLoopError
from course_utils.checks.own_lines import stopped
from course_utils.checks.promises import Promises

_IN_WORDS = ("nothing", "one thing", "two things", "three things", "four things", "five things")


def call(name: str, function: Callable, *arguments: Any, hint: str = "", **settings: Any) -> Any:
    """Call a student's function; a crash becomes a sentence, and so does a broken promise.

    Each call proves what every docstring promises (see `promises`): arguments stay as they are unless
    `contract` declares them in place, nothing shares their memory, no global generator is used, and a small
    call that is made twice gives the same answer twice.

    Parameters
    ----------
    name : str
        The function's name, perhaps with what is special about this call: the sentence begins with it.
    function : callable
        The student's function.
    *arguments, **settings
        Its arguments.
    hint : str
        A sentence on what is likely to be wrong with a function that crashes here, or runs out of memory.

    Returns
    -------
    object
        What the function returns, None included.

    Raises
    ------
    AssertionError
        If the function raises or breaks a promise. A function that is not written yet raises its own
        NotImplementedError.
    """
    __tracebackhide__ = True
    promises = Promises(name, function, arguments, settings)
    result, *again = made_by(name, function, promises.calls(), hint)
    promises.kept(result, *again)
    return result


def made_by(name: str, function: Callable, calls: list[tuple[tuple, dict]], hint: str = "") -> Sequence:
    """The results of calls, one made after the other; a crash becomes a sentence."""
    __tracebackhide__ = True
    # In grading the function is in another process, which is asked once for all of them.
    together = getattr(type(function), "in_turn", None)
    try:
        if together is not None:
            return together(function, calls)
        return [function(*arguments, **settings) for arguments, settings in calls]
    except (NotImplementedError, EndlessLoopError):
        raise
    except Exception as error:
        problem = stopped(name, getattr(function, "__name__", ""), error)
        if _is_about_memory(error):
            problem = (
                f"{name} ran out of memory: it forms an array that is much larger than what it is given and "
                "returns."
            )
        raise AssertionError(f"{problem} · {hint}" if hint else problem) from error


def _is_about_memory(error: Exception) -> bool:
    """Whether memory was short; PyTorch has no exception of its own for that."""
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "memory" in str(error))


def _shown(result: Any) -> str:
    """A result in a sentence: as it is, or what kind of thing it is where that would be long."""
    text = repr(result)
    if len(text) <= 80 and "\n" not in text:
        return text
    shape = f" of shape {result.shape}" if hasattr(result, "shape") else ""
    return f"a {type(result).__name__}{shape}"


def result_of(name: str, function: Callable, *arguments: Any, hint: str = "", **settings: Any) -> Any:
    """What a student's function returns; a missing `return` becomes a sentence. See `call`."""
    __tracebackhide__ = True
    result = call(name, function, *arguments, hint=hint, **settings)
    assert result is not None, f"{name} returned None: does its last line say `return`?"
    return result


def results_of(name: str, function: Callable, *arguments: Any, times: int) -> list:
    """What a student's function returns when it is asked so often, one call after the other. See `call`.

    For functions that draw: all calls have the same arguments, an `rng` among them that goes on.
    """
    __tracebackhide__ = True
    promises = Promises(name, function, arguments, {})
    results = list(made_by(name, function, [(arguments, {})] * times))
    for result in results:
        assert result is not None, f"{name} returned None: does its last line say `return`?"
    promises.kept(results)
    return results


def number_of(name: str, function: Callable, *arguments: Any, hint: str = "", **settings: Any) -> float:
    """The one number that a student's function returns; it may be nan. See `call`."""
    __tracebackhide__ = True
    return number_in(name, result_of(name, function, *arguments, hint=hint, **settings))


def number_in(name: str, result: Any) -> float:
    """The one number that a student's function returned."""
    __tracebackhide__ = True
    # NumPy finds no shape for several arrays of different ones.
    assert not isinstance(result, tuple), f"{name} returns one number; yours is {_shown(result)}."
    assert np.ndim(result) == 0, (
        f"{name} returns one number; yours has shape {np.shape(result)}: is a sum or a mean missing?"
    )
    assert np.asarray(result).dtype.kind in "iuf", (
        f"{name} returns one number; yours is {result!r}, a {type(result).__name__}."
    )
    return float(result)


def parts_of(
    name: str, names: tuple[str, ...], function: Callable, *arguments: Any, hint: str = "", **settings: Any
) -> tuple:
    """The several things that a student's function returns. See `call`.

    Parameters
    ----------
    names : tuple of str
        What they are called, in their order.
    """
    __tracebackhide__ = True
    return parts_in(name, names, result_of(name, function, *arguments, hint=hint, **settings))


def parts_in(name: str, names: tuple[str, ...], result: Any) -> tuple:
    """The several things in what a student's function returned."""
    __tracebackhide__ = True
    assert isinstance(result, tuple | list) and len(result) == len(names), (
        f"{name} returns {_IN_WORDS[len(names)]}: {', '.join(names)}."
    )
    return tuple(result)


def array_of(
    name: str, function: Callable, *arguments: Any, shape: tuple[int, ...], hint: str = ""
) -> np.ndarray:
    """The array of finite floats that a student's function returns. See `call`.

    Parameters
    ----------
    shape : tuple of int
        The shape that it must have.
    """
    __tracebackhide__ = True
    return array_in(name, result_of(name, function, *arguments, hint=hint), shape)


def array_in(name: str, result: Any, shape: tuple[int, ...]) -> np.ndarray:
    """The array of finite floats of this shape that a student's function returned."""
    __tracebackhide__ = True
    try:
        result = np.asarray(result, dtype=float)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"{name} should return an array of numbers; yours: {_shown(result)}.") from error
    assert result.shape == shape, f"{name} should return shape {shape}; yours: {result.shape}."
    assert np.isfinite(result).all(), f"{name} returned nan or inf: {result[~np.isfinite(result)][:3]}."
    return result


def codes_of(name: str, function: Callable, *arguments: Any) -> list[int]:
    """The row of codes, whole numbers, that a student's function returns. See `call`."""
    __tracebackhide__ = True
    return codes_in(name, result_of(name, function, *arguments))


def codes_in(name: str, result: Any) -> list[int]:
    """The row of codes that a student's function returned."""
    __tracebackhide__ = True
    codes = np.asarray(result)
    # NumPy takes an empty list for one of floats; as an array of floats it is no index, and empty or not.
    assert codes.ndim == 1 and (isinstance(result, list) and not result or codes.dtype.kind in "iu"), (
        f"{name} should return one row of codes (whole numbers); yours: {result!r}."
    )
    return codes.tolist()


def refusal_of(name: str, why: str, function: Callable, *arguments: Any) -> str:
    """The message of the ValueError that a student's function raises, as it must.

    Parameters
    ----------
    why : str
        Why these arguments are to be refused.

    Raises
    ------
    AssertionError
        If the function returns, or raises something else.
    """
    __tracebackhide__ = True
    promises = Promises(name, function, arguments, {})
    try:
        with np.errstate(all="ignore"):  # a share of nothing, 0 / 0, may come before the error
            result = function(*arguments)
    except ValueError as error:
        promises.arguments_stay()
        return str(error)
    except (NotImplementedError, EndlessLoopError):
        raise
    except Exception as error:
        raise AssertionError(
            f"{stopped(name, getattr(function, '__name__', ''), error)}; wanted a ValueError: {why}."
        ) from error
    raise AssertionError(f"{name} returned {_shown(result)}; wanted a ValueError: {why}.")
