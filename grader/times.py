"""When was something handed in, or due? A text is read exactly, or refused.

nbgrader leaves it to dateutil, which takes a zone that it does not know (PST, CEST) for UTC, ``+0100`` for a
hundred seconds, and 11/12/2026 for the twelfth of November: a late submission then costs nothing, or one in
time does.
"""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

# nbgrader's file with the time of handing in.
TIMESTAMP = "timestamp.txt"
EXAMPLE = "2026-10-31 23:59:00 UTC"
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T]+(\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?"
    r"(?: *(Z|[+-]\d{2}(?::?\d{2})?)| +(\S+))?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?")


class TimeError(ValueError):
    """A text that is no time, or not one alone; the message says why."""


def read_time(text: str) -> datetime:
    """A time as nbgrader keeps it: in UTC, and without saying so.

    Parameters
    ----------
    text : str
        Year, month, day and time of day, and a zone: ``UTC``, ``Z``, an offset such as ``+01:00``, or a name
        such as ``Europe/Berlin``. Without one it is UTC.

    Raises
    ------
    TimeError
        If it is written in another way, or stands for no time or for two.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise TimeError(f"'{text.strip()[:40]}' is no time such as '{EXAMPLE}'")
    date, time, fraction, offset, name = found.groups()
    try:
        when = datetime.fromisoformat(f"{date}T{time}")
        when = when.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0")))
        zone = _offset(offset) if offset else _zone(name) if name else UTC
        first, second = (when.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    except TimeError:
        raise
    except (ValueError, OverflowError) as error:
        raise TimeError(f"'{text.strip()[:40]}' is no time ({error})") from None
    if first != second:
        raise TimeError(
            f"'{text.strip()[:40]}' is not one time, as the clocks are changed there then: write the offset, "
            "such as +01:00, in place of the zone's name"
        )
    return first.replace(tzinfo=None)


def read_time_of_file(content: bytes) -> datetime:
    """The time that a file such as ``timestamp.txt`` holds, in UTF-8 or UTF-16.

    Raises
    ------
    TimeError
        As `read_time`, or if the file is empty.
    """
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    if b"\0" in content[:2]:  # a digit of 16 bits, without a mark before it
        encoding = "utf-16-be" if content.startswith(b"\0") else "utf-16-le"
    text = content[:1000].decode(encoding, errors="replace").strip()
    if not text:
        raise TimeError("it is empty")
    return read_time(text)


def write_time(when: datetime) -> str:
    """A time of nbgrader's as text that everybody reads alike."""
    return f"{when.isoformat(sep=' ', timespec='microseconds')} UTC"


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    found = _OFFSET.fullmatch(text)
    assert found, "the pattern of a time has found it"
    sign, hours, minutes = found.groups()
    size = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if size > timedelta(hours=14) or int(minutes or 0) > 59:
        raise TimeError(f"no place on earth has the offset {text}")
    return timezone(-size if sign == "-" else size)


def _zone(name: str) -> tzinfo:
    if name in ("UTC", "GMT"):
        return UTC
    # Names without a place are used for several zones (IST, CST, EST), or for half of a year (CET).
    if "/" in name:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # no zone, no name of one, a folder of zones
            pass
    raise TimeError(
        f"the zone '{name[:40]}' is not known for certain: write UTC, an offset such as +01:00, or a place "
        "such as Europe/Berlin"
    )
