"""How is an exception of a student's code raised again on the examiner's side? Its text is mere data."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from grader.examiner.outputs import students_name
from grader.examiner.withheld import Raised

MAX_NAME = 80  # characters of an exception's name
MAX_FRAMES = 20
MAX_TEXT = 20_000  # characters


class StudentError(RuntimeError):
    """What a student's code raised, where it is no ``Exception``: ``SystemExit``, say."""


class CallFailed(BaseException):
    """A call that had no answer: too slow, not in the protocol, or the process is gone.

    No ``Exception``, so that no check takes it for the exception that it waits for.
    """


# StopIteration would end the loop of a check in silence; what is no Exception would end the examiner; a group
# is made of exceptions.
_KNOWN = {
    f"builtins.{name}": value
    for name, value in vars(builtins).items()
    if isinstance(value, type)
    and issubclass(value, Exception)
    and not issubclass(value, StopIteration | StopAsyncIteration | ExceptionGroup)
} | {
    f"{value.__module__}.{value.__qualname__}": value
    for value in (np.linalg.LinAlgError, np.exceptions.AxisError, np.exceptions.DTypePromotionError)
}


def rebuilt(description: Any) -> Exception:
    """The exception that the student's side describes, of the same class where it is a well-known one.

    A subclass that only the student's side knows, such as pandas' ``ParserError``, becomes a subclass of the
    nearest class that is known, with the same name.

    Parameters
    ----------
    description : dict
        ``type``, ``bases`` (names of its classes, the nearest first), ``message``, ``frames``.

    Raises
    ------
    TypeError, ValueError
        If it is not such a description.
    """
    name, message = description["type"], description["message"]
    frames, bases = description["frames"], description["bases"]
    texts = [name, message, *frames, *bases]
    if not all(isinstance(text, str) and len(text) <= MAX_TEXT for text in texts) or not bases:
        raise TypeError("an exception is described by texts")
    name = students_name(name[:MAX_NAME] if name.isidentifier() else "Error")
    base = next((_KNOWN[base] for base in bases if base in _KNOWN), None)
    if base is None:
        error: Exception = StudentError(f"{name}: {message}" if message else name)
    else:
        error = _of_class(base, name, message)
    vars(error)["student_frames"] = frames[:MAX_FRAMES]
    return error


def raised(error: Exception, description: dict) -> Raised:
    """What is known of a rebuilt exception, as `grader.examiner.withheld` wants it."""
    known = next(base for base in type(error).__mro__ if base in {*_KNOWN.values(), StudentError})
    return Raised(type(error).__name__, known.__name__, description["message"])


def _of_class(base: type[Exception], name: str, message: str) -> Exception:
    error: Exception | None
    try:
        error = base(message)
    except TypeError:  # UnicodeDecodeError and its like want more than a message
        error = None
    said = repr(message) if base is KeyError else message
    if error is not None and base.__name__ == name and str(error) == said:
        return error
    # Made without its constructor, which may want more than a message.
    return base.__new__(type(name, (base,), {"__str__": lambda self: said}), message)


def student_frames(error: BaseException | None) -> list[str]:
    """The student's own frames of an exception, or of the one that led to it."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = getattr(error, "student_frames", None)
        if frames is not None:
            return frames
        error = error.__cause__ or error.__context__
    return []
