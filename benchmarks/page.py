"""Which commands does a page of docs/ tell its reader to type, and were they all typed?"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

PROGRAMS = {"course", "nbgrader", "dask", "jupyter", "make", "pip", "apt-get", "python", "cd"}
_INLINE = re.compile(r"(?<!`)`([^`]+)`")
_BLOCK = re.compile(r"(?m)(?:^ {4}\S.*\n|^ {4}.*\S\n|^\n(?= {4}))+")

# What runs a command in a folder: its exit code, and what it printed on standard output.
Run = Callable[[Path, list[str]], tuple[int, str]]


def commands_of(text: str) -> list[str]:
    """The commands of a page, each once: spans of code and lines of code blocks that name a program."""
    blocks = "\n".join(blocks_of(text))
    spans = [" ".join(span.split()) for span in _INLINE.findall(_BLOCK.sub("\n", text))]
    found = [line for line in [*spans, *blocks.splitlines()] if _program(line) in PROGRAMS]
    # `course` alone is the name of the program.
    return list(dict.fromkeys(line.removesuffix(" [UNIT]…") for line in found if " " in line))


def blocks_of(text: str) -> list[str]:
    """The code blocks of a page, without what indents them."""
    return [
        "\n".join(line.removeprefix("    ") for line in block.strip("\n").splitlines())
        for block in _BLOCK.findall(text)
        if not re.match(r"\s*[-*] ", block)
    ]


def _program(line: str) -> str:
    return line.split(maxsplit=1)[0].rpartition("/")[-1] if line.strip() else ""


class Reader:
    """Somebody who types what a page says, in a folder.

    Parameters
    ----------
    text : str
        The page.
    folder : Path
        Where the commands are typed.
    run : callable
        ``run(folder, words)`` returns the exit code and what was printed.
    """

    def __init__(self, text: str, folder: Path, run: Run) -> None:
        self.text, self.folder, self._run = text, folder, run
        self.commands = commands_of(text)
        self.typed: set[str] = set()

    def type(
        self, command: str, *more: str, code: int = 0, instead: Mapping[str, object] | None = None
    ) -> str:
        """Type a command of the page.

        Parameters
        ----------
        command : str
            As the page has it.
        *more : str
            Options that the page names elsewhere, and their values.
        code : int
            The exit code that is right.
        instead : mapping of str to object
            What is typed for a text of the command that stands for it, such as a unit for UNIT.

        Returns
        -------
        str
            What was printed on standard output.

        Raises
        ------
        AssertionError
            If the page does not have the command or an option, or it ends otherwise.
        """
        parts = self.words(command, instead)
        for option in more:
            assert not option.startswith("-") or option in self.text, f"the page does not name {option}"
        ended, printed = self._run(self.folder, [*parts, *more])
        assert ended == code, f"`{command}` ended with {ended}, not {code}:\n{printed[-3000:]}"
        return printed

    def words(self, command: str, instead: Mapping[str, object] | None = None) -> list[str]:
        """The words of a command of the page, as `type` types it; it counts as typed."""
        assert command in self.commands, f"the page does not say `{command}`"
        self.typed.add(command)
        parts = shlex.split(command)
        for old, new in (instead or {}).items():
            assert any(old in part for part in parts), f"`{command}` has no {old}"
            parts = [part.replace(old, str(new)) for part in parts]
        return parts

    def block(self, holds: str) -> str:
        """The code block of the page that holds a text."""
        found = [block for block in blocks_of(self.text) if holds in block]
        assert len(found) == 1, f"{len(found)} blocks of the page hold {holds!r}"
        return found[0]

    def not_typed(self) -> list[str]:
        """The commands of the page that nobody typed."""
        return [command for command in self.commands if command not in self.typed]
