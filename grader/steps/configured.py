"""Which preprocessors does a course's configuration run, and where among them is the step that runs cells?

A course that lost one of the hardened steps would give points for nothing. One whose step that runs cells
is not recognised would run students' code in the grader's own process. So steps are compared as classes,
exactly: a subclass, or a class of a similar name, is another step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nbgrader.converters import Autograde
from traitlets.utils.importstring import import_item

from grader.course_folder import CONFIG_FILE, CourseError
from grader.steps.execute import GradedExecute
from grader.steps.restore_cells import KeepOneOfEach, RestoreCells, RestoreMetadata
from grader.steps.sanitize_outputs import SanitizeOutputs
from grader.steps.save_scores import SaveScores

# Steps without which nbgrader's own defaults are back, by the list in which they stand.
HARDENED = {
    "sanitize_preprocessors": (RestoreMetadata, KeepOneOfEach, RestoreCells),
    "autograde_preprocessors": (GradedExecute, SanitizeOutputs, SaveScores),
}


def check_steps(converter: Autograde) -> None:
    """Refuse a configuration that does not run each hardened step exactly once.

    Raises
    ------
    CourseError
        It names the file, the list and the step.
    """
    for name, wanted in HARDENED.items():
        found = Counter(_classes(name, getattr(converter, name)))
        for step in wanted:
            if found[step] != 1:
                raise CourseError(
                    f"{CONFIG_FILE}, c.Autograde.{name}: {step.__module__}.{step.__name__} stands there "
                    f"{found[step]} times, not once, so that nothing would be graded safely. Take the "
                    "course's own list out of the file, or run `course init` there."
                )


def with_execute_replaced(converter: Autograde, substitute: object) -> list:
    """The steps of autograding with ``substitute`` in the place of the one that runs cells.

    Raises
    ------
    CourseError
        If there is not exactly one such step: cells would run where they must not.
    """
    check_steps(converter)
    steps = converter.autograde_preprocessors
    classes = _classes("autograde_preprocessors", steps)
    return [
        substitute if found is GradedExecute else step for step, found in zip(steps, classes, strict=True)
    ]


def _classes(name: str, steps: Sequence[object]) -> list[type]:
    return [_class_of(name, step) for step in steps]


def _class_of(name: str, step: object) -> type:
    """The class of a step, which nbgrader takes as a dotted name, a class or an instance."""
    if isinstance(step, str):
        try:
            step = import_item(step)
        except (ImportError, AttributeError) as error:
            raise CourseError(
                f"{CONFIG_FILE}, c.Autograde.{name}: {step!r} cannot be imported ({error})."
            ) from None
    return step if isinstance(step, type) else type(step)
