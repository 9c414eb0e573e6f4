"""Are the hardened steps found exactly, so that students' code never runs in a worker's own process?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from ipykernel.inprocess.manager import InProcessKernelManager
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from grader.course_folder import CourseError
from grader.hardened_config import harden
from grader.run.configured import HARDENED, check_converters, check_steps, no_kernels, with_execute_replaced
from grader.sandbox import UnisolatedSandbox
from grader.steps.execute import GradedExecute
from grader.steps.execute_examined import ExaminedExecute
from grader.steps.restore_cells import RestoreCells
from grader.steps.save_scores import SaveScores

NAMES = {name: [f"{step.__module__}.{step.__name__}" for step in steps] for name, steps in HARDENED.items()}


class MyGradedExecute(GradedExecute):
    """A subclass that an instructor may have written; its name ends like that of the original."""


class MySaveScores(SaveScores):
    """A subclass of a step that runs nothing."""


def converter(**lists: list) -> Autograde:
    return Autograde(config=Config({"Autograde": NAMES | lists}))


def autograde(first: object) -> dict[str, list]:
    return {"autograde_preprocessors": [first, *NAMES["autograde_preprocessors"][1:]]}


@pytest.mark.parametrize("listed", [NAMES["autograde_preprocessors"][0], GradedExecute, GradedExecute()])
def test_the_step_that_runs_cells_is_replaced_by_name_as_a_class_and_as_an_object(listed: object) -> None:
    substitute = object()
    steps = with_execute_replaced(converter(**autograde(listed)), substitute)
    assert [step is substitute for step in steps] == [True, False, False]


@pytest.mark.parametrize(
    "listed",
    [MyGradedExecute, f"{__name__}.MyGradedExecute", MyGradedExecute(), "nbgrader.preprocessors.Execute"],
)
def test_another_step_in_its_place_is_refused(listed: object) -> None:
    for use in (check_steps, lambda found: with_execute_replaced(found, object())):
        with pytest.raises(CourseError, match="GradedExecute stands there 0 times, not once"):
            use(converter(**autograde(listed)))


def test_a_second_step_that_runs_cells_is_refused() -> None:
    twice = [GradedExecute, *NAMES["autograde_preprocessors"]]
    with pytest.raises(CourseError, match="stands there 2 times, not once"):
        with_execute_replaced(converter(autograde_preprocessors=twice), object())


@pytest.mark.parametrize("where", ["sanitize_preprocessors", "autograde_preprocessors"])
@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize(
    "listed",
    [MyGradedExecute, MyGradedExecute(), f"{__name__}.MyGradedExecute", Execute, ExecutePreprocessor()],
)
def test_a_step_that_runs_cells_is_refused_beside_the_right_one(
    where: str, place: int, listed: object
) -> None:
    steps = list(NAMES[where])
    steps.insert(place, listed)  # type: ignore[arg-type]
    with pytest.raises(CourseError, match=f"{where}: .*Execute.* runs cells, outside the sandbox"):
        check_steps(converter(**{where: steps}))


def test_the_right_step_in_the_wrong_list_is_refused() -> None:
    sanitize = [*NAMES["sanitize_preprocessors"], GradedExecute]
    found = converter(sanitize_preprocessors=sanitize, autograde_preprocessors=[SaveScores])
    with pytest.raises(CourseError, match="sanitize_preprocessors: .*GradedExecute runs cells, outside"):
        with_execute_replaced(found, object())


def test_a_step_that_is_not_there_is_named() -> None:
    with pytest.raises(CourseError, match=r"autograde_preprocessors: 'grader.steps.nowhere.Step'"):
        check_steps(converter(**autograde("grader.steps.nowhere.Step")))


def test_the_order_counts() -> None:
    execute, sanitize, save = NAMES["autograde_preprocessors"]
    with pytest.raises(CourseError, match="GradedExecute, SanitizeOutputs, SaveScores must stand in this"):
        check_steps(converter(autograde_preprocessors=[save, execute, sanitize]))


@pytest.mark.parametrize(
    ("section", "step"),
    [
        ("Preprocessor", "RestoreMetadata"),
        ("NbGraderPreprocessor", "RestoreMetadata"),
        ("SaveScores", "SaveScores"),
        ("SaveAutoGrades", "SaveScores"),
        ("OverwriteCells", "RestoreCells"),
        ("Execute", "GradedExecute"),
        ("ExecutePreprocessor", "GradedExecute"),
    ],
)
def test_a_hardened_step_that_is_switched_off_is_refused(section: str, step: str) -> None:
    off = Config({"Autograde": NAMES, section: {"enabled": False}})
    with pytest.raises(CourseError, match=rf"{step} is not enabled"):
        check_steps(Autograde(config=off))


def test_an_object_that_is_switched_off_is_refused() -> None:
    steps = [*NAMES["sanitize_preprocessors"][:2], RestoreCells(enabled=False)]
    with pytest.raises(CourseError, match="RestoreCells is not enabled"):
        check_steps(converter(sanitize_preprocessors=steps))


@pytest.mark.parametrize("section", ["ExaminedExecute", "NbGraderPreprocessor", "Preprocessor"])
def test_the_step_that_takes_its_place_cannot_be_switched_off(section: str, tmp_path: Path) -> None:
    off = Config({section: {"enabled": False}})
    assert ExaminedExecute(UnisolatedSandbox(tmp_path), tmp_path, "", {}, config=off).enabled


def course(change: Callable[[Config], object]) -> tuple[Autograde, GenerateFeedback]:
    """The converters of a hardened course that then ``change``d its configuration."""
    config = Config()
    harden(config, __file__)
    change(config)
    return Autograde(config=config), GenerateFeedback(config=config)


def put(section: str, name: str, value: object) -> Callable[[Config], object]:
    return lambda config: config[section].__setitem__(name, value)


def test_the_hardened_configuration_passes_and_so_do_steps_and_hooks_of_ones_own() -> None:
    check_converters(*course(lambda config: None))
    check_converters(*course(lambda config: config.Autograde.autograde_preprocessors.append(MySaveScores)))
    check_converters(*course(put("Autograde", "post_convert_hook", print)))


def start_kernel(_: object) -> None:
    start_new_kernel()


RUN = "nbconvert.preprocessors.ExecutePreprocessor"


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.Autograde.autograde_preprocessors.append(Execute),
        lambda config: config.Autograde.sanitize_preprocessors.insert(0, "nbgrader.preprocessors.Execute"),
        lambda config: config.GenerateFeedback.preprocessors.insert(0, GradedExecute),
        lambda config: config.GenerateFeedback.preprocessors.append(RUN),
        put("FeedbackExporter", "preprocessors", [RUN]),
        put("Exporter", "preprocessors", [MyGradedExecute]),
        put("FeedbackExporter", "default_preprocessors", [GradedExecute]),
        lambda config: (
            put("FeedbackExporter", "default_preprocessors", [RUN])(config),
            put("ExecutePreprocessor", "enabled", True)(config),
        ),
    ],
)
def test_cells_run_nowhere_else(change: Callable[[Config], object]) -> None:
    with pytest.raises(CourseError, match="Execute.* runs cells, outside the sandbox"):
        check_converters(*course(change))


@pytest.mark.parametrize("section", ["Autograde", "GenerateFeedback", "BaseConverter"])
def test_an_exporter_of_ones_own_is_refused(section: str) -> None:
    def change(config: Config) -> None:
        for name in ("Autograde", "GenerateFeedback"):
            config[name].pop("exporter_class", None)
        config[section].exporter_class = "nbconvert.exporters.HTMLExporter"

    with pytest.raises(CourseError, match=r"exporter_class is .*HTMLExporter; only"):
        check_converters(*course(change))


def test_feedback_without_its_hardened_steps_is_refused() -> None:
    with pytest.raises(CourseError, match="HideHiddenChecks stands there 0 times"):
        check_converters(*course(put("GenerateFeedback", "preprocessors", [])))


@pytest.mark.parametrize(
    "run",
    [
        lambda nb: NotebookClient(nb).execute(),
        lambda nb: GradedExecute().preprocess(nb, {}),
        start_kernel,
        lambda nb: InteractiveShell.instance().run_cell(nb.cells[0].source),
        lambda nb: InProcessKernelManager().start_kernel(),
    ],
)
def test_what_no_list_shows_cannot_start_a_kernel(run: Callable[[nbformat.NotebookNode], object]) -> None:
    """A function among the steps, or a hook, which makes its own client or its own kernel."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    with pytest.raises(CourseError, match="starts a kernel or a shell of its own"), no_kernels():
        run(nb)
    with pytest.raises(CourseError, match="starts a kernel or a shell of its own"), no_kernels():
        with suppress(CourseError):  # as nbgrader does with what a hook raises
            run(nb)
    assert not nb.cells[0].outputs
