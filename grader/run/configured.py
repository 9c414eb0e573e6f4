"""Which steps does a course's configuration run, and is exactly one of them the one that runs cells?

A course that lost one of the hardened steps would give points for nothing. One with another step that runs
cells would run students' code in the grader's own process. So the hardened steps are compared as classes,
exactly (a subclass, or a class of a similar name, is another step), and every other step that can start a
kernel is refused, wherever it stands. What no look at a class can find, such as a function that starts one,
is stopped when it tries (:func:`no_kernels`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter
from traitlets.utils.importstring import import_item

from grader.course_folder import CONFIG_FILE, CourseError
from grader.feedback.hide import HideHiddenChecks, ShowGrades
from grader.feedback.page import FeedbackExporter
from grader.steps.execute import GradedExecute
from grader.steps.restore_cells import KeepOneOfEach, RestoreCells, RestoreMetadata
from grader.steps.sanitize_outputs import SanitizeOutputs
from grader.steps.save_scores import SaveScores

# Steps without which nbgrader's own defaults are back, in their order, by the list in which they stand.
HARDENED = {
    "sanitize_preprocessors": (RestoreMetadata, KeepOneOfEach, RestoreCells),
    "autograde_preprocessors": (GradedExecute, SanitizeOutputs, SaveScores),
}
HARDENED_FEEDBACK = {"preprocessors": (HideHiddenChecks, ShowGrades)}
_REMEDY = "Take the course's own setting out of the file, or run `course init` there."


def check_converters(autograde: Autograde, feedback: GenerateFeedback) -> None:
    """Refuse a configuration with which a submission would not be graded safely, before any is.

    Raises
    ------
    CourseError
        It names the file, the setting and the step.
    """
    check_steps(autograde)
    _check_lists(feedback, HARDENED_FEEDBACK)
    for converter, wanted in ((autograde, NotebookExporter), (feedback, FeedbackExporter)):
        if converter.exporter_class is not wanted:
            raise CourseError(
                f"{CONFIG_FILE}, c.{_name(converter)}.exporter_class is {_dotted(converter.exporter_class)}; "
                f"only {_dotted(wanted)} keeps students' code and scripts apart. {_REMEDY}"
            )
        exporter = wanted(parent=converter, config=converter.config)
        enabled = [step for step in exporter._preprocessors if getattr(step, "enabled", True)]
        _refuse_kernels(f"c.{wanted.__name__}.preprocessors", map(type, enabled))


def check_steps(converter: Autograde) -> None:
    """Refuse a configuration that does not run each hardened step exactly once, or runs cells elsewhere.

    Raises
    ------
    CourseError
        It names the file, the list and the step.
    """
    _check_lists(converter, HARDENED)


def with_execute_replaced(converter: Autograde, substitute: object) -> list:
    """The steps of autograding with ``substitute`` in the place of the one that runs cells.

    Raises
    ------
    CourseError
        If there is not exactly one such step: cells would run where they must not.
    """
    check_steps(converter)
    steps = converter.autograde_preprocessors
    classes = _classes("c.Autograde.autograde_preprocessors", steps)
    return [
        substitute if found is GradedExecute else step for step, found in zip(steps, classes, strict=True)
    ]


@contextmanager
def no_kernels() -> Iterator[None]:
    """Refuse every kernel and shell of IPython's here: what runs students' code is the sandbox's alone.

    A hook or a step of the course's own may start one where no list shows it.

    Raises
    ------
    CourseError
        Where a kernel is to start; and once more at the end, as nbgrader passes over what a hook raises.
    """
    refusal = CourseError(
        f"A step or hook of {CONFIG_FILE} starts a kernel or a shell of its own, in which students' code "
        f"would run outside the sandbox. {_REMEDY}"
    )
    tried = False

    def refuse(*_: object, **__: object) -> None:
        nonlocal tried
        tried = True
        raise refusal

    with patch.object(KernelManager, "__init__", refuse), patch.object(InteractiveShell, "__init__", refuse):
        yield
    if tried:
        raise refusal


def _check_lists(converter: BaseConverter, hardened: Mapping[str, tuple[type, ...]]) -> None:
    for name, wanted in hardened.items():
        where, steps = f"c.{_name(converter)}.{name}", getattr(converter, name)
        classes = _classes(where, steps)
        for step in wanted:
            if (times := classes.count(step)) != 1:
                raise CourseError(
                    f"{CONFIG_FILE}, {where}: {_dotted(step)} stands there {times} times, not once, so that "
                    "nothing would be graded safely. Take the course's own list out of the file, or run "
                    "`course init` there."
                )
        _refuse_kernels(where, (found for found in classes if found not in wanted))
        if [found for found in classes if found in wanted] != list(wanted):
            order = ", ".join(step.__name__ for step in wanted)
            raise CourseError(f"{CONFIG_FILE}, {where}: {order} must stand in this order. {_REMEDY}")
        for step, found in zip(steps, classes, strict=True):
            made = found(parent=converter) if found in wanted and not isinstance(step, found) else step
            if found in wanted and not made.enabled:
                raise CourseError(
                    f"{CONFIG_FILE}: {_dotted(found)} is not enabled, so that nothing would be graded "
                    f"safely. {_REMEDY}"
                )


def _refuse_kernels(where: str, classes: Iterable[type]) -> None:
    for found in classes:
        if issubclass(found, NotebookClient):
            raise CourseError(
                f"{CONFIG_FILE}, {where}: {_dotted(found)} runs cells, outside the sandbox. Only "
                f"{_dotted(GradedExecute)} may, once, in c.Autograde.autograde_preprocessors. {_REMEDY}"
            )


def _classes(where: str, steps: Sequence[object]) -> list[type]:
    return [_class_of(where, step) for step in steps]


def _class_of(where: str, step: object) -> type:
    """The class of a step, which nbgrader takes as a dotted name, a class or an instance."""
    if isinstance(step, str):
        try:
            step = import_item(step)
        except (ImportError, AttributeError) as error:
            raise CourseError(f"{CONFIG_FILE}, {where}: {step!r} cannot be imported ({error}).") from None
    return step if isinstance(step, type) else type(step)


def _name(converter: BaseConverter) -> str:
    return type(converter).__name__


def _dotted(found: type) -> str:
    return f"{found.__module__}.{found.__qualname__}"
