"""Is all here that a notebook needs? One line when it is; what is missing, and the remedy, when it is not."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from course_utils.checks.exercises import unit_named
from course_utils.data.datasets import load
from course_utils.data.formats import DatasetError
from course_utils.notebook.self_study import is_here
from course_utils.notebook.unit import set_unit
from course_utils.notebook.waiting import explain_waiting

PROJECT = "matrix-factorization-from-scratch"
SHOWN = ("numpy", "scipy")
INSTALL = "pip install -c constraints.txt -e ."
# What a notebook can do without: the one unit that cannot, and what the others do.
SPARE = {
    "torch": ("04-pytorch-mf", "Without PyTorch, which only unit 04 needs."),
    "numba": (None, "Without numba: trainings take their steps in plain Python, on less data."),
}


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
    problems = [*problems_of_python(), *problems_of_packages(unit), *problems_of_data()]
    for problem in problems:
        print(f"✗ {problem}")
    if not problems:
        packages = ", ".join(f"{name} {version(name)}" for name in SHOWN)
        spared = " ".join(["", *(said for name, (_, said) in SPARE.items() if not _is_here(name))])
        print(f"✓ Ready: Python {platform.python_version()}, {packages}, MovieLens data complete.{spared}")
    if is_here():
        number = table.exercises[0].number
        print(
            f'For self-study: cells of hidden checks answer at once, check_all("{number}") runs all checks '
            f'of {number}, and solution("{number}") shows the course\'s solution once you have tried.'
        )


def problems_of_python() -> list[str]:
    """A sentence if this Python is none that the course supports."""
    try:
        wanted = metadata(PROJECT)["Requires-Python"]
    except PackageNotFoundError:  # which `problems_of_packages` says
        return []
    from packaging.specifiers import SpecifierSet

    if platform.python_version() in SpecifierSet(wanted):
        return []
    return [
        f"Python {platform.python_version()} is here, and the course needs {wanted}: install such a Python, "
        f"make an environment with it, and run `{INSTALL}` there."
    ]


def problems_of_packages(unit: str) -> list[str]:
    """A sentence for each package that is missing, or not of a version that the course works with.

    Parameters
    ----------
    unit : str
        Its folder: what other units need may be missing.
    """
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
        name, marker = requirement.name, requirement.marker
        is_for_here = marker is None or marker.evaluate({"extra": ""})
        can_be_spared = name in SPARE and SPARE[name][0] != unit
        if not _is_here(name):
            if is_for_here and not can_be_spared:
                problems.append(f"{name} is missing: run `{INSTALL}` in the folder of the course.")
            elif name in SPARE and not can_be_spared:
                problems.append(
                    f"{name} is missing, and this unit needs it. There is none for this kind of machine: "
                    "work on this unit on another one. The other units run here."
                )
        elif is_for_here and not requirement.specifier.contains(version(name), prereleases=True):
            problems.append(
                f"{name} {version(name)} is here, and the course needs {requirement.specifier}: run "
                f"`{INSTALL}` in the folder of the course."
            )
    return problems


def problems_of_data() -> list[str]:
    """A sentence if the data set that all notebooks use is missing or damaged; it names the remedy."""
    try:
        load("ml-latest-small")
    except DatasetError as error:
        # What a programmer passes, a student types.
        return [f'{error} In a cell: `load("ml-latest-small", download=True)`, after the imports.']
    return []


def _is_here(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
