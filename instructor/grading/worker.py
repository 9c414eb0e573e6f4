"""Grade one submission in a worker: a function of plain data, far from course folder and gradebook."""

from __future__ import annotations

import faulthandler
import io
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde, GenerateFeedback
from sqlalchemy.exc import DatabaseError
from traitlets.log import get_logger

from instructor.grading.ledger import open_gradebook, read_scores, shown_digest
from instructor.grading.runner import convert, explain, log_to
from instructor.grading.scratch import scratch_course
from instructor.grading.task import Outcome, Task

# Beyond the time that all cells of a notebook may take: for files, the page and the end of processes.
SPARE_SECONDS = 120


def run(task: Task) -> Outcome:
    """Grade a submission and make its pages; what goes wrong is a sentence in the outcome.

    A worker that is stuck where nothing can interrupt it ends itself, so that its place is taken.
    """
    log = io.StringIO()
    faulthandler.dump_traceback_later(_time_limit(task), exit=True)
    try:
        with log_to(log):
            try:
                with scratch_course(task) as api:
                    return _grade(api, task, log)
            # A student's file can make nbgrader end the program.
            except (Exception, SystemExit) as error:
                get_logger().error("%s for %s", task.student, task.official.unit, exc_info=True)
                by_machine = isinstance(error, OSError | DatabaseError)
                return Outcome(explain(error, "the worker's"), by_machine, log=log.getvalue())
    finally:
        faulthandler.cancel_dump_traceback_later()


def _grade(api: NbGraderAPI, task: Task, log: io.StringIO) -> Outcome:
    unit, student, coursedir = task.official.unit, task.student, api.coursedir
    seconds: dict[str, float] = {}

    def step(name: str, converter: Callable, folder: str, suffix: str) -> dict[str, bytes]:
        start = perf_counter()
        convert(converter(coursedir=coursedir, parent=api), unit, student)
        seconds[name] = perf_counter() - start
        made = Path(coursedir.format_path(folder, student, unit))
        return {name: (made / f"{name}{suffix}").read_bytes() for name in task.official.notebooks}

    notebooks = task.graded or step("autograde", Autograde, coursedir.autograded_directory, ".ipynb")
    pages = step("feedback", GenerateFeedback, coursedir.feedback_directory, ".html")
    with open_gradebook(coursedir) as gradebook:
        submitted = gradebook.find_submission(unit, student)
        return Outcome(
            scores=read_scores(submitted),
            timestamp=submitted.timestamp,
            notebooks=notebooks,
            pages=pages,
            shown=shown_digest(submitted),
            log=log.getvalue(),
            seconds=seconds,
        )


def _time_limit(task: Task) -> float:
    return (
        task.official.config.GradedExecute.get("total_timeout", 300.0) * len(task.official.notebooks)
        + SPARE_SECONDS
    )
