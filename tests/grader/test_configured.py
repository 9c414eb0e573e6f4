"""Are the hardened steps found exactly, so that students' code never runs in a worker's own process?"""

from __future__ import annotations

import pytest
from nbgrader.converters import Autograde
from traitlets.config import Config

from grader.course_folder import CourseError
from grader.steps.configured import HARDENED, check_steps, with_execute_replaced
from grader.steps.execute import GradedExecute

NAMES = {name: [f"{step.__module__}.{step.__name__}" for step in steps] for name, steps in HARDENED.items()}


class MyGradedExecute(GradedExecute):
    """A subclass that an instructor may have written; its name ends like that of the original."""


def converter(**lists: list) -> Autograde:
    return Autograde(config=Config({"Autograde": NAMES | lists}))


def autograde(first: object) -> dict[str, list]:
    return {"autograde_preprocessors": [first, *NAMES["autograde_preprocessors"][1:]]}


@pytest.mark.parametrize("listed", [NAMES["autograde_preprocessors"][0], GradedExecute])
def test_the_step_that_runs_cells_is_replaced_by_name_and_as_a_class(listed: object) -> None:
    substitute = object()
    steps = with_execute_replaced(converter(**autograde(listed)), substitute)
    assert [step is substitute for step in steps] == [True, False, False]


@pytest.mark.parametrize(
    "listed",
    [MyGradedExecute, f"{__name__}.MyGradedExecute", "nbgrader.preprocessors.Execute"],
)
def test_another_step_in_its_place_is_refused(listed: object) -> None:
    for use in (check_steps, lambda found: with_execute_replaced(found, object())):
        with pytest.raises(CourseError, match="GradedExecute stands there 0 times, not once"):
            use(converter(**autograde(listed)))


def test_a_second_step_that_runs_cells_is_refused() -> None:
    twice = [GradedExecute, *NAMES["autograde_preprocessors"]]
    with pytest.raises(CourseError, match="stands there 2 times, not once"):
        with_execute_replaced(converter(autograde_preprocessors=twice), object())


def test_a_step_that_is_not_there_is_named() -> None:
    with pytest.raises(CourseError, match=r"autograde_preprocessors: 'grader.steps.nowhere.Step'"):
        check_steps(converter(**autograde("grader.steps.nowhere.Step")))
