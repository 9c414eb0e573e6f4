"""The ``course`` command: build, release and grade the units."""

from __future__ import annotations

import grader.without_grammar  # noqa: F401  # isort: skip
import atexit
import gc
import io
import os
import sys
import webbrowser
from dataclasses import asdict
from functools import partial
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from authoring.lesson import LessonError, find_units
from course.findings import Finding, Level
from grader.course_folder import CourseError, find_root, read_config, visible_paths
from grader.course_secret import SECRET_FILE, read_secret, set_salt
from grader.shown_text import listed, printable

app = typer.Typer(
    help="Build, release and grade the units of the course, from anywhere in its folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

UnitNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="UNIT", help="Units such as 02-explicit-als; all of them by default.", show_default=False
    ),
]


@app.command()
def build(
    units: UnitNames = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; name each stale file and exit 1 if there is one.")
    ] = False,
) -> None:
    """Build source/UNIT/*.ipynb from the lessons, or --check that source/ and release/ are up to date.

    Example: course build --check
    """
    from authoring import build as builder
    from authoring.outline import TABLE, table

    root = find_root(Path.cwd())
    stale = []
    # The table first: it names what the notebooks' checks say.
    if not builder.write_or_compare(root / TABLE, table(find_units(root)), check):
        if check:
            stale.append(f"{TABLE}: stale; run `course build`")
        else:
            typer.echo(f"{TABLE}: built")
    for unit in find_units(root, units):
        fresh = builder.write_or_compare(unit.notebook, builder.build(unit), check)
        if not check:
            typer.echo(f"{_relative(unit.notebook, root)}: {'unchanged' if fresh else 'built'}")
        elif not fresh:
            stale.append(
                f"{_relative(unit.notebook, root)}: stale; run `course build`, then `course release`"
            )
        elif not _release_is_fresh(unit):
            stale.append(f"{_relative(unit.released_notebook, root)}: stale; run `course release`")
    for sentence in stale:
        typer.echo(sentence)
    if check:
        typer.echo("Every built and released notebook is up to date." if not stale else f"{len(stale)} stale")
        raise typer.Exit(code=bool(stale))


@app.command()
def release(
    units: UnitNames = None,
    private: Annotated[
        str | None,
        typer.Option(
            metavar="SALT",
            help="From now on hidden checks draw other data for this class, such as autumn-2026.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the students' versions to release/ with nbgrader and enter the units into the gradebook.

    Example: course release --private autumn-2026
    """
    from authoring import build as builder
    from authoring.release import release as release_unit

    root = find_root(Path.cwd())
    chosen = find_units(root, units)
    secret = read_secret(root) if private is None else set_salt(root, private)
    for unit in chosen:
        builder.write_or_compare(unit.notebook, builder.build(unit), check=False)
        typer.echo(f"{_relative(release_unit(unit, secret), root)}: released")
    if secret and secret.salt:
        typer.echo(f"Hidden checks draw from the seeds of {printable(secret.salt)}; keep {SECRET_FILE}.")


@app.command()
def bundle(
    units: UnitNames = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The zip file to write; by default matrix-factorization.zip, or "
            "matrix-factorization-self-study.zip.",
            show_default=False,
        ),
    ] = None,
    self_study: Annotated[
        bool,
        typer.Option(
            "--self-study",
            help="For people without an instructor: with the hidden checks, and with solutions.",
        ),
    ] = False,
) -> None:
    """Write the students' bundle: a zip of the released units and all that they need, and nothing else.

    Example: course bundle --self-study
    """
    from authoring.bundle import bundle as write_bundle

    root = find_root(Path.cwd())
    out = out or Path(f"matrix-factorization{'-self-study' * self_study}.zip")
    names = write_bundle(root, find_units(root, units), out, self_study)
    kind = ", with hidden checks and solutions: for people without an instructor" if self_study else ""
    typer.echo(f"{out}: {len(names)} files{kind}")


@app.command()
def students(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A CSV file: id, first_name, last_name, email, lms_user_id.",
            show_default=False,
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print what was entered as JSON.")] = False,
) -> None:
    """Enter a class list into the gradebook: your own, Canvas' gradebook or Moodle's participants.

    Example: course students students.csv
    """
    from grader.course_api import nbgrader_api
    from grader.gradebook.class_list import guess_of_encoding, read_class_list, unused_columns
    from grader.gradebook.ledger import one_transaction
    from grader.gradebook.members import enter_class_list, said_of_zeros
    from grader.intake.passed_over import left_out

    people = read_class_list(file)
    coursedir = nbgrader_api(find_root(Path.cwd())).coursedir
    if unseen := [person.id for person in people if left_out(coursedir.ignore)(person.id)]:
        raise CourseError(
            f"{file}: a folder called {listed(unseen)} is not looked at (c.CourseDirectory.ignore): give "
            "such a person another id. Nothing was entered."
        )
    with one_transaction(coursedir) as gradebook:
        zeros = said_of_zeros(gradebook, people)
        added, known = enter_class_list(gradebook, people)
    unused, notes = unused_columns(file), [*filter(None, [guess_of_encoding(file)]), *zeros]
    if json:
        names = list(map(printable, unused))
        typer.echo(_as_json({"added": added, "known": known, "unused_columns": names, "notes": notes}))
        return
    typer.echo(f"{file}: {added} students added, {known} known before")
    if unused:
        typer.echo(f"Nothing was read from the columns {listed(unused, most=20)}.")
    for note in notes:
        typer.echo(note)


@app.command()
def collect(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A folder, or a zip file as it was downloaded.")
    ],
    unit: Annotated[
        list[str] | None,
        typer.Option(help="Only this unit; may be repeated. All by default.", show_default=False),
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(
            help="A CSV file that gives students other names, such as classroom_roster.csv.",
            show_default=False,
        ),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="What has no time is later than what is in submitted/: put that aside."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the table, and write nothing.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print what became of each file as JSON, in place of the table.")
    ] = False,
) -> None:
    """Take what was handed in from Moodle, Canvas, GitHub Classroom, the exchange or a folder to submitted/.

    Example: course collect ~/Downloads/submissions.zip --unit 02-explicit-als --dry-run

    The table says who is found, with which file and from when, and for each other file why it is not
    collected. What a person has to look at goes to collected-aside/; then the exit code is 1.
    """
    from rich.console import Console

    from course.collect import REPORT, needs_a_person
    from course.collect import collect as collect_source

    console = None if json else Console(width=max(Console().width, 120), highlight=False)
    root = find_root(Path.cwd())
    collection = collect_source(
        root, source, unit or [], console, replace=replace, names=names, dry_run=dry_run
    )
    if json:
        typer.echo(collection.json(written=not dry_run))
    typer.echo(f"{source}: {collection.summary()}", err=json)
    if dry_run:
        typer.echo("Nothing was written (--dry-run).", err=json)
    else:
        there = _relative(collection.aside / REPORT, root)
        typer.echo(f"What became of each file: {there}. Next: `course grade`.", err=json)
    if needs_a_person(collection.plan):
        raise typer.Exit(code=1)


@app.command()
def grade(
    units: UnitNames = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be repeated.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what has not changed, too.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Processes that grade; by default one for each processor.", show_default=False
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Let the workers of this Dask scheduler grade, such as tcp://10.0.0.1:8786."),
    ] = None,
    no_sandbox: Annotated[
        bool,
        typer.Option("--no-sandbox", help="Run students' code without bubblewrap: it can do what you can."),
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Where to write the points; by default grades.csv, or grades-UNIT.csv.", show_default=False
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the results as JSON; the progress bar goes to stderr.")
    ] = False,
) -> None:
    """Grade submitted/STUDENT/UNIT/: points to the gradebook, feedback pages, a table and a CSV file.

    Example: course grade 02-explicit-als --workers 2
    """
    from grader.run.prefork import share_server, start_warming

    root, shared = find_root(Path.cwd()), None
    had_secret = (root / SECRET_FILE).exists()
    if scheduler is None:
        # What follows takes seconds to import, and so does what the workers and the notebooks need.
        start_warming()
        shared = (
            None if no_sandbox else share_server(root, visible_paths(read_config(root), root), units or [])
        )
    from tqdm.auto import tqdm

    from grader.gradebook.results import Status
    from grader.gradebook.results_output import write_csv
    from grader.run.grade import GradingInterrupted, watch_on_terminal
    from grader.run.grade import grade as grade_units
    from grader.run.pool import Pool
    from grader.sandbox import UnisolatedSandbox

    if no_sandbox:
        typer.echo(" ".join(["No sandbox.", *UnisolatedSandbox.leaves_open]), err=True)
    show = _print_json if json else _show
    watch = partial(tqdm, file=sys.stderr, disable=None) if json else watch_on_terminal
    say = partial(tqdm.write, file=sys.stderr if json else sys.stdout)
    try:
        with Pool(workers, scheduler, isolated=not no_sandbox, shared=shared) as pool:
            results = grade_units(root, units or [], student, force=force, pool=pool, watch=watch, say=say)
    except GradingInterrupted as stop:
        show(stop.results)
        raise
    failed = [result for result in results if result.status is Status.FAILED]
    # A file of the whole class is not replaced by one of a few students, nor one of all units by one unit's.
    if csv is None and not student:
        csv = Path("-".join(["grades", *(units or [])]) + ".csv")
    # The file first: it does not depend on who reads what is printed. Nor does that on a disk that is full.
    try:
        if csv is not None:
            write_csv(results, root / csv)
    finally:
        show(results)
    if csv is not None:
        typer.echo(f"Points: {csv}", err=json)
    typer.echo("Points are in the gradebook, too; pages for the students: feedback/", err=json)
    if not had_secret and (root / SECRET_FILE).exists():
        said = (
            f"{SECRET_FILE} was made: hidden data are drawn from it. Keep a copy; without it, everything is"
        )
        typer.echo(f"{said} graded again on other data.", err=json)
    if failed:
        said = "the results say why" if json else "the table says why"
        typer.echo(f"{len(failed)} of {len(results)} submissions could not be graded; {said}.", err=json)
        raise typer.Exit(code=1)


@app.command()
def answers(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="A graded unit such as 02-explicit-als.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The folder of the pages; by default the course's.", show_default=False),
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help="Show who wrote an answer; hidden by default.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write a page for each question that is answered in words: all answers, similar ones together.

    Example: course answers 02-explicit-als

    Open answers-02-explicit-als-three_updates.html in a browser, give points and comments to groups or to
    single answers, and export them. `course mark` enters the exported file into the gradebook.
    """
    from course.marking import pages_json, said_of_page
    from grader.answers.write import write_pages

    root = find_root(Path.cwd())
    pages, notes = write_pages(root, unit, out or root, names=names)
    if json:
        typer.echo(pages_json(pages, notes))
        return
    for page in pages:
        typer.echo(said_of_page(page, _relative(page.path, root)))
    for note in notes:
        typer.echo(note)


@app.command()
def mark(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Files that the pages of `course answers` exported.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print what was entered as JSON.")] = False,
) -> None:
    """Enter points and comments that were exported from the pages of `course answers` into the gradebook.

    Example: course mark ~/Downloads/marks-02-explicit-als-three_updates.json

    A file is entered as a whole or not at all. An answer that is another one by now is not marked, but named:
    then, as for a file that is not entered, the exit code is 1.
    """
    from course.marking import files_json, said_of_file
    from grader.answers.mark import enter_files

    entered = enter_files(find_root(Path.cwd()), files)
    if json:
        typer.echo(files_json(entered))
    else:
        for each in entered:
            for line in said_of_file(each):
                typer.echo(line, err=bool(each.problem))
        if any(each.marked for each in entered):
            typer.echo("Next: `course grade`, which writes the students' pages again.")
    if any(each.needs_a_person for each in entered):
        raise typer.Exit(code=1)


@app.command()
def extend(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="A released unit such as 02-explicit-als.")],
    student: Annotated[str, typer.Argument(metavar="STUDENT", help="The id of a student.")],
    days: Annotated[float, typer.Option(help="Days after the due date.")] = 0,
    hours: Annotated[float, typer.Option(help="Hours after the due date, added to the days.")] = 0,
) -> None:
    """Give one student more time for a unit, in the place of an earlier extension; 0 takes it back.

    Example: course extend 02-explicit-als anna --days 3
    """
    from grader.gradebook.extension import extend as extend_for

    known, time = extend_for(find_root(Path.cwd()), unit, student, days, hours)
    typer.echo(f"{known} has {time} more for {unit}. Next: `course grade`.")


@app.command()
def check(
    works: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="UNIT",
            help="Units such as 02-explicit-als, or paths of notebooks; by default all that you have begun.",
            show_default=False,
        ),
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page with what the checks say.")
    ] = True,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Run your notebook as you, also where there is a sandbox.")
    ] = False,
) -> None:
    """Judge your own notebook with all checks, the hidden ones too: a table, and a page in checked/.

    Example: course check 02-explicit-als

    Your notebook is run afresh, as it was saved in release/, and stays as it is. Nothing is entered anywhere.
    """
    from rich.console import Console
    from tqdm.auto import tqdm

    from course.own_work import judge, own_work, table, why_no_sandbox, write_page

    root = find_root(Path.cwd())
    chosen = own_work(root, works or [])
    reason = "" if no_sandbox else why_no_sandbox(root)
    if reason:
        typer.echo(reason)
    console = Console(width=min(max(Console().width, 100), 140), highlight=False)
    for work in tqdm(chosen, desc="Checking", unit=" notebooks", leave=False):
        judged = judge(work, isolated=not no_sandbox and not reason)
        page = write_page(root, judged)
        with tqdm.external_write_mode():
            console.print(table(judged))
            typer.echo(f"{judged.summary}\nYour code, and all that the checks say: {_relative(page, root)}\n")
        if open_page and _has_screen():
            webbrowser.open(page.as_uri())


@app.command()
def init() -> None:
    """Make the folder with source/UNIT/*.ipynb a course that is graded safely, and say what it holds.

    Example: course init
    """
    from course.init import write_config
    from course.survey import survey
    from grader.course_api import nbgrader_api

    root = Path.cwd()
    for sentence in write_config(root):
        typer.echo(sentence)
    findings = survey(nbgrader_api(root))
    _show_findings(findings)
    if any(finding.level is Level.MISSING for finding in findings):
        raise typer.Exit(code=1)
    typer.echo("Next: `course doctor` tries the sandbox, `course grade` grades submitted/STUDENT/UNIT/.")


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Say what this machine offers for grading, and what it protects against; tries the sandbox.

    Example: course doctor
    """
    from course.doctor import examine_machine, protection

    findings = examine_machine(find_root(Path.cwd()))
    sentences = protection(findings)
    if json:
        typer.echo(_as_json({"findings": [asdict(each) for each in findings]} | sentences))
    else:
        _show_findings(findings)
        for title, key in [("What protects you here", "protects"), ("What does not", "leaves_open")]:
            typer.secho(f"\n{title}:", bold=True)
            for sentence in sentences[key]:
                typer.echo(f"- {sentence}")
    if any(finding.level is Level.MISSING for finding in findings):
        raise typer.Exit(code=1)


@app.command()
def report(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="A graded unit such as 02-explicit-als.")],
    out: Annotated[
        Path | None, typer.Option(help="The page to write; by default report-UNIT.html.", show_default=False)
    ] = None,
) -> None:
    """Write a page about how a class did in a unit: difficulty, misconceptions, similar answers.

    Example: course report 02-explicit-als --out report.html
    """
    from grader.report.report import write_report

    root = find_root(Path.cwd())
    path = write_report(root, unit, out or root / f"report-{unit}.html")
    typer.echo(f"Report: {_relative(path, root)}")


@app.command()
def export(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="A graded unit such as 02-explicit-als.")],
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="canvas or moodle.")],
) -> None:
    """Write a unit's points as a CSV file that Canvas or Moodle imports.

    Example: course export 02-explicit-als canvas
    """
    from grader.gradebook.export import export as write_export

    root = find_root(Path.cwd())
    typer.echo(f"Points: {_relative(write_export(root, unit, format), root)}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demonstration takes place.")] = Path("demo"),
) -> None:
    """Release and grade the units for a class of synthetic students, in a course folder of its own.

    Example: course demo --folder demo
    """
    from course.demo.demo import is_isolated, run_demo

    root = find_root(Path.cwd())
    folder = root / folder
    if not is_isolated():
        typer.echo(
            "There is no bubblewrap here: the class, which can be trusted, is graded without a sandbox."
        )
    _show(run_demo(root, folder))
    shown = _relative(folder, root)
    typer.echo(f"Points: {shown}/grades.csv; gradebook: {shown}/gradebook.db; pages: {shown}/feedback/")


def _show(results: list) -> None:
    """Print a table a unit."""
    from rich.console import Console

    from grader.gradebook.results_output import results_table

    # The points of a dozen exercises and a sentence need some room, also in a file.
    console = Console(width=max(Console().width, 120))
    for unit in dict.fromkeys(result.unit for result in results):
        console.print(results_table(result for result in results if result.unit == unit))


def _show_findings(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    colours = {Level.OK: "green", Level.WARN: "yellow", Level.MISSING: "bold red"}
    for finding in findings:
        level = (f"{finding.level:8}", colours[finding.level])
        console.print(Text.assemble(level, f"{finding.name}: {finding.sentence}"))


def _as_json(said: dict) -> str:
    return dumps(said, indent=2, ensure_ascii=False)


def _print_json(results: list) -> None:
    from grader.gradebook.results_output import results_json

    typer.echo(results_json(results))


def _release_is_fresh(unit) -> bool:
    # Imported late: nbgrader takes seconds to import, and `course build` need not wait for it.
    from authoring.release import is_fresh

    return is_fresh(unit)


def _has_screen() -> bool:
    """Whether a browser would be seen; without a screen one might start in the terminal."""
    return sys.platform != "linux" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _read_names_as_utf8() -> None:
    """Begin again in Python's UTF-8 mode, where the locale says that names of files have another encoding.

    With LC_ALL=C, or ISO-8859-1, a folder called "Zoë" would be read as another name than that of the class
    list. What is printed keeps the encoding of the terminal or file.
    """
    if sys.getfilesystemencoding().lower() != "utf-8":
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        os.environ |= {"PYTHONUTF8": "1", "PYTHONIOENCODING": f"{encoding}:backslashreplace"}
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def main() -> None:
    """Entry point: an error that the instructor can fix is one sentence and exit code 1, not a traceback."""
    _read_names_as_utf8()
    if os.environ.get("NO_COLOR"):
        # Some libraries would still write bold and dim letters into a file.
        for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS"):
            os.environ.pop(name, None)
    # Nearly all objects are those of imported libraries: the collector need not look through them so
    # often, nor once more at the end.
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)
    # A terminal or a file of another encoding (cp1252) has no letters for some names: they are written as in
    # Python.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except (CourseError, LessonError) as error:
        sentence = str(error)
    except OSError as error:
        place = error.filename or "a file"
        sentence = f"{place} cannot be used ({error.strerror or error}): fix that, then run again."
    except KeyboardInterrupt:
        sentence = "Stopped."
    else:
        return
    typer.echo(f"course: {sentence}", err=True)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
