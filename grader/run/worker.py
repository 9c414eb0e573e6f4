"""How does a worker grade one submission, far from the course folder and its gradebook?"""

from __future__ import annotations

import atexit
import faulthandler
import io
import sys
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter
from sqlalchemy.exc import DatabaseError
from traitlets.log import get_logger

from grader.gradebook.ledger import open_gradebook, read_scores, shown_digest
from grader.gradebook.marks import answers_of, settle
from grader.load import ceiling, load_factor
from grader.rendering import RENDERER
from grader.run.configured import no_kernels, with_execute_replaced
from grader.run.convert import convert, explain, log_to, root_of
from grader.run.temporary_course import scratch_course
from grader.sandbox import Sandbox, SandboxError, make_sandbox
from grader.steps.execute_examined import ExaminedExecute
from grader.steps.late_penalty import assign_penalties
from grader.task import Answers, Outcome, Task

# Beyond the time that all cells of a notebook may take: for files, the page and the end of processes.
SPARE_SECONDS = 120


@cache
def sandbox(course: str, visible: tuple[str, ...], isolated: bool, shared: str | None) -> Sandbox:
    """The sandbox of this worker, which is made once and serves all its tasks.

    Raises
    ------
    SandboxError
        If there can be none here, or this machine lacks a folder that students' code is to read: an answer
        that imports from it would lose its points.
    """
    for path in visible:
        if not Path(path).is_dir():
            raise SandboxError(
                f"There is no folder {path} on the machine that grades; c.GradedExecute.visible_paths of "
                "nbgrader_config.py names it. Put it at the same place there."
            )
    options: dict[str, Any] = {"shared": shared} if isolated else {}
    made = make_sandbox(Path(course), isolated=isolated, extra_paths=tuple(map(Path, visible)), **options)
    atexit.register(made.close)
    return made


def warm_up(course: str, visible: tuple[str, ...], isolated: bool, shared: str | None) -> str:
    """Start the sandbox before the first task; return why there is none, or an empty string."""
    RENDERER.start()
    try:
        sandbox(course, visible, isolated, shared).__enter__()
    except SandboxError as error:
        return str(error)
    return ""


def run(task: Task, isolated: bool = True, shared: str | None = None) -> Outcome:
    """Grade a submission and make its pages; what goes wrong is a sentence in the outcome.

    A worker that is stuck where nothing can interrupt it ends itself, so that another takes its place.

    Parameters
    ----------
    task : Task
        The submission.
    isolated : bool
        Whether the student's code runs in a sandbox that keeps it from everything else.
    shared : str, optional
        Address of a fork server that this machine's workers share.
    """
    log = io.StringIO()
    # To the terminal or file itself: what stands in the place of `sys.stderr` may be none.
    faulthandler.dump_traceback_later(_time_limit(task), exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        with log_to(log):
            try:
                with scratch_course(task) as api:
                    rooms = sandbox(task.official.course, task.official.visible, isolated, shared)
                    with no_kernels():
                        return _grade(api, task, rooms, log)
            # A student's file can make nbgrader end the program.
            except (Exception, SystemExit) as error:
                get_logger().error("%s for %s", task.student, task.official.unit, exc_info=True)
                by_machine = isinstance(root_of(error), OSError | DatabaseError | SandboxError)
                return Outcome(explain(error, "of the worker"), by_machine, log=log.getvalue())
    finally:
        faulthandler.cancel_dump_traceback_later()


def _grade(api: NbGraderAPI, task: Task, rooms: Sandbox, log: io.StringIO) -> Outcome:
    unit, student, coursedir = task.official.unit, task.student, api.coursedir
    seconds: dict[str, float] = {}
    notebooks, answers = task.graded, {}
    if notebooks is None:
        source = Path(coursedir.format_path(coursedir.source_directory, ".", unit))
        converter = Autograde(coursedir=coursedir, parent=api)
        official = task.official
        execute = ExaminedExecute(
            rooms, source, official.digest, official.beside, official.key, parent=converter
        )
        converter.autograde_preprocessors = with_execute_replaced(converter, execute)
        seconds["autograde"] = _convert(converter, task)
        seconds |= execute.seconds
        notebooks = _read(
            coursedir.format_path(coursedir.autograded_directory, student, unit), task, ".ipynb"
        )
        answers = answers_of(notebooks)
        # Before the page is made: it shows no mark that another answer was given.
        _settle(converter, task, answers)
    seconds["feedback"] = _convert(GenerateFeedback(coursedir=coursedir, parent=api), task)
    pages = _read(coursedir.format_path(coursedir.feedback_directory, student, unit), task, ".html")
    with open_gradebook(coursedir) as gradebook:
        submitted = gradebook.find_submission(unit, student)
        return Outcome(
            scores=read_scores(submitted),
            timestamp=submitted.timestamp,
            notebooks=notebooks,
            pages=pages,
            answers=answers,
            shown=shown_digest(submitted),
            log=log.getvalue(),
            seconds=seconds,
        )


def _settle(converter: Autograde, task: Task, answers: Answers) -> None:
    """Let answers have the marks that they were given; a late penalty depends on them."""
    with open_gradebook(converter.coursedir) as gradebook:
        submitted = gradebook.find_submission(task.official.unit, task.student)
        before = submitted.score
        settle(submitted, answers, list(task.marks))
        gradebook.db.commit()
        is_other = submitted.score != before
    if is_other:
        assign_penalties(converter, task.official.unit, task.student, answers)


def _convert(converter: BaseConverter, task: Task) -> float:
    start = perf_counter()
    convert(converter, task.official.unit, task.student)
    return perf_counter() - start


def _read(folder: str, task: Task, suffix: str) -> dict[str, bytes]:
    return {name: (Path(folder) / f"{name}{suffix}").read_bytes() for name in task.official.notebooks}


def _time_limit(task: Task) -> float:
    total = task.official.config.GradedExecute.get("total_timeout", 300.0)
    rooms = len(task.official.notebooks) + len(task.official.beside)
    if task.official.config.GradedExecute.get("follow_through", False):
        rooms += len(task.official.notebooks)
    return total * rooms * ceiling() + SPARE_SECONDS * load_factor()
