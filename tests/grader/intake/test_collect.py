"""Is every file of a download collected for the right person, or named with its reason?"""

from __future__ import annotations

import io
import os
import random
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from grader.course_folder import CourseError
from grader.intake.hand_ins import HandIn, Plan, Status
from grader.intake.owner import owner_of
from grader.intake.passed_over import APPLE_DOUBLE
from grader.intake.put import put
from grader.intake.settle import Submitted
from grader.intake.source import CLUTTER_FOLDERS, Source
from grader.people import ClassList, Person
from grader.times import TIMESTAMP
from tests.grader.intake.downloads import (
    ALS,
    CATALOGUE,
    SGD,
    look,
    notebook,
    notebooks,
    taken,
    write,
    zipped,
)


def reasons(made: Plan) -> dict[str, tuple[Status, str]]:
    return {row.entry.shown: (row.status, row.reason) for row in made.rows}


def write_all(made: Plan, path: Path, course: Path, *, replace: bool = False) -> Plan:
    """Write what was planned into a course folder."""
    submitted = Submitted(course / "submitted", CATALOGUE, replace=replace)
    submitted.settle(made)
    with Source(path) as source:
        put(made, source, submitted, course / "aside")
    return made


def again(path: Path, course: Path, *, replace: bool = False) -> Plan:
    return write_all(look(path), path, course, replace=replace)


# The forms in which submissions come


def test_moodle_in_folders(tmp_path: Path) -> None:
    nfd = unicodedata.normalize("NFD", "Müller")
    files = {
        f"Anna {nfd}_11_assignsubmission_file_/als.ipynb": notebook(),
        "Bob O'Neil_12_assignsubmission_file/my answer.ipynb": notebook(),
        "Group A-Jin Ho Lee-Smith_13_assignsubmission_file_/als.ipynb": notebook(),
        "Max Mayer_14_assignsubmission_file_/als.ipynb": notebook(),
        "ÅNGSTRÖM  Zoë_15_assignsubmission_onlinetext_/onlinetext.html": b"<p>See my file.",
        "ÅNGSTRÖM  Zoë_15_assignsubmission_file_/02-als-to-hand-in.zip": zipped({"als.ipynb": notebook()}),
        "Participant_16_assignsubmission_file_/als.ipynb": notebook(),
    }
    (tmp_path / "moodle.zip").write_bytes(zipped(files))
    made = look(tmp_path / "moodle.zip")
    assert list(notebooks(made).values()) == ["Anna", "bob-1", "lee", "zoe"]
    said = reasons(made)
    assert (
        "fits Max Mayer (mm1) and Max Mayer (mm2)" in said["Max Mayer_14_assignsubmission_file_/als.ipynb"][1]
    )
    status, reason = said["Participant_16_assignsubmission_file_/als.ipynb"]
    assert status is Status.ASIDE and "nobody in the class list is called 'Participant'" in reason


def test_moodle_without_folders(tmp_path: Path) -> None:
    files = {
        "Anna Müller_11_assignsubmission_file_als.ipynb": notebook(),
        "Anna Müller_11_assignsubmission_file_notes.txt": b"notes",
        "Zoë Ångström_12_assignsubmission_file_work.zip": zipped(
            {"a/als.ipynb": notebook(), "a/x.csv": b"1"}
        ),
    }
    made = look(write(tmp_path / "moodle", files))
    targets = {each.student: [row.target for row in each.rows] for each in made.hand_ins}
    assert targets == {"Anna": ["als.ipynb", "notes.txt"], "zoe": ["als.ipynb", "x.csv"]}


def test_canvas(tmp_path: Path) -> None:
    files = {
        "müllerann_101_900_als.ipynb": notebook(),  # the number counts
        "oneilbob_LATE_102_902_als-1.ipynb": notebook("2"),
        "oneilbob_102_901_als.ipynb": notebook("1"),
        "mayermax_104_903_als-3.ipynb": notebook(),
        "mayermax_999_904_als.ipynb": notebook(),
        "leesmithjinho_888_905_als.ipynb": notebook(),
        "muelleranna_106_906_als.ipynb": notebook(),
    }
    made = look(write(tmp_path / "canvas", files))
    assert notebooks(made) == {
        "müllerann_101_900_als.ipynb": "Anna",
        "oneilbob_LATE_102_902_als-1.ipynb": "bob-1",
        "mayermax_104_903_als-3.ipynb": "mm2",
        "leesmithjinho_888_905_als.ipynb": "lee",
    }
    bob = taken(made)["bob-1", ALS]
    assert "the latest of 2 versions, by what Canvas wrote" in bob.notes
    assert any("late, says Canvas" in note for note in bob.notes) and bob.time is None
    said = reasons(made)
    assert said["oneilbob_102_901_als.ipynb"][1].startswith("an earlier version of oneilbob_LATE")
    assert "correct the class list" in said["muelleranna_106_906_als.ipynb"][1]
    assert said["mayermax_999_904_als.ipynb"][0] is Status.ASIDE


def test_blackboard(tmp_path: Path) -> None:
    files = {
        "Week_1_bob-1_attempt_2026-11-20-23-59-00_als.ipynb": notebook("1"),
        "Week_1_bob-1_attempt_2026-11-20-23-59-00.txt": b"Name: Bob",
        "Week_1_bob-1_attempt_2026-11-21-09-00-00_zoe.ipynb": notebook("2"),  # a student chose that name
        "Week_1_who_attempt_2026-11-20-23-59-00_als.ipynb": notebook(),
    }
    made = look(write(tmp_path / "x", files))
    assert notebooks(made) == {"Week_1_bob-1_attempt_2026-11-21-09-00-00_zoe.ipynb": "bob-1"}
    (bob,) = made.hand_ins
    assert bob.notes == ["the latest of 2 versions, by what Blackboard wrote"]
    assert bob.time is None and "does not say in which time zone" in bob.time_from
    assert "'Week_1_who'" in reasons(made)["Week_1_who_attempt_2026-11-20-23-59-00_als.ipynb"][1]


def test_d2l(tmp_path: Path) -> None:
    folders = [f"123-{n} - Anna Müller - Nov {9 + n}, 2026 {hour} PM" for n, hour in ((0, 1159), (1, 101))]
    made = look(write(tmp_path / "x", {f"{name}/als.ipynb": notebook(name[4]) for name in folders}))
    assert notebooks(made) == {f"{folders[1]}/als.ipynb": "Anna"}


def test_folders_and_files_named_by_people(tmp_path: Path) -> None:
    files = {
        "classroom/02-als-anna/02-als/als.ipynb": notebook(),
        "classroom/02-als-anna/README.md": b"Read me",
        "drive/Bob O’Neil/als (1).ipynb": notebook(),
        "als_mm1.ipynb": notebook(),
        "max2@x.org.ipynb": notebook(),
        "Zoe Angstrom - als.ipynb": notebook(),
        "lee/sgd.ipynb": notebook(unit=SGD),
        "lee/deeper/als.ipynb": notebook(),
    }
    made = look(write(tmp_path / "folders", files))
    assert sorted(notebooks(made).values()) == ["Anna", "bob-1", "lee", "lee", "mm1", "mm2", "zoe"]
    assert ("lee", SGD) in taken(made) and ("lee", ALS) in taken(made)
    assert all(each.time is None for each in made.hand_ins)


@pytest.mark.parametrize("form", ["folder", "zip", "zip in a folder"])
def test_an_editors_copies_are_named_where_there_are_no_other_answers(tmp_path: Path, form: str) -> None:
    copy = ".ipynb_checkpoints/als-checkpoint.ipynb"
    own = {"Anna": {}, "bob-1": {"als.ipynb": notebook("")}, "lee": {"als.ipynb": notebook("1")}}
    files = {f"{id}/{name}": text for id, there in own.items() for name, text in there.items()}
    files |= {f"{id}/{copy}": notebook("2") for id in own}
    files |= {"zoe/__MACOSX/._als.ipynb": b"x", "zoe/.git/HEAD": b"x"}
    if form == "folder":
        made = look(write(tmp_path / "all", files))
    elif form == "zip":
        (tmp_path / "all.zip").write_bytes(zipped(files))
        made = look(tmp_path / "all.zip")
    else:
        packed = {f"{id}/work.zip": zipped({copy: notebook("2")} | there) for id, there in own.items()}
        made = look(write(tmp_path / "all", packed))
    refused = [row for row in made.rows if row.status is Status.REFUSED]
    assert {row.student for row in refused if "look at them" in row.reason} == {"Anna", "bob-1"}
    assert {row.student for row in refused if "nothing else here" in row.reason} <= {"zoe"}


def test_nbgraders_exchange(tmp_path: Path) -> None:
    first, last = (f"inbound/lee+02-als+2026-11-2{day} 12:00:00.500000 UTC" for day in (0, 1))
    files = {
        f"{first}/als.ipynb": notebook("1"),
        f"{first}/{TIMESTAMP}": b"2026-11-20 12:00:00.500000 UTC\n",
        f"{last}+abc/als.ipynb": notebook("2"),
        f"{last}+abc/{TIMESTAMP}": b"2026-11-21 12:00:00.500000 UTC\n",
        "inbound/zoe+02-als+2026-11-20 10_00_00 UTC/als.ipynb": notebook(),
    }
    made = look(write(tmp_path / "exchange", files))
    lee, zoe = taken(made)["lee", ALS], taken(made)["zoe", ALS]
    assert lee.time == datetime(2026, 11, 21, 12, 0, 0, 500000) and lee.time_from == TIMESTAMP
    assert lee.notes == ["the latest of 2 versions, by time"]
    assert zoe.time == datetime(2026, 11, 20, 10) and zoe.time_from == "name of the folder"


def test_a_hand_in_zip_in_a_zip_in_a_zip(tmp_path: Path) -> None:
    inner = zipped({"als.ipynb": notebook(), "__MACOSX/._als.ipynb": b"x"})
    (tmp_path / "all.zip").write_bytes(zipped({"week 2.zip": zipped({"anna/02-als-to-hand-in.zip": inner})}))
    made = look(tmp_path / "all.zip")
    assert notebooks(made) == {"week 2.zip/anna/02-als-to-hand-in.zip/als.ipynb": "Anna"}


def test_a_file_that_is_no_notebook_by_its_name(tmp_path: Path) -> None:
    made = look(write(tmp_path / "x", {"anna/als.ipynb.json": notebook(), "zoe/download": notebook()}))
    assert taken(made).keys() == {("Anna", ALS), ("zoe", ALS)}


# Which one counts, and from when


@pytest.mark.parametrize(
    ("names", "winner"),
    [
        ({"als.ipynb": "", "als (1).ipynb": "1"}, "als (1).ipynb"),
        ({"als.ipynb": "1", "als-Copy1.ipynb": ""}, "als.ipynb"),
        ({"als.ipynb": "1", "als (2).ipynb": "2", "als (1).ipynb": "3"}, "als (2).ipynb"),
        ({"als.ipynb": "1", "als-Copy1.ipynb": "2"}, None),
        ({"a/als.ipynb": "1", "b/als.ipynb": "2"}, None),
        ({"a/als.ipynb": "1", "b/als.ipynb": "1"}, "a/als.ipynb"),
    ],
)
def test_the_one_with_answers_and_the_latest_is_taken(
    tmp_path: Path, names: dict[str, str], winner: str | None
) -> None:
    made = look(write(tmp_path / "x", {f"anna/{name}": notebook(answer) for name, answer in names.items()}))
    assert list(notebooks(made)) == ([] if winner is None else [f"anna/{winner}"])
    if winner is None:
        assert all(row.status is Status.ASIDE and "nothing says" in row.reason for row in made.rows)


def test_the_dates_in_an_archive_are_those_of_handing_in(tmp_path: Path) -> None:
    files = {"anna/als.ipynb": notebook(), "zoe/als.ipynb": notebook()}
    times = {"anna/als.ipynb": datetime(2026, 11, 20, 12), "zoe/als.ipynb": datetime(2026, 11, 19, 12)}
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(files, times))
    made = look(path)
    assert all(each.time and each.time_from == "date in the archive" for each in made.hand_ins)
    assert (
        taken(made)["Anna", ALS].time - taken(made)["zoe", ALS].time
        == times["anna/als.ipynb"] - times["zoe/als.ipynb"]
    )


def test_the_dates_of_a_download_are_not_those_of_handing_in(tmp_path: Path) -> None:
    students = ("anna", "bob-1", "lee", "mm1", "zoe")
    files = {f"{name}/als.ipynb": notebook() for name in students}
    times = {name: datetime(2026, 11, 20, 12, minute) for minute, name in enumerate(files)}
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(files, times))
    assert {each.time for each in look(path).hand_ins} == {None}


def test_an_exact_time_in_an_archive_is_read_exactly(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("anna/als.ipynb", (2026, 11, 20, 3, 0, 0))
    info.extra = struct.pack("<HHBl", 0x5455, 5, 1, 1_790_000_000)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(info, notebook())
    assert taken(look(tmp_path / "x.zip"))["Anna", ALS].time == datetime(2026, 9, 21, 14, 13, 20)


@pytest.mark.parametrize("zone", ["CET", "PST", "EDT"])
def test_a_time_that_is_half_understood_is_named(tmp_path: Path, zone: str) -> None:
    made = look(write(tmp_path / "x", {f"lee+02-als+2026-11-20 12:00:00 {zone}/als.ipynb": notebook()}))
    (hand_in,) = made.hand_ins
    assert (
        hand_in.time is None and f"unknown: the zone '{zone}' is not known for certain" in hand_in.time_from
    )


def test_a_time_in_16_bits_a_letter(tmp_path: Path) -> None:
    place = "lee+02-als+2026-11-20 12:00:00 CET"
    files = {
        f"{place}/als.ipynb": notebook(),
        f"{place}/{TIMESTAMP}": "2026-11-20 12:00 +01:00".encode("utf-16"),
    }
    assert look(write(tmp_path / "x", files)).hand_ins[0].time == datetime(2026, 11, 20, 11)


def test_a_date_that_is_to_come_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(
        zipped({"anna/als.ipynb": notebook()}, {"anna/als.ipynb": datetime(2107, 1, 1)})
    )
    (hand_in,) = look(tmp_path / "x.zip").hand_ins
    assert hand_in.time is None and "2107-01-01, is to come" in hand_in.time_from


def test_a_date_before_there_were_notebooks_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(
        zipped({"anna/als.ipynb": notebook()}, {"anna/als.ipynb": datetime(1985, 10, 26, 8, 15)})
    )
    (hand_in,) = look(tmp_path / "x.zip").hand_ins
    assert hand_in.time is None and "1985-10-26, is before Jupyter's" in hand_in.time_from


def test_a_notebook_is_known_by_what_it_holds_whatever_its_name(tmp_path: Path) -> None:
    files = {
        "anna/als.dat": notebook(),
        "lee/als.ipynb": notebook("1"),
        "lee/als.ipynb~": notebook("2"),
        "zoe/als.txt": notebook().decode().encode("utf-16"),
        "zoe/map.geojson": b'{"cells": [1, 2]}',
        "zoe/half.bak": b'{"cells": [1,',
    }
    made = look(write(tmp_path / "x", files))
    assert notebooks(made) == {"anna/als.dat": "Anna", "lee/als.ipynb": "lee", "zoe/als.txt": "zoe"}
    assert reasons(made)["lee/als.ipynb~"][1] == "its name is no notebook's; lee/als.ipynb is"
    assert {row.target for row in taken(made)["zoe", ALS].rows} == {"als.ipynb", "map.geojson", "half.bak"}


def test_a_time_that_a_student_wrote_is_not_believed(tmp_path: Path) -> None:
    place = "Anna Müller_11_assignsubmission_file_"
    files = {f"{place}/als.ipynb": notebook(), f"{place}/{TIMESTAMP}": b"2020-01-01 00:00:00 UTC"}
    made = look(write(tmp_path / "x", files))
    assert taken(made)["Anna", ALS].time is None
    assert "a student can write" in reasons(made)[f"{place}/{TIMESTAMP}"][1]


# What cannot be taken, and is named


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def encrypted() -> bytes:
    content = bytearray(zipped({"als.ipynb": b"x" * 20}))
    for start in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[start] |= 1
    return bytes(content)


def damaged() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("als.ipynb", notebook())
    return made.getvalue().replace(b"return 1", b"return 2")


def with_link() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(link("als.ipynb"), "/etc/passwd")
    return made.getvalue()


def twice() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("als.ipynb", notebook("1"))
        archive.writestr("als.ipynb", notebook("2"))
    return made.getvalue()


def tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz"):
        pass
    return made.getvalue()


def nested(depth: int) -> bytes:
    content = notebook()
    for _ in range(depth):
        content = zipped({"in.zip" if content.startswith(b"PK") else "als.ipynb": content})
    return content


# Made when they are needed: some are large, and one holds the time at which it was made.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "up.zip": (lambda: zipped({"../../als.ipynb": notebook()}), "leads out of the archive"),
    "windows.zip": (lambda: zipped({"..\\als.ipynb": notebook()}), "leads out of the archive"),
    "absolute.zip": (lambda: zipped({"/als.ipynb": notebook()}), "its name is absolute"),
    "drive.zip": (lambda: zipped({"C:\\als.ipynb": notebook()}), "its name is absolute"),
    "link.zip": (lambda: with_link(), "it is a link"),
    "encrypted.zip": (lambda: encrypted(), "it is encrypted"),
    "damaged.zip": (lambda: damaged(), "it cannot be read"),
    "cut.zip": (lambda: zipped({"als.ipynb": notebook()})[:-30], "no zip archive that can be read"),
    "empty.zip": (lambda: zipped({}), "empty archive"),
    "not.zip": (lambda: b"hello", "no zip archive that can be read"),
    "bomb.zip": (lambda: zipped({f"{n}.bin": bytes(45_000_000) for n in range(14)}), "a bomb"),
    "large.zip": (lambda: zipped({"als.ipynb": bytes(51_000_000)}), "larger than 50 MB"),
    "deep.zip": (lambda: nested(6), "an archive in 4 others"),
    "other.tar.gz": (lambda: tar(), "an archive of another kind (.gz)"),
    "other.7z": (lambda: b"7z\xbc\xaf", "an archive of another kind (.7z)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    make, said = REFUSED[name]
    path = write(tmp_path / "x", {f"anna/{name}": make(), "zoe/als.ipynb": notebook()})
    made = look(path)
    assert taken(made).keys() == {("zoe", ALS)}
    refused = [row for row in made.rows if row.status is Status.REFUSED]
    assert len(refused) == 1 and said in refused[0].reason and name in refused[0].entry.shown
    write_all(made, path, tmp_path / "course")
    inside = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert all(file.startswith(("x/", "course/submitted/zoe/", "course/aside/anna/")) for file in inside), (
        inside
    )


def test_a_second_entry_of_the_same_name_is_named(tmp_path: Path) -> None:
    made = look(write(tmp_path / "x", {"anna/twice.zip": twice()}))
    assert notebooks(made) == {"anna/twice.zip/als.ipynb": "Anna"}
    assert [row.reason for row in made.rows if row.status is Status.REFUSED] == [
        "it is a second entry of the same name: ask which one counts"
    ]


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", {"zoe/als.ipynb": notebook()})
    (tmp_path / "secret.ipynb").write_bytes(notebook())
    (folder / "anna.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (folder / "lee").symlink_to(tmp_path)
    os.mkfifo(folder / "mm1.ipynb")
    made = look(folder)
    assert taken(made).keys() == {("zoe", ALS)}
    assert {row.entry.shown for row in made.rows if row.status is Status.REFUSED} == {
        "anna.ipynb",
        "lee",
        "mm1.ipynb",
    }


def test_names_that_were_not_written_as_utf_8_by_their_flag(tmp_path: Path) -> None:
    content = zipped({"Anna M\u00fcller_1_assignsubmission_file_/als.ipynb": notebook()})
    # Without the flag that says that the names are UTF-8.
    for mark, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        place = content.index(mark) + offset
        content = content[:place] + bytes([content[place] & ~0x08]) + content[place + 1 :]
    (tmp_path / "x.zip").write_bytes(content)
    assert list(notebooks(look(tmp_path / "x.zip")).values()) == ["Anna"]


def test_folders_that_name_two_people_belong_to_nobody(tmp_path: Path) -> None:
    made = look(write(tmp_path / "x", {"anna/zoe.ipynb": notebook(), "als_anna_and_zoe.ipynb": notebook()}))
    assert not made.hand_ins
    assert "the names of different people" in reasons(made)["anna/zoe.ipynb"][1]
    assert "fits Anna Müller (Anna) and Zoë Ångström (zoe)" in reasons(made)["als_anna_and_zoe.ipynb"][1]


@pytest.mark.parametrize(
    "path",
    [
        "anna/zoe+02-als+2030-01-01 00:00:00 UTC/als.ipynb",
        "02-als-anna/zoe/als.ipynb",
        "02-als-anna/Zoë Ångström_1_assignsubmission_file_/als.ipynb",
        "anna/ångströmzoë_106_1_als.ipynb",
    ],
)
def test_nobody_hands_in_for_somebody_else(tmp_path: Path, path: str) -> None:
    made = look(write(tmp_path / "x", {path: notebook()}))
    assert not made.hand_ins and "the names of different people" in made.rows[0].reason


def test_a_platform_knows_better_than_the_student(tmp_path: Path) -> None:
    place = "Anna Müller_1_assignsubmission_file_"
    inner = zipped({"zoe+02-als+2030-01-01 00:00:00 UTC/als.ipynb": notebook()})
    made = look(write(tmp_path / "x", {f"{place}/zoe.zip": inner}))
    assert taken(made)["Anna", ALS].time is None


def test_a_student_does_not_say_when_the_exchange_got_it(tmp_path: Path) -> None:
    made = look(write(tmp_path / "x", {"anna/Anna+02-als+2020-01-01 00:00:00 UTC/als.ipynb": notebook()}))
    assert taken(made)["Anna", ALS].time is None


def test_files_that_cannot_lie_side_by_side(tmp_path: Path) -> None:
    inner = zipped({"als.ipynb": notebook(), "a": b"1", "a/b": b"2", "Data.csv": b"3", "data.csv": b"4"})
    path = write(
        tmp_path / "x", {"anna/w.zip": inner, "zoe/w.zip": zipped({"x" * 300: b"", "als.ipynb": notebook()})}
    )
    made = look(path)
    said = reasons(made)
    assert "cannot lie beside a" in said["anna/w.zip/a/b"][1]
    assert "cannot lie beside Data.csv" in said["anna/w.zip/data.csv"][1]
    assert "longer than a system can write" in said[f"zoe/w.zip/{'x' * 300}"][1]
    write_all(made, path, tmp_path)
    assert len(list((tmp_path / "submitted").rglob("*.ipynb"))) == 2


def test_a_name_that_was_mistyped_is_suggested_and_not_guessed(tmp_path: Path) -> None:
    made = look(write(tmp_path / "x", {"Ana Müler/als.ipynb": notebook()}))
    status, reason = reasons(made)["Ana Müler/als.ipynb"]
    assert status is Status.ASIDE and "is it Anna Müller (Anna)?" in reason


def test_a_name_that_is_almost_somebody_elses_is_not_taken_for_an_id(tmp_path: Path) -> None:
    people = ClassList([Person("anna", "Anna", "Müller"), Person("as1", "Anna", "Schmidt")])
    path = ("Anna Schmitt", "als.ipynb")
    owner = owner_of(path, people, [])
    assert not owner.student and "almost one of Anna Schmidt (as1)" in owner.problem
    assert owner_of(("Anna homework", "als.ipynb"), people, []).student == "anna"


def test_a_file_may_have_the_name_that_is_somebodys_id(tmp_path: Path) -> None:
    """As that of the notebook, or a letter."""
    people = ClassList([Person("anna"), Person("als"), Person("w")])
    for path in (("anna", "als.ipynb"), ("anna", "als (1).ipynb"), ("anna", "w.zip", "als.ipynb")):
        assert owner_of(path, people, [("als",)]).student == "anna"


@pytest.mark.parametrize("path", ["gone", "text.txt"])
def test_a_source_that_is_none(tmp_path: Path, path: str) -> None:
    (tmp_path / "text.txt").write_text("hello")
    with pytest.raises(CourseError, match=path):
        look(tmp_path / path)


# Nothing that is there is lost


def test_what_is_written(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x",
        {
            "inbound/lee+02-als+2026-11-20 12:00:00 UTC/Als.ipynb": notebook(),
            "inbound/lee+02-als+2026-11-20 12:00:00 UTC/data/x.csv": b"1,2",
            "inbound/lee+02-als+2026-11-20 12:00:00 UTC/keys.secret": b"secret",
            "nobody/als.ipynb": notebook(),
        },
    )
    again(path, tmp_path)
    files = {str(file.relative_to(tmp_path)): file for file in tmp_path.rglob("*") if file.is_file()}
    written = {name for name in files if not name.startswith("x/")}
    assert written == {
        "submitted/lee/02-als/als.ipynb",
        "submitted/lee/02-als/data/x.csv",
        f"submitted/lee/02-als/{TIMESTAMP}",
        "aside/nobody/als.ipynb",
    }
    assert files["submitted/lee/02-als/als.ipynb"].read_bytes() == notebook()
    assert files[f"submitted/lee/02-als/{TIMESTAMP}"].read_text() == "2026-11-20 12:00:00.000000 UTC\n"


def test_collecting_twice_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "x", {"anna/als.ipynb": notebook(), "nobody/als.ipynb": notebook()})
    again(path, tmp_path)
    before = {
        file: (file.stat().st_mtime_ns, file.read_bytes()) for file in tmp_path.rglob("*") if file.is_file()
    }
    made = again(path, tmp_path)
    assert {row.status for row in made.rows} == {Status.THERE, Status.ASIDE}
    after = {
        file: (file.stat().st_mtime_ns, file.read_bytes()) for file in tmp_path.rglob("*") if file.is_file()
    }
    assert before == after


@pytest.mark.parametrize(
    ("old", "old_time", "new", "new_time", "replace", "wins"),
    [
        ("1", "", "2", "", False, False),
        ("1", "", "2", "", True, True),
        ("", "", "2", "", False, True),
        ("1", "", "", "", True, False),
        ("1", "20", "2", "21", False, True),
        ("1", "21", "2", "20", False, False),
        ("1", "21", "2", "20", True, False),
        ("1", "20", "", "21", False, False),
        ("1", "20", "2", "", False, False),
    ],
)
def test_only_a_later_one_takes_the_place_and_the_other_is_kept(
    tmp_path: Path, old: str, old_time: str, new: str, new_time: str, replace: bool, wins: bool
) -> None:
    def files(answer: str, day: str, place: str) -> dict[str, bytes]:
        time = {f"{place}/{TIMESTAMP}": f"2026-11-{day} 12:00:00 UTC".encode()} if day else {}
        return {f"{place}/als.ipynb": notebook(answer)} | time

    there = write(tmp_path, files(old, old_time, "submitted/lee/02-als")) / "submitted/lee/02-als/als.ipynb"
    source = write(tmp_path / "x", files(new, new_time, "lee/02-als"))
    again(source, tmp_path, replace=replace)
    assert there.read_bytes() == notebook(new if wins else old)
    kept = tmp_path / ("aside/replaced/lee/02-als/als.ipynb" if wins else "aside/lee/02-als/als.ipynb")
    assert kept.read_bytes() == notebook(old if wins else new)


def test_a_folder_in_another_spelling_is_that_persons(tmp_path: Path) -> None:
    write(tmp_path, {"submitted/anna/02-ALS/als.ipynb": notebook("")})
    again(write(tmp_path / "x", {"Anna Müller.ipynb": notebook()}), tmp_path)
    assert [path.name for path in (tmp_path / "submitted").iterdir()] == ["anna"]
    assert (tmp_path / "submitted/anna/02-ALS/als.ipynb").read_bytes() == notebook()


def test_two_folders_of_one_person_are_not_chosen_between(tmp_path: Path) -> None:
    write(tmp_path, {"submitted/anna/03-sgd/sgd.ipynb": b"", "submitted/Anna/03-sgd/sgd.ipynb": b""})
    made = again(write(tmp_path / "x", {"Anna Müller.ipynb": notebook()}), tmp_path)
    assert "Anna and anna, which are one person's" in made.rows[0].reason


@pytest.mark.parametrize(
    "place",
    ["als.ipynb", "2-als/als.ipynb", "02-als/work/als.ipynb", "02-als/als.json", "02-als/als (1).ipynb"],
)
def test_work_at_another_place_is_not_passed_over(tmp_path: Path, place: str) -> None:
    """It is what is graded until now."""
    there = write(tmp_path, {f"submitted/Anna/{place}": notebook("1")}) / "submitted/Anna" / place
    made = again(write(tmp_path / "x", {"anna/als.ipynb": notebook("2")}), tmp_path)
    status, reason = reasons(made)["anna/als.ipynb"]
    assert status is Status.ASIDE and "holds another version" in reason
    assert there.read_bytes() == notebook("1")
    assert [path for path in (tmp_path / "submitted").rglob("*") if path.is_file()] == [there]
    # As it was handed out, it is nothing to lose.
    there.write_bytes(notebook(""))
    made = again(tmp_path / "x", tmp_path)
    assert reasons(made)["anna/als.ipynb"][0] is Status.COLLECTED
    assert (tmp_path / "submitted/Anna/02-als/als.ipynb").read_bytes() == notebook("2")


def test_what_lies_beside_a_notebook_that_is_there_is_added_or_named(tmp_path: Path) -> None:
    there = write(
        tmp_path, {"submitted/lee/02-als/als.ipynb": notebook(), "submitted/lee/02-als/b.csv": b"old"}
    )
    place = "lee+02-als+2026-11-20 12:00:00 UTC"
    files = {f"{place}/als.ipynb": notebook(), f"{place}/a/a.csv": b"1", f"{place}/b.csv": b"2"}
    path = write(tmp_path / "x", files)
    made = again(path, tmp_path)
    (hand_in,) = made.hand_ins
    assert hand_in.notes == ["the notebook is there; added is a/a.csv, timestamp.txt"]
    status, reason = reasons(made)[f"{place}/b.csv"]
    assert status is Status.ASIDE and "submitted/lee/02-als/b.csv is another file" in reason
    inside = {path.name: path.read_bytes() for path in (there / "submitted").rglob("*") if path.is_file()}
    assert inside == {
        "als.ipynb": notebook(),
        "a.csv": b"1",
        "b.csv": b"old",
        TIMESTAMP: b"2026-11-20 12:00:00.000000 UTC\n",
    }
    made = again(path, tmp_path)
    assert not made.hand_ins and {row.status for row in made.rows} == {Status.THERE, Status.ASIDE}


@pytest.mark.parametrize("place", ["Anna", "Anna/02-als"])
def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path, place: str) -> None:
    write(tmp_path, {f"submitted/{place}": b"x"})
    path = write(tmp_path / "x", {"anna/als.ipynb": notebook(), "zoe/als.ipynb": notebook()})
    made = again(path, tmp_path)
    assert f"submitted/{place} is a file, where a folder" in reasons(made)["anna/als.ipynb"][1]
    assert (tmp_path / "submitted/zoe/02-als/als.ipynb").is_file()
    with pytest.raises(CourseError, match="is a file, where a folder has its place"):
        Submitted(tmp_path / "x/anna/als.ipynb", CATALOGUE)


def test_a_folder_without_the_zeros_is_that_persons(tmp_path: Path) -> None:
    """Two folders of one number would not be graded."""
    (tmp_path / "submitted/42").mkdir(parents=True)
    hand_in = HandIn("0042", ALS)
    submitted = Submitted(tmp_path / "submitted", CATALOGUE, ids=["0042"])
    assert submitted.place(hand_in) == tmp_path / "submitted/42/02-als"
    submitted = Submitted(tmp_path / "submitted", CATALOGUE, ids=["0042", "42"])
    assert submitted.place(hand_in) == tmp_path / "submitted/0042/02-als"


@pytest.mark.parametrize(("old", "wins"), [(b"", True), (b"{", False)])
def test_what_cannot_be_read_is_called_so(tmp_path: Path, old: bytes, wins: bool) -> None:
    there = write(tmp_path, {"submitted/Anna/02-als/als.ipynb": old}) / "submitted/Anna/02-als/als.ipynb"
    made = again(write(tmp_path / "x", {"anna/als.ipynb": notebook()}), tmp_path)
    assert there.read_bytes() == (notebook() if wins else old)
    assert wins or "holds a notebook that cannot be read, and" in reasons(made)["anna/als.ipynb"][1]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted/anna").symlink_to(tmp_path / "elsewhere")
    made = again(write(tmp_path / "x", {"anna.ipynb": notebook()}), tmp_path)
    assert "is a link" in made.rows[0].reason and not list((tmp_path / "elsewhere").iterdir())


# What is not the work itself


def test_what_is_all_that_there_is_of_a_student_is_named(tmp_path: Path) -> None:
    files = {
        "anna/._als.ipynb": APPLE_DOUBLE + b"x",
        "lee/.DS_Store": b"x",
        "zoe/.DS_Store": b"x",
        "zoe/als.ipynb": notebook(),
    }
    (write(tmp_path / "x", files) / "mm1").mkdir()
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for name in ("mm1/", "zoe/", "zoe/.git/", "../up/"):
            archive.writestr(name, b"")
    for path in (tmp_path / "x", tmp_path / "x.zip"):
        made = look(path)
        assert {row.student for row in made.rows if row.status is Status.REFUSED} == {"Anna", "lee", "mm1"}
        assert reasons(made)["mm1"][1].startswith("an empty folder, and nothing else here is of this student")
        write_all(made, path, tmp_path / f"course {path.name}")


def test_a_name_of_macos_is_not_enough(tmp_path: Path) -> None:
    """What it puts beside a file has a beginning of its own."""
    made = look(write(tmp_path / "x", {"anna/._als.ipynb": notebook()}))
    status, reason = reasons(made)["anna/._als.ipynb"]
    assert status is Status.ASIDE and "hidden" in reason and "No other file of this student" in reason


def test_hidden_work_is_for_a_person(tmp_path: Path) -> None:
    hidden = ".Trash-1000/files/als.ipynb"
    files = {f"{id}/{hidden}": notebook("2") for id in ("anna", "lee", "zoe")}
    files |= {"anna/als.ipynb": notebook("1"), "lee/als.ipynb": notebook("")}
    made = look(write(tmp_path / "x", files))
    assert notebooks(made) == {"anna/als.ipynb": "Anna", "lee/als.ipynb": "lee"}
    becomes = {id: reasons(made)[f"{id}/{hidden}"][0] for id in ("anna", "lee", "zoe")}
    assert becomes == {"anna": Status.LEFT, "lee": Status.ASIDE, "zoe": Status.ASIDE}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("w.zip", b"Rar!\x1a\x07\x01\x00", "it is no zip archive but a RAR archive"),
        ("w.zip", b"\x1f\x8b\x08", "it is no zip archive but a gzip archive"),
        ("w.docx", b"PK\x03\x04", "this is a zip archive (or an Office document)"),
        ("w", b"\x1f\x8b\x08", "this is a gzip archive"),
        ("als.ipynb", bytes(257) + b"ustar\x0000", "is not a notebook but a tar archive"),
        ("w.tar.zst", b"x", "an archive of another kind (.zst)"),
        ("als.py", b"def als(): return 1", "ask for the notebook itself, the file that ends in .ipynb"),
    ],
)
def test_what_is_no_notebook_is_named_as_what_it_is(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (row,) = look(write(tmp_path / "x", {f"anna/{name}": content})).rows
    assert row.status in (Status.ASIDE, Status.REFUSED) and said in row.reason and row.student == "Anna"


@pytest.mark.parametrize("name", ["w.rar", "w.zip (1)", "w.zip.part", "w.zipx", "w"])
def test_a_zip_archive_is_known_by_what_it_holds(tmp_path: Path, name: str) -> None:
    made = look(write(tmp_path / "x", {f"anna/{name}": zipped({"als.ipynb": notebook()})}))
    assert notebooks(made) == {f"anna/{name}/als.ipynb": "Anna"}


def test_a_way_of_packing_that_is_not_known(tmp_path: Path) -> None:
    content = bytearray(zipped({"als.ipynb": notebook()}))
    for start in (content.index(b"PK\x03\x04") + 8, content.index(b"PK\x01\x02") + 10):
        content[start : start + 2] = struct.pack("<H", 9)  # Deflate64, as Windows packs large files
    (row,) = look(write(tmp_path / "x", {"anna/w.zip": bytes(content)})).rows
    assert row.status is Status.REFUSED and "unpack the archive with another program" in row.reason


def test_a_folder_in_the_place_of_the_time(tmp_path: Path) -> None:
    place = "lee+02-als+2026-11-20 12:00:00 UTC"
    files = {f"{place}/als.ipynb": notebook(), f"{place}/{TIMESTAMP}/x": b"1"}
    path = write(tmp_path / "x", files)
    made = again(path, tmp_path)
    assert "cannot lie beside timestamp.txt" in reasons(made)[f"{place}/{TIMESTAMP}/x"][1]
    assert (tmp_path / "submitted/lee/02-als" / TIMESTAMP).is_file()


# The law: each file is in the report exactly once


def some_files(rng: random.Random, depth: int = 0) -> dict[str, bytes]:
    """Files of all kinds under names of all kinds."""
    names = [
        *(
            "anna",
            "Zoë Ångström",
            "zoe",
            "nobody",
            "Max Mayer",
            "02-als",
            "lee+02-als+2026-11-20 12:00:00 UTC",
        ),
        *("Anna Müller_1_assignsubmission_file_", "oneilbob_LATE_102_7_als-1", "als", "als (1)", "__MACOSX"),
        *(".git", "timestamp", "data", "x y", ".hidden", "..."),
    ]
    contents = {
        ".ipynb": [
            notebook(),
            notebook("2"),
            notebook(""),
            notebook(unit=SGD),
            b"",
            b"<html>",
            b"{}",
            b"[1]",
        ],
        ".txt": [b"2026-11-20 12:00:00 UTC", b"?", notebook()],
        ".zip": [b"", b"PK", damaged(), encrypted(), with_link()],
        ".csv": [b"1,2"],
        ".rar": [b"Rar!"],
        "": [b"x", notebook()],
        ".pyc": [b"x"],
    }
    files: dict[str, bytes] = {}
    for _ in range(rng.randrange(1, 9)):
        folders = rng.choices(names, k=rng.randrange(3))
        suffix = rng.choice(list(contents))
        path = "/".join([*folders, rng.choice(names) + suffix])
        inner = suffix == ".zip" and depth < 3 and rng.random() < 0.7
        content = zipped(some_files(rng, depth + 1)) if inner else rng.choice(contents[suffix])
        is_free = not any(path == p or path.startswith(f"{p}/") or p.startswith(f"{path}/") for p in files)
        if is_free and rng.choice(names):
            files[path] = content
    return files


def paths_of(files: dict[str, bytes], start: str = "") -> set[str]:
    """All files, those in archives that can be opened in place of the archives; clutter as its folder."""
    found = set()
    for path, content in files.items():
        parts = path.split("/")
        clutter = next((n for n, part in enumerate(parts[:-1], 1) if part.lower() in CLUTTER_FOLDERS), None)
        if clutter:
            found.add(start + "/".join(parts[:clutter]))
        elif path.endswith(".zip") and zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                inside = {info.filename: b"" for info in archive.infolist()}
                for info in archive.infolist():
                    if not info.flag_bits & 1:
                        try:
                            inside[info.filename] = archive.read(info)
                        except zipfile.BadZipFile:
                            pass
            found |= paths_of(inside, f"{start}{path}/") or {start + path}
        else:
            found.add(start + path)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_every_file_is_in_the_report_exactly_once(tmp_path: Path, seed: int) -> None:
    files = some_files(random.Random(seed))
    folder = write(tmp_path / "x", files)
    (tmp_path / "x.zip").write_bytes(zipped(files))
    for path in (folder, tmp_path / "x.zip"):
        made = look(path)
        shown = ["/".join(row.entry.parts) for row in made.rows]
        assert len(shown) == len(set(shown))
        assert set(shown) == paths_of(files)
        course = tmp_path / f"course-{path.name}"
        write_all(made, path, course)
        for row in made.rows:
            assert row.status is Status.COLLECTED or row.reason
        kept = [p.read_bytes() for p in (course / "aside").rglob("*") if p.is_file()]
        with Source(path) as source:
            for row in made.rows:
                if row.status is Status.ASIDE:
                    assert source.read(row.entry) in kept
        collected = sum(row.status is Status.COLLECTED and row.target != TIMESTAMP for row in made.rows)
        submitted = [p for p in (course / "submitted").rglob("*") if p.is_file() and p.name != TIMESTAMP]
        assert collected == len(submitted)


def test_folders_that_lie_deep_in_each_other_are_named(tmp_path: Path) -> None:
    write(tmp_path / "all", {"Anna/als.ipynb": notebook(), f"lee/{'d/' * 150}als.ipynb": notebook()})
    made = look(tmp_path / "all")
    assert list(notebooks(made).values()) == ["Anna"]
    assert any("more than 100 folders" in row.reason for row in made.rows if row.status is Status.REFUSED)
