"""How does every submission of a class get points and a page, or a sentence that says why not?

Workers get submissions as plain data and return plain data, in any order. This process alone writes to the
gradebook and the course folder. Finished submissions are kept: a later run continues where an earlier one
stopped, and grades again only what has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from tqdm.auto import tqdm
from traitlets.log import get_logger

from grader.course_api import nbgrader_api
from grader.course_folder import CourseError, read_config
from grader.course_secret import make_secret, read_secret
from grader.gradebook.identity import id_finder
from grader.gradebook.ledger import (
    add_indexes,
    check_gradebook_writable,
    gradebook_files,
    open_gradebook,
    shown_digest,
    shown_url,
)
from grader.gradebook.members import people_of
from grader.gradebook.results import Result, Status, exercise_finder, read_result
from grader.gradebook.store import Archive
from grader.intake.catalogue import Catalogue, read_catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.strangers import stranger_finder, without_work
from grader.intake.submissions import LeftOver, Submission, find_submissions
from grader.intake.take_in import take_in
from grader.intake.units import released_units
from grader.nbgrader_patches import known_whole
from grader.private_files import make_private, private
from grader.run.convert import LOG_FILE, Log, explain, log_to, open_log
from grader.run.official import fingerprint, read_official
from grader.run.pool import Pool
from grader.run.preflight import check_course, check_preprocessors, check_writable
from grader.run.rehearse import Rehearsals
from grader.run.temporary_course import submission_rows
from grader.sandbox.control_group import how_memory_is_measured
from grader.task import Official, Outcome, Task


class GradingInterrupted(CourseError):
    """Someone pressed Ctrl-C; ``results`` holds what had been graded by then."""

    def __init__(self, message: str, results: list[Result]) -> None:
        super().__init__(message)
        self.results = results


def watch_on_terminal(results: Iterable[Result], what: str, total: int) -> Iterable[Result]:
    """The same results, with a progress bar on standard output, if that is a terminal."""
    return tqdm(results, desc=what, total=total, file=sys.stdout, disable=None)


def grade(
    root: Path,
    units: Sequence[str] = (),
    students: Sequence[str] | None = None,
    *,
    force: bool = False,
    pool: Pool | None = None,
    watch: Callable[..., Iterable[Result]] = watch_on_terminal,
    say: Callable[[str], object] = tqdm.write,
) -> list[Result]:
    """Grade submissions and write their feedback pages, with a progress bar.

    Reads ``submitted/<student>/<unit>/`` and writes ``autograded/``, ``feedback/``, the gradebook and
    ``grading.log`` (what nbgrader has to say), all in the course folder; the first time also the secret from
    which hidden data are drawn (``grader.course_secret``).

    Parameters
    ----------
    root : Path
        The course folder.
    units : sequence of str
        Units to grade; all that were released by default.
    students : sequence of str, optional
        Only these students; all by default.
    force : bool
        Grade again also what has not changed since it was graded.
    pool : Pool, optional
        The workers; by default a process for each processor of this machine.
    watch : callable
        Called with the results to come, a word and their number; yields the same results.
    say : callable
        Takes a sentence about a unit.

    Returns
    -------
    list of Result
        One per submission, by unit and student. A submission that cannot be graded has a ``problem`` and no
        automatic points left in the gradebook; it never stops the others. What fails by the machine's fault
        keeps the points that it had.

    Raises
    ------
    CourseError
        If nothing can be graded: an unknown unit or student, no submission, a folder or a gradebook that
        cannot be written, no worker. What was graded before is left as it is.
    GradingInterrupted
        After Ctrl-C.
    """
    root = root.resolve()
    check_course(root)
    is_shared = bool(read_config(root).CourseDirectory.get("groupshared", False))
    with private(is_shared), open_log(root / LOG_FILE) as log, log_to(log):
        api = nbgrader_api(root)
        check_preprocessors(api)
        get_logger().warning("%s", how_memory_is_measured())
        coursedir = api.coursedir
        written = [root / coursedir.autograded_directory, root / coursedir.feedback_directory]
        for folder in (root, *written):
            check_writable(folder)
        make_private([root / LOG_FILE, *written, *gradebook_files(coursedir)], is_shared)
        with open_gradebook(coursedir) as gradebook:
            check_gradebook_writable(gradebook, coursedir)
            add_indexes(gradebook)
            chosen = released_units(gradebook, units, root)
            catalogue = read_catalogue(gradebook, coursedir)
            found = find_submissions(coursedir, catalogue, chosen, students, id_finder(gradebook))
            submissions = found.submissions
            everybody = list(people_of(gradebook))
            said_of_stranger = stranger_finder(everybody, catalogue)
            key = (read_secret(root) or make_secret(root, is_shared)).key
            officials = {unit: read_official(api, gradebook, unit, key) for unit in chosen}
        grader = Grader(api, officials, catalogue, force, log, say)
        results: list[Result] = []
        try:
            with (
                nullcontext(pool) if pool else Pool() as workers,
                known_whole(coursedir.db_url),
            ):
                try:
                    for result in watch(grader.grade(submissions, workers), "Grading", len(submissions)):
                        results.append(result)
                finally:
                    workers.cancel()
        except KeyboardInterrupt:
            raise GradingInterrupted(
                f"Stopped. {len(results)} of {len(submissions)} submissions are graded and kept; "
                "run the same command again for the rest.",
                results,
            ) from None
        order = {(each.unit, each.student): number for number, each in enumerate(submissions)}
        results.sort(key=lambda result: order[result.unit, result.student])
        results = [_with_notes(each, (said_of_stranger(each.student),)) for each in results]
        if students is None:
            for sentence in without_work(everybody, found):
                say(sentence)
        return results + [_not_graded(each) for each in found.left_over]


class Grader:
    """What happens to a submission before and after a worker has it.

    Parameters
    ----------
    api : NbGraderAPI
        Of the course folder.
    officials : dict of str to Official
        The instructor's version of each unit to be graded.
    catalogue : Catalogue
        The cells of all units, as they were handed out.
    force : bool
        Grade also what is up to date.
    log : text stream
        Takes what nbgrader says in the workers.
    say : callable
        Takes a sentence about a unit.
    """

    def __init__(
        self,
        api: NbGraderAPI,
        officials: dict[str, Official],
        catalogue: Catalogue,
        force: bool,
        log: Log,
        say: Callable[[str], object] = tqdm.write,
    ) -> None:
        self.coursedir = api.coursedir
        self.officials = officials
        self.catalogue = catalogue
        self.force = force
        self.log = log
        self.say = say
        self._exercises = exercise_finder(api.coursedir)

    def grade(self, submissions: Iterable[Submission], pool: Pool) -> Iterator[Result]:
        """The result of each submission, as it comes."""
        tasks: dict[tuple[str, str], tuple[Submission, tuple[str, ...]]] = {}
        rehearsals = Rehearsals(self.say)

        def finished(done: tuple[Task, Outcome]) -> Iterator[Result]:
            for task, outcome in rehearsals.settle(*done):
                submission, notes = tasks.pop((task.official.unit, task.student))
                yield _with_notes(self.finish(submission, task, outcome), notes)

        def started() -> Iterator[Result]:
            # Never more than there are workers: one that dies takes with it all that it was given.
            while task := rehearsals.next():
                done = pool.next_done() if pool.is_full else None
                # The worker goes on before the result is written.
                pool.start(task)
                if done:
                    yield from finished(done)

        for submission in submissions:
            ready, notes = self.prepare(submission)
            if isinstance(ready, Result):
                yield _with_notes(ready, notes)
                continue
            tasks[submission.unit, submission.student] = submission, notes
            rehearsals.add(ready)
            yield from started()
        while not pool.is_empty:
            yield from finished(pool.next_done())
            yield from started()

    def prepare(self, submission: Submission) -> tuple[Task | Result, tuple[str, ...]]:
        """What a worker has to do, or the result if there is nothing to do or it cannot be done.

        With it comes what was decided about the files.
        """
        official, archive = self.officials[submission.unit], Archive(self.coursedir, submission)
        notes: tuple[str, ...] = ()
        try:
            with open_gradebook(self.coursedir) as gradebook:
                archive.recover(gradebook)
                taken = take_in(submission, self.coursedir, self.catalogue)
                files, notes = taken.files, taken.notes
                known = submission_rows(gradebook, submission.unit, submission.student)
                task = Task(
                    submission.student,
                    official,
                    files,
                    known,
                    fingerprint(official, files, known),
                    marks=tuple(archive.marks(gradebook)),
                )
                if self.force or not archive.is_graded(gradebook, official.notebooks, task.fingerprint):
                    return task, notes
                submitted = gradebook.find_submission(submission.unit, submission.student)
                if archive.pages_show(shown_digest(submitted), official.notebooks):
                    return self._read_result(gradebook, submission, Status.KEPT), notes
                return replace(task, graded=archive.notebooks(official.notebooks)), notes
        except UnfitSubmission as error:
            return self._fail(submission, str(error), withdraw=True), notes
        except Exception as error:  # of any kind: the others must be graded
            return self._fail(
                submission, explain(error, shown_url(self.coursedir.db_url)), withdraw=False
            ), notes

    def finish(self, submission: Submission, task: Task, outcome: Outcome) -> Result:
        """Put what a worker gave back in its place."""
        self.log.write(outcome.log)
        if outcome.problem:
            return self._fail(submission, outcome.problem, withdraw=not outcome.by_machine)
        archive = Archive(self.coursedir, submission)
        try:
            if task.graded is None:
                archive.store(task, outcome)
            else:
                archive.store_pages(outcome)
            status = Status.GRADED if task.graded is None else Status.KEPT
            with open_gradebook(self.coursedir) as gradebook:
                result = self._read_result(gradebook, submission, status)
                return replace(result, seconds=outcome.seconds)
        except Exception as error:  # of any kind: the others must be graded
            return self._fail(submission, explain(error, shown_url(self.coursedir.db_url)), withdraw=False)

    def _read_result(self, gradebook: Gradebook, submission: Submission, status: Status) -> Result:
        return read_result(gradebook, self.coursedir, submission, status, self._exercises)

    def _fail(self, submission: Submission, problem: str, withdraw: bool) -> Result:
        """A submission that was not graded. If that is its own fault, no earlier score is left."""
        get_logger().error("%s for %s: %s", submission.student, submission.unit, problem, exc_info=True)
        if withdraw:
            try:
                Archive(self.coursedir, submission).withdraw()
            except Exception:  # its scores keep their notebook and page
                get_logger().error("The gradebook could not be cleared", exc_info=True)
        return Result(submission.unit, submission.student, Status.FAILED, problem=problem)


def _with_notes(result: Result, notes: tuple[str, ...]) -> Result:
    return replace(result, flags=(*result.flags, *filter(None, notes)))


def _not_graded(left_over: LeftOver) -> Result:
    return Result(left_over.unit, left_over.student, Status.FAILED, problem=left_over.problem)
