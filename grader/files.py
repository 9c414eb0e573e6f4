"""How do files get to and from the disk: those of a submission as plain data, a result as a whole?"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from grader.course_folder import CourseError
from grader.private_files import private


def beside_notebooks(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files that are no notebooks."""
    return {name: content for name, content in files.items() if not name.endswith(".ipynb")}


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files by relative path into a folder, which is made even if there are none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def replace_file(path: Path, text: str) -> None:
    """Write a file of text, in a folder that is made if there is none.

    An earlier file is replaced when the new one is complete: on a full disk it stays as it was. Nobody else
    can read the new one: it holds grades. A device or a pipe, such as /dev/stdout, is written to.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    beside = None
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", newline="")
            return
        target = path.resolve()
        with private():
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.new")
            beside.unlink(missing_ok=True)
            beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(target)
    except OSError as error:
        if beside:
            with suppress(OSError):
                beside.unlink()
        raise CourseError(f"{path} cannot be written ({error.strerror}): choose another place.") from None
