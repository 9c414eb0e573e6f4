"""Is this Python one that the course supports? ``make setup`` and pip run this first and show what it says.

Without it pip looks, for minutes, for packages that such a Python has none of, and ends in
"ResolutionImpossible". All else about the project stands in pyproject.toml. Older Pythons must be able to
read this file.
"""

import re
import sys
from pathlib import Path

TEXT = (Path(__file__).resolve().parent / "pyproject.toml").read_text(encoding="utf-8")
FIRST, BEYOND = map(int, re.findall(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"', TEXT, re.MULTILINE)[0])


def refusal(version):
    """A sentence for a Python that is not supported; empty for one that is."""
    if (3, FIRST) <= tuple(version[:2]) < (3, BEYOND):
        return ""
    said = "The course needs Python 3.{} to 3.{}, and this is {}: install one of them, from python.org or "
    said += "with conda, remove the folder .venv if there is one, and set the course up with it."
    return said.format(FIRST, BEYOND - 1, ".".join(map(str, version[:3])))


if __name__ == "__main__":
    if refusal(sys.version_info):
        sys.exit(refusal(sys.version_info))
    if len(sys.argv) > 1:
        from setuptools import setup

        setup()
