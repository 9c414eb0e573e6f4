"""Is all here that a notebook needs? One line when it is; what is missing, and the remedy, when it is not."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, requires, version

from course_utils.checks.exercises import unit_named
from course_utils.data.datasets import load
from course_utils.data.formats import DatasetError
from course_utils.notebook.self_study import is_here
from course_utils.notebook.unit import set_unit
from course_utils.notebook.waiting import explain_waiting

PROJECT = "matrix-factorization-from-scratch"
SHOWN = ("numpy", "scipy")
INSTALL = "pip install -c constraints.txt -e ."


def ready(unit: str) -> None:
    """Say whether a unit can be worked on here, and let its cells say what they wait for.

    Parameters
    ----------
    unit : str
        Its folder: "02-explicit-als".
    """
    table = unit_named(unit)
    set_unit(table)
    explain_waiting(table)
    if os.environ.get("NBGRADER_EXECUTION"):  # nobody reads it while a notebook is graded or validated
        return
    problems = [*problems_of_packages(), *problems_of_data()]
    for problem in problems:
        print(f"✗ {problem}")
    if not problems:
        packages = ", ".join(f"{name} {version(name)}" for name in SHOWN)
        print(f"✓ Ready: Python {platform.python_version()}, {packages}, MovieLens data complete.")
    if is_here():
        number = table.exercises[0].number
        print(
            f'For self-study: cells of hidden checks answer at once, check_all("{number}") runs all checks '
            f'of {number}, and solution("{number}") shows the course\'s solution once you have tried.'
        )


def problems_of_packages() -> list[str]:
    """A sentence for each package that is missing, or not of a version that the course works with."""
    try:
        wanted = requires(PROJECT) or []
    except PackageNotFoundError:
        return [f"The course is not installed in this Python: run `{INSTALL}` in the folder of the course."]
    # Imported late: a notebook that is graded needs none of it.
    from packaging.requirements import InvalidRequirement, Requirement

    problems = []
    for text in wanted:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            problems.append(f"{requirement.name} is missing: run `{INSTALL}` in the folder of the course.")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            problems.append(
                f"{requirement.name} {found} is here, and the course needs {requirement.specifier}: run "
                f"`{INSTALL}` in the folder of the course."
            )
    return problems


def problems_of_data() -> list[str]:
    """A sentence if the data set that all notebooks use is missing or damaged; it names the remedy."""
    try:
        load("ml-latest-small")
    except DatasetError as error:
        return [str(error)]
    return []
