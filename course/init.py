"""``course init``: how does a folder with nbgrader notebooks become a course that is graded safely?

Its configuration file gets the lines that harden it. What a file that exists says otherwise is kept.
"""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config

from grader.course_api import nbgrader_api
from grader.course_folder import CONFIG_FILE, CourseError
from grader.run.preflight import check_name, check_preprocessors

NEW = '''\
"""nbgrader's configuration of this course."""

c = get_config()

# Without it formgrader and the gradebook work, but nbgrader's exchange does not.
c.CourseDirectory.course_id = {course_id!r}
'''

HARDENING = """
# Added by `course init`: grading that fails closed. Keep these lines at the end.
try:
    from grader.hardened_config import harden
except ImportError as error:
    # nbgrader passes over a file that raises an error and grades without it; this ends nbgrader.
    raise SystemExit(f"{__file__}: {error}. Install the package that `course init` is from.") from None
harden(get_config(), __file__)
"""


def write_config(root: Path) -> list[str]:
    """Harden the configuration of the course in ``root``, or write one.

    Parameters
    ----------
    root : Path
        The folder that holds ``source/``.

    Returns
    -------
    list of str
        Sentences that say what was done, and which settings are no longer in force.

    Raises
    ------
    CourseError
        If ``root`` is no course folder, or its configuration cannot be read.
    """
    if not (root / "source").is_dir():
        raise CourseError(
            f"{root} holds no folder source: run `course init` in the folder that holds "
            "source/UNIT/NOTEBOOK.ipynb."
        )
    check_name(root)
    path = root / CONFIG_FILE
    if not path.exists():
        # "x": a file that came into being since is not written over.
        with path.open("x", encoding="utf-8") as file:
            file.write(NEW.format(course_id=root.name) + HARDENING)
        return [f"{CONFIG_FILE} is new; nbgrader knows the course as {root.name!r} (course_id)."]
    if _is_hardened(root):
        return [f"{CONFIG_FILE} is hardened already and stays as it is."]
    before = _settings(nbgrader_api(root).config)
    with path.open("a", encoding="utf-8") as file:
        file.write(HARDENING)
    after = _settings(nbgrader_api(root).config)
    if not _is_hardened(root):
        raise CourseError(
            f"{path}: the lines that `course init` added at its end have no effect: the file changes another "
            "object than get_config(). Call `harden` with the object that it returns."
        )
    return [
        f"{CONFIG_FILE}: lines that harden it were added at its end. What stands above them is kept.",
        *(
            f"{name} = {value!r} is no longer in force: {_instead(after[name])}."
            for name, value in before.items()
            if _is_replaced(value, after[name])
        ),
    ]


def _is_hardened(root: Path) -> bool:
    api = nbgrader_api(root)
    try:
        check_preprocessors(api)
    except CourseError:
        return False
    return True


def _settings(config: Config) -> dict[str, object]:
    """Every option by the name that it has in the file."""
    return {
        f"c.{section}.{option}": value
        for section, options in config.items()
        for option, value in options.items()
    }


def _instead(value: object) -> str:
    """What stands in the place of a setting; the lists of steps are long."""
    return "safe grading needs its own list" if isinstance(value, list) else f"safe grading needs {value!r}"


def _is_replaced(before: object, after: object) -> bool:
    """Whether a setting is lost; a list that was only added to is not."""
    if isinstance(before, list) and isinstance(after, list):
        return not all(value in after for value in before)
    return before != after
