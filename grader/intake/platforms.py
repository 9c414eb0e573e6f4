"""What do learning platforms write into the names of folders and files: who, when, and which came later?"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime

from grader.people import ClassList
from grader.times import TimeError, read_time

EXCHANGE, MOODLE, CANVAS = "nbgrader's exchange", "Moodle", "Canvas"
BLACKBOARD, D2L = "Blackboard", "D2L"
# Moodle: mod/assign, "download all submissions", in folders or not; the number is that of the participant in
# this assignment alone. Canvas: lib/content_zipper.rb; the numbers are the user's and the file's.
# nbgrader: exchange/default/submit.py. Windows cannot write the colons. Blackboard and D2L write the time of
# an attempt without its zone: it only says which one is later.
PLATFORMS = {
    EXCHANGE: re.compile(
        r"(?P<name>.+?)\+(?P<unit>[^+]+)\+"
        r"(?P<time>\d{4}-\d{2}-\d{2} \d{2}[:_]\d{2}[:_]\d{2}(?:\.\d+)? [^+]+)(?:\+(?P<suffix>.*))?"
    ),
    MOODLE: re.compile(r"(?P<name>.+)_\d+_assignsubmission_[a-z]+(?:_(?P<rest>.*))?"),
    CANVAS: re.compile(r"(?P<name>[^_]+)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.+)"),
    BLACKBOARD: re.compile(r"(?P<name>.+?)_attempt_(?P<attempt>\d{4}(?:-\d{2}){5})(?:_(?P<rest>.+)|\.txt)"),
    D2L: re.compile(r"\d+-\d+ - (?P<name>.+) - (?P<day>[A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} [AP]M)"),
}
# As Windows writes a time.
_TIME_OF_DAY = re.compile(r"(\d{2})_(\d{2})_(\d{2})")
# What stands between a name and what is put in front of it: a group, or the title of an exercise.
_MARKS = {MOODLE: "-", BLACKBOARD: "_"}


def named_by(platform: str, name: str, people: ClassList) -> set[str]:
    """Those whom a platform's name means."""
    tails = [name]
    if mark := _MARKS.get(platform):
        tails += [name[found.end() :] for found in re.finditer(mark, name)]
    return next((found for tail in tails if (found := people.named(tail))), set())


def order_in(groups: dict[str, str | None]) -> int | None:
    """A number that is higher for what was handed in later, if the name says one."""
    if day := groups.get("day"):
        with suppress(ValueError):
            return int(f"{datetime.strptime(day, '%b %d, %Y %I%M %p'):%Y%m%d%H%M}")
        return None
    number = groups.get("file") or (groups.get("attempt") or "").replace("-", "")
    return int(number) if number else None


def time_in(text: str | None) -> tuple[datetime | None, str]:
    """When the name says that it was, and why that cannot be read."""
    try:
        return (read_time(_TIME_OF_DAY.sub(r"\1:\2:\3", text)) if text else None), ""
    except TimeError as error:
        return None, str(error)
