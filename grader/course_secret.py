"""What does a course know that no student can guess? A number drawn once, and the salt of the class.

The hidden checks' data are drawn from it. The file stays in the course folder: it is in no release, bundle or
page, and no student's code sees it. Whoever grades the course elsewhere copies it; without it the same
submissions get other data.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course_folder import CourseError
from grader.files import replace_file

SECRET_FILE = "grading-secret.json"
_BYTES = 32


@dataclass(frozen=True)
class CourseSecret:
    """The two parts of what hidden data are drawn from.

    Attributes
    ----------
    secret : bytes
        Drawn once.
    salt : str
        Of the class, as `course release --private` was given it; empty in a course without one.
    """

    secret: bytes
    salt: str = ""

    @property
    def key(self) -> bytes:
        """The key of all that is derived. A salt that can be guessed does no harm: the secret is in it."""
        return hmac.digest(self.secret, self.salt.encode(), "sha256")


def read_secret(root: Path) -> CourseSecret | None:
    """The secret of the course in ``root``; None if none was made yet.

    Raises
    ------
    CourseError
        If the file cannot be read, or holds something else.
    """
    path = root / SECRET_FILE
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        secret, salt = bytes.fromhex(entry["secret"]), entry["salt"]
        if len(secret) < _BYTES or not isinstance(salt, str):
            raise ValueError(f"it needs a secret of {_BYTES} bytes or more, and a salt")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CourseError(
            f"{path} cannot be used ({error}): put your copy of it back. Without one, delete it; a new "
            "secret is made, and everything is graded again on other data."
        ) from None
    return CourseSecret(secret, salt)


def make_secret(root: Path, shared_with_group: bool = False) -> CourseSecret:
    """Draw the secret of the course in ``root``, for this user alone to read.

    Parameters
    ----------
    root : Path
        The course folder.
    shared_with_group : bool
        Whether the group that grades the course may read it, too.

    Raises
    ------
    CourseError
        If there is one already.
    """
    made = CourseSecret(secrets.token_bytes(_BYTES))
    path, mode = root / SECRET_FILE, 0o640 if shared_with_group else 0o600
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise CourseError(f"{path} was made a moment ago by another command: run this one again.") from None
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(_text(made))
    return made


def set_salt(root: Path, salt: str) -> CourseSecret:
    """Note the salt of a class; the secret stays, or is drawn if there is none.

    Raises
    ------
    CourseError
        If the salt is empty, or the file cannot be used.
    """
    if not salt.strip():
        raise CourseError("The salt is empty: name the class, such as `--private autumn-2026`.")
    made = replace(read_secret(root) or make_secret(root), salt=salt)
    path = root / SECRET_FILE
    mode = path.stat().st_mode & 0o777
    replace_file(path, _text(made))
    path.chmod(mode)
    return made


def _text(secret: CourseSecret) -> str:
    return json.dumps({"secret": secret.secret.hex(), "salt": secret.salt}) + "\n"
