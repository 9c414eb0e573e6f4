"""The ``course`` command: build, release and grade the units."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from instructor import build as builder
from instructor.course import CourseError, find_root
from instructor.lesson import LessonError, find_units

app = typer.Typer(
    help="Build, release and grade the units of the course, from anywhere in its folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

UnitNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[UNIT]...", help="Units such as 02-explicit-als; all of them by default.", show_default=False
    ),
]


@app.command()
def build(
    units: UnitNames = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; name each stale file and exit 1 if there is one.")
    ] = False,
) -> None:
    """Build source/UNIT/*.ipynb from the lessons, or --check that source/ and release/ are up to date."""
    root = find_root(Path.cwd())
    stale = []
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
def release(units: UnitNames = None) -> None:
    """Write the students' versions to release/ with nbgrader and enter the units into the gradebook."""
    from instructor.release import release as release_unit

    root = find_root(Path.cwd())
    for unit in find_units(root, units):
        builder.write_or_compare(unit.notebook, builder.build(unit), check=False)
        typer.echo(f"{_relative(release_unit(unit), root)}: released")


@app.command()
def bundle(
    units: UnitNames = None,
    out: Annotated[Path, typer.Option(help="The zip file to write.")] = Path("matrix-factorization.zip"),
) -> None:
    """Write the students' bundle: a zip of the released units and all that they need, and nothing else."""
    from instructor.bundle import bundle as write_bundle

    root = find_root(Path.cwd())
    names = write_bundle(root, find_units(root, units), out)
    typer.echo(f"{out}: {len(names)} files")


@app.command()
def grade(
    units: UnitNames = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; may be repeated.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what has not changed, too.")] = False,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Where to write the points; by default grades.csv, or grades-UNIT.csv.", show_default=False
        ),
    ] = None,
) -> None:
    """Grade submitted/STUDENT/UNIT/: points to the gradebook, feedback pages, a table and a CSV file."""
    from instructor.grading.grade import GradingInterrupted
    from instructor.grading.grade import grade as grade_units
    from instructor.grading.results import Status, write_csv

    root = find_root(Path.cwd())
    try:
        results = grade_units(root, units or [], student, force=force)
    except GradingInterrupted as stop:
        _show(stop.results)
        raise
    _show(results)
    failed = [result for result in results if result.status is Status.FAILED]
    # A file of the whole class is not replaced by one of a few students, nor one of all units by one unit's.
    if csv is None and not student:
        csv = Path("-".join(["grades", *(units or [])]) + ".csv")
    if csv is not None:
        write_csv(results, root / csv)
        typer.echo(f"Points: {csv}")
    typer.echo("Gradebook: gradebook.db; pages for the students: feedback/")
    if failed:
        typer.echo(f"{len(failed)} of {len(results)} submissions could not be graded; the table says why.")
        raise typer.Exit(code=1)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demonstration takes place.")] = Path("demo"),
) -> None:
    """Release and grade the units for a class of synthetic students, in a course folder of its own."""
    from instructor.demo import run_demo

    root = find_root(Path.cwd())
    folder = root / folder
    _show(run_demo(root, folder))
    shown = _relative(folder, root) if folder.is_relative_to(root) else folder
    typer.echo(f"Points: {shown}/grades.csv; gradebook: {shown}/gradebook.db; pages: {shown}/feedback/")


def _show(results: list) -> None:
    """Print a table a unit."""
    from rich.console import Console

    from instructor.grading.results import results_table

    # The points of a dozen exercises and a sentence need some room, also in a file.
    console = Console(width=max(Console().width, 120))
    for unit in dict.fromkeys(result.unit for result in results):
        console.print(results_table(result for result in results if result.unit == unit))


def _release_is_fresh(unit) -> bool:
    # Imported late: nbgrader takes seconds to import, and `course build` need not wait for it.
    from instructor.release import is_fresh

    return is_fresh(unit)


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root)


def main() -> None:
    """Entry point: an error that the instructor can mend is one sentence and exit code 1, not a traceback."""
    try:
        app()
    except (CourseError, LessonError) as error:
        sentence = str(error)
    except OSError as error:
        place = error.filename or "a file"
        sentence = f"{place} cannot be used ({error.strerror or error}): mend that, then run again."
    except KeyboardInterrupt:
        sentence = "Stopped."
    else:
        return
    typer.echo(f"course: {sentence}", err=True)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
