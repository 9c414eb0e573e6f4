"""Is every file under submitted/ graded, or named with its remedy, and nothing followed out of it?"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.course_api import nbgrader_api
from grader.course_folder import CourseError
from grader.gradebook.results import Status
from grader.intake.catalogue import Catalogue, read_catalogue
from grader.intake.errors import UnfitSubmission
from grader.intake.submissions import find_submissions
from grader.intake.take_in import TakenIn, take_in
from grader.intake.tree import Folder
from tests.grader.run.conftest import UNIT, Course, solve

PLACE = f"{UNIT}/tiny.ipynb"


@dataclass
class Seen:
    """What intake makes of a class, without grading it."""

    taken: dict[tuple[str, str], TakenIn] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)

    def source(self, name: str, student: str = "ann", unit: str = UNIT) -> str:
        """What a cell of the notebook that is graded says."""
        nb = json.loads(self.taken[student, unit].files["tiny.ipynb"])
        return next(each["source"] for each in nb["cells"] if each["id"] == name)

    def said(self, *words: str) -> bool:
        """Whether one sentence holds all of these words."""
        return any(all(word in sentence for word in words) for sentence in self.sentences)


@pytest.fixture
def handed_in(course: Course) -> Iterator[Course]:
    """The course with nothing handed in, and again nothing afterwards."""
    yield course
    shutil.rmtree(course.root / "submitted", ignore_errors=True)


@pytest.fixture(scope="module")
def catalogue(course: Course) -> Catalogue:
    with course.gradebook() as gradebook:
        return read_catalogue(gradebook, nbgrader_api(course.root).coursedir)


def put(course: Course, path: str, content: str | bytes) -> Path:
    """Write a file under submitted/."""
    place = course.root / "submitted" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def notebook(course: Course, change: Callable[[NotebookNode], object] = lambda _: None) -> str:
    nb = course.released()
    change(nb)
    return json.dumps(nb)


def solved(course: Course, answer: str = "return 2 * x") -> str:
    return notebook(course, lambda nb: solve(nb, answer))


def look(course: Course, catalogue: Catalogue, *units: str) -> Seen:
    """Take in everything, and collect what is said."""
    coursedir, seen = nbgrader_api(course.root).coursedir, Seen()
    try:
        found = find_submissions(coursedir, catalogue, units or tuple(catalogue.units), None)
    except CourseError as error:
        seen.sentences.append(str(error))
        return seen
    seen.sentences += [each.problem for each in found.left_over]
    for submission in found.submissions:
        try:
            taken = take_in(submission, coursedir, catalogue)
        except UnfitSubmission as error:
            seen.sentences.append(str(error))
        else:
            seen.taken[submission.student, submission.unit] = taken
            seen.sentences += taken.notes
    return seen


@pytest.mark.parametrize(
    "path",
    [
        "tiny.ipynb",
        "Tiny.ipynb",
        "tiny_ann_lee.ipynb",
        f"{UNIT}/tiny (1).ipynb",
        f"{UNIT}/tiny-Copy1.ipynb",
        f"{UNIT}/TINY.IPYNB",
        f"{UNIT}/tiny.ipynb.txt",
        f"{UNIT}/tiny.json",
        f"{UNIT}/tiny",
        f"{UNIT}/tiny/tiny.ipynb",
        f"{UNIT}/a/b/c/tiny.ipynb",
        "01-Tiny/tiny.ipynb",
        "1-tiny/tiny.ipynb",
        "01_tiny/tiny.ipynb",
        "01 tiny/tiny.ipynb",
        "tiny/tiny.ipynb",
        "week 1/homework.ipynb",
        f"my-work/{UNIT}/tiny.ipynb",
    ],
)
@pytest.mark.parametrize("beside", ["nothing", "untouched", "empty"])
def test_work_at_another_place_is_taken_and_said(
    handed_in: Course, catalogue: Catalogue, path: str, beside: str
) -> None:
    put(handed_in, f"ann/{path}", solved(handed_in))
    if beside != "nothing":
        put(handed_in, f"ann/{PLACE}", notebook(handed_in) if beside == "untouched" else "")
    seen = look(handed_in, catalogue)
    assert "return 2 * x" in seen.source("double")
    assert seen.said(path.split("/")[0], "was graded"), seen.sentences


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("path", [f"{UNIT}/tiny.json", f"{UNIT}/download", "tiny.txt"])
def test_work_is_known_by_what_it_holds_in_any_encoding(
    handed_in: Course, catalogue: Catalogue, path: str, encoding: str
) -> None:
    put(handed_in, f"ann/{path}", solved(handed_in).encode(encoding))
    assert "return 2 * x" in look(handed_in, catalogue).source("double")


def test_such_work_has_its_points_and_a_flag(handed_in: Course) -> None:
    put(handed_in, f"ann/{PLACE}", notebook(handed_in))
    put(handed_in, f"ann/{UNIT}/tiny (1).ipynb", solved(handed_in))
    for _ in range(2):  # graded, and kept
        result = handed_in.grade()["ann"]
        assert result.total == 8
        assert result.flags == (
            f"submitted/ann/{UNIT}/tiny (1).ipynb was graded: submitted/ann/{PLACE} is as it was handed out",
        )
    assert result.status is Status.KEPT


def test_the_file_at_its_place_counts_and_another_answer_is_named(
    handed_in: Course, catalogue: Catalogue
) -> None:
    put(handed_in, f"ann/{PLACE}", solved(handed_in, "return x + x"))
    put(handed_in, f"ann/{UNIT}/tiny-Copy1.ipynb", solved(handed_in))
    put(handed_in, "ann/1-tiny/tiny.ipynb", solved(handed_in, "return 2 * x + 0"))
    seen = look(handed_in, catalogue)
    assert "return x + x" in seen.source("double")
    assert seen.said("tiny-Copy1.ipynb, with other answers, was not graded")
    assert seen.said("1-tiny/tiny.ipynb, with other answers, was not graded")


def test_an_answer_in_a_new_cell_alone_is_an_answer(handed_in: Course, catalogue: Catalogue) -> None:
    put(handed_in, f"ann/{PLACE}", notebook(handed_in))
    added = notebook(handed_in, lambda nb: nb.cells.append(new_code_cell("def double(x): return x + x")))
    put(handed_in, "ann/tiny (1).ipynb", added)
    assert look(handed_in, catalogue).said("tiny (1).ipynb was graded")


def test_several_different_answers_are_for_a_person(handed_in: Course, catalogue: Catalogue) -> None:
    put(handed_in, f"ann/{PLACE}", notebook(handed_in))
    put(handed_in, f"ann/{UNIT}/tiny (1).ipynb", solved(handed_in))
    put(handed_in, f"ann/{UNIT}/tiny (2).ipynb", solved(handed_in, "return x + x"))
    seen = look(handed_in, catalogue)
    assert not seen.taken
    assert seen.said("tiny (1).ipynb", "tiny (2).ipynb", "hold different answers: leave the one that counts")
    # The same answers twice are no question.
    put(handed_in, f"ann/{UNIT}/tiny (2).ipynb", solved(handed_in))
    seen = look(handed_in, catalogue)
    assert "return 2 * x" in seen.source("double") and seen.said("tiny (2).ipynb was not graded", "the same")


def test_data_beside_the_notebook_that_is_graded_comes_with_it(
    handed_in: Course, catalogue: Catalogue
) -> None:
    put(handed_in, "ann/week 1/tiny.ipynb", solved(handed_in))
    put(handed_in, "ann/week 1/data/a.csv", "1,2")
    put(handed_in, "ben/tiny.ipynb", solved(handed_in))
    put(handed_in, "ben/b.csv", "3")
    seen = look(handed_in, catalogue)
    assert seen.taken["ann", UNIT].files["data/a.csv"] == b"1,2"
    assert seen.taken["ben", UNIT].files["b.csv"] == b"3"


def test_two_units_flat_in_one_folder(handed_in: Course, catalogue: Catalogue) -> None:
    put(handed_in, "ann/tiny.ipynb", solved(handed_in))
    other = (handed_in.root / "release" / "02-other" / "other.ipynb").read_text()
    put(handed_in, "ann/other.ipynb", other)
    seen = look(handed_in, catalogue)
    assert seen.taken.keys() == {("ann", UNIT), ("ann", "02-other")}
    assert not seen.said("was not graded"), seen.sentences
    # Where one unit is graded, the other's notebook is no mistake.
    assert len(look(handed_in, catalogue, UNIT).sentences) == 1


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("tiny.ipynb", "tiny.ipynb lies in no student's folder, so it is not graded: move it to"),
        ("class.zip", "class.zip lies in no student's folder, so it is not graded: unpack it to"),
        (f"{UNIT}/ann/tiny.ipynb", f"submitted/{UNIT} is named after a unit where a student's folder"),
        (f"{UNIT.upper()}/ann/tiny.ipynb", f"Move it to submitted/<student>/{UNIT}/"),
        ("1 tiny/ann/tiny.ipynb", "submitted/1 tiny is named after a unit where a student's folder"),
        ("ann/tiny.py", "submitted/ann holds only what is hidden or what the course ignores, tiny.py, so"),
        ("ann/.git/config", "submitted/ann holds only what is hidden or what the course ignores, .git, so"),
        ("ann/hand-in.zst", "submitted/ann holds hand-in.zst outside the folders of the units, so nobody"),
        ("ann/hand-in.zip", "holds hand-in.zip outside the folders of the units"),
        (f"ann/{UNIT}.zip", f"holds {UNIT}.zip outside the folders of the units"),
        (f"ann/{UNIT}/hand-in.zip", "holds no notebook, only hand-in.zip: unpack hand-in.zip there"),
        (f"ann/{UNIT}/answers.pdf", "holds no notebook, only answers.pdf: ask the student"),
        ("ann/readme.md", "holds readme.md outside the folders of the units"),
        ("ann/scratch.ipynb", "holds scratch.ipynb outside the folders of the units"),
    ],
)
def test_what_cannot_be_graded_is_named(
    handed_in: Course, catalogue: Catalogue, path: str, says: str
) -> None:
    put(handed_in, path, solved(handed_in) if path.endswith("tiny.ipynb") else b"PK\x03\x04")
    put(handed_in, f"zoe/{PLACE}", solved(handed_in))
    seen = look(handed_in, catalogue)
    assert seen.taken.keys() == {("zoe", UNIT)}
    assert seen.said(says), seen.sentences


@pytest.mark.parametrize("name", ["download", "w.zip (1)"])
@pytest.mark.parametrize("place", ["ann", f"ann/{UNIT}"])
def test_an_archive_is_known_by_how_it_begins(
    handed_in: Course, catalogue: Catalogue, place: str, name: str
) -> None:
    put(handed_in, f"{place}/{name}", b"PK\x03\x04")
    assert look(handed_in, catalogue).said(name, "unpack")
    put(handed_in, f"{place}/answer.docx", b"PK\x03\x04").parent.joinpath(name).unlink()
    assert not look(handed_in, catalogue).said("unpack")


def test_an_empty_folder_of_a_student_is_named(handed_in: Course, catalogue: Catalogue) -> None:
    (handed_in.root / "submitted" / "ann").mkdir(parents=True)
    put(handed_in, f"12/{PLACE}", solved(handed_in))
    seen = look(handed_in, catalogue)
    assert seen.sentences == ["submitted/ann is empty: ask the student to hand in again, or remove it."]
    assert seen.taken.keys() == {("12", UNIT)}


def test_what_lies_beside_an_untouched_notebook_is_named(handed_in: Course, catalogue: Catalogue) -> None:
    for student, content in [("ann", notebook(handed_in)), ("ben", solved(handed_in))]:
        put(handed_in, f"{student}/{PLACE}", content)
        put(handed_in, f"{student}/{UNIT}/timestamp.txt", "2026-11-20 12:00:00 UTC")
        put(handed_in, f"{student}/{UNIT}/hand-in.zip", b"PK\x03\x04")
        put(handed_in, f"{student}/{UNIT}/answer.py", "def double(x): return 2 * x")
    seen = look(handed_in, catalogue)
    assert seen.taken["ann", UNIT].notes == (
        "the notebook is as it was handed out; look at what lies beside it (answer.py, hand-in.zip)",
    )
    assert seen.taken["ben", UNIT].notes == ()


def test_a_folder_of_hidden_files_is_not_called_empty(handed_in: Course, catalogue: Catalogue) -> None:
    put(handed_in, f"ann/{UNIT}/.ipynb_checkpoints/tiny-checkpoint.ipynb", solved(handed_in))
    (handed_in.root / "submitted" / "ben" / UNIT).mkdir(parents=True)
    seen = look(handed_in, catalogue)
    assert seen.said(f"submitted/ann/{UNIT} holds no notebook, only .ipynb_checkpoints: ask the student for")
    assert seen.said(f"submitted/ben/{UNIT} is empty: ask the student to hand in again")


NAMES = ["tiny.ipynb", "tiny (1).ipynb", "other.ipynb", "a.csv", "b.zip", "notes.txt", "Tiny.IPYNB", "c"]
FOLDERS = [UNIT, "1-tiny", "02-other", "inner", "homework", "ann"]


HIDDEN = [
    f"{UNIT}/.ipynb_checkpoints/tiny-checkpoint.ipynb",
    ".ipynb_checkpoints/tiny-checkpoint.ipynb",
    f"{UNIT}/.tiny.ipynb",
    f"{UNIT}/feedback/tiny.ipynb",
    "__pycache__/tiny.ipynb",
    ".Trash-0/files/tiny.ipynb",
    f"{UNIT}.py/tiny.ipynb",
    f"work/.ipynb_checkpoints/{UNIT}/tiny.ipynb",
]


@pytest.mark.parametrize("beside", ["nothing", "untouched", "empty"])
@pytest.mark.parametrize("path", HIDDEN)
def test_hidden_work_is_named_where_there_is_no_other(
    handed_in: Course, catalogue: Catalogue, path: str, beside: str
) -> None:
    put(handed_in, f"ann/{path}", solved(handed_in))
    if beside != "nothing":
        put(handed_in, f"ann/{PLACE}", notebook(handed_in) if beside == "untouched" else "")
    seen = look(handed_in, catalogue)
    assert seen.said(f"ann/{path} holds answers", f"move it to submitted/ann/{PLACE}"), seen.sentences


@pytest.mark.parametrize("path", HIDDEN)
def test_hidden_copies_are_not_worth_a_word(handed_in: Course, catalogue: Catalogue, path: str) -> None:
    put(handed_in, f"ann/{path}", notebook(handed_in))
    put(handed_in, f"ann/{PLACE}", notebook(handed_in))
    seen = look(handed_in, catalogue)
    assert not seen.said(Path(path).name), seen.sentences
    put(handed_in, f"ann/{path}", solved(handed_in, "return x + x"))
    put(handed_in, f"ann/{PLACE}", solved(handed_in))
    seen = look(handed_in, catalogue)
    assert "return 2 * x" in seen.source("double")
    assert not seen.said(f"ann/{path}", "holds answers"), seen.sentences


@pytest.mark.parametrize("name", [".anna", "feedback", "__pycache__", ".ipynb_checkpoints", "anna.py"])
def test_a_student_whose_folder_is_passed_over_is_named(
    handed_in: Course, catalogue: Catalogue, name: str
) -> None:
    put(handed_in, f"ann/{PLACE}", solved(handed_in))
    put(handed_in, f"{name}/{PLACE}", solved(handed_in))
    seen = look(handed_in, catalogue)
    assert seen.said(f"submitted/{name}/{PLACE} holds answers", "give it another name"), seen.sentences


def test_an_archive_and_a_program_that_are_passed_over_are_named(
    handed_in: Course, catalogue: Catalogue
) -> None:
    for path in (f"ann/{UNIT}/.ipynb_checkpoints/work.zip", "ann/answers.py", "bob.py", ".DS_Store"):
        put(handed_in, path, b"x")
    put(handed_in, f"ann/{PLACE}", notebook(handed_in))
    seen = look(handed_in, catalogue)
    assert seen.said("work.zip is an archive that nobody has looked into")
    put(handed_in, f"ann/{UNIT}/.tiny.ipynb.icloud", b"bplist00")
    assert look(handed_in, catalogue).said(".tiny.ipynb.icloud only stands for a file that is in iCloud")
    assert seen.said("look at what lies beside it (../answers.py)")
    assert seen.said("submitted/bob.py", "has a name that the course ignores")
    assert not seen.said("DS_Store")


@pytest.mark.parametrize("name", [UNIT, "work", ".hidden"])
def test_folders_that_lie_deep_in_each_other_cost_only_their_owner(
    handed_in: Course, catalogue: Catalogue, name: str
) -> None:
    put(handed_in, f"bob/{PLACE}", solved(handed_in))
    place = put(handed_in, f"ann/{name}/x", "").parent
    descriptor = os.open(place, os.O_RDONLY)
    for _ in range(150):
        os.mkdir("d", dir_fd=descriptor)
        deeper = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = deeper
    os.close(descriptor)
    try:
        seen = look(handed_in, catalogue)
    finally:
        subprocess.run(["rm", "-rf", str(place)], check=True)
    assert ("bob", UNIT) in seen.taken
    assert seen.said(f"submitted/ann/{name}/", "holds more than 100 folders") or name == ".hidden"


def test_a_pipe_in_the_place_of_a_folder_is_named(handed_in: Course, catalogue: Catalogue) -> None:
    put(handed_in, f"bob/{PLACE}", solved(handed_in))
    os.mkfifo(handed_in.root / "submitted" / "ann")
    assert look(handed_in, catalogue).said("submitted/ann is no folder: put a folder")


def test_nothing_is_followed_to_look_for_hidden_work(
    handed_in: Course, catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "tiny.ipynb").write_text(solved(handed_in))
    for name in (".work", ".ipynb_checkpoints", ".tiny.ipynb"):
        link = put(handed_in, f"ann/{UNIT}/{name}", "")
        link.unlink()
        link.symlink_to(tmp_path / "tiny.ipynb" if name.endswith("ipynb") else tmp_path)
    os.link(tmp_path / "tiny.ipynb", link.with_name(".twin.ipynb"))
    put(handed_in, f"ann/{PLACE}", notebook(handed_in))
    seen = look(handed_in, catalogue)
    assert ("ann", UNIT) in seen.taken and not seen.said("holds answers")


@pytest.mark.parametrize("seed", range(40))
def test_every_file_is_graded_or_named(handed_in: Course, catalogue: Catalogue, seed: int) -> None:
    """The law of this room, on random heaps of files."""
    rng = random.Random(seed)
    released = {"tiny": notebook(handed_in)}
    released["other"] = (handed_in.root / "release" / "02-other" / "other.ipynb").read_text()
    files: dict[str, str] = {}
    for number in range(rng.randrange(1, 9)):
        depth = rng.choice([0, 1, 2, 2, 2, 3])
        path = "/".join([rng.choice(["ann", "ben", UNIT]), *rng.choices(FOLDERS, k=depth)][:3])
        path = f"{path}/{rng.choice(NAMES)}" if depth else rng.choice(NAMES)
        mark = f"mark_{number}"
        kind = rng.choice(["solved", "solved", "untouched", "other", "empty", "text", "html"])
        if kind == "solved":
            content = solved(handed_in, f"return 2 * x  # {mark}")
        elif kind in ("untouched", "other"):
            content = released["tiny" if kind == "untouched" else "other"]
        else:
            content = {"empty": "", "text": mark, "html": f"<!doctype html>{mark}"}[kind]
        try:
            put(handed_in, path, content)
        except OSError:  # a file where a folder is needed, or the other way round
            continue
        files[path] = mark if mark in content else ""
    seen = look(handed_in, catalogue)
    graded = b" ".join(content for taken in seen.taken.values() for content in taken.files.values()).decode()
    for path, mark in files.items():
        place = Path("submitted", path)
        names = [str(place), *(str(each) for each in place.parents[:-2])]
        is_named = any(name in sentence for name in names for sentence in seen.sentences)
        is_graded = mark in graded if mark else any(taken[0] in path for taken in seen.taken)
        assert is_named or is_graded, (path, files, seen)


Hide = Callable[[Course, Path], None]


def link_file(course: Course, good: Path) -> None:
    (course.root / "submitted" / "eve" / UNIT).mkdir(parents=True)
    (course.root / "submitted" / "eve" / UNIT / "tiny.ipynb").symlink_to(good)


def link_unit(course: Course, good: Path) -> None:
    (course.root / "submitted" / "eve").mkdir(parents=True)
    (course.root / "submitted" / "eve" / UNIT).symlink_to(good.parent)


def link_unit_of_another_spelling(course: Course, good: Path) -> None:
    (course.root / "submitted" / "eve").mkdir(parents=True)
    (course.root / "submitted" / "eve" / "1-tiny").symlink_to(good.parent)


def link_student(course: Course, good: Path) -> None:
    (course.root / "submitted" / "eve").symlink_to(good.parent.parent)


def link_flat(course: Course, good: Path) -> None:
    (course.root / "submitted" / "eve").mkdir(parents=True)
    (course.root / "submitted" / "eve" / "tiny.ipynb").symlink_to(good)


def link_deeper(course: Course, good: Path) -> None:
    put(course, f"eve/{PLACE}", notebook(course))
    (course.root / "submitted" / "eve" / UNIT / "inner").symlink_to(good.parent)


def link_beside(course: Course, good: Path) -> None:
    put(course, f"eve/{PLACE}", notebook(course))
    (course.root / "submitted" / "eve" / "work").symlink_to(good.parent)


def hard_link(course: Course, good: Path) -> None:
    (course.root / "submitted" / "eve" / UNIT).mkdir(parents=True)
    os.link(good, course.root / "submitted" / "eve" / UNIT / "tiny.ipynb")


def link_relative(course: Course, good: Path) -> None:
    (course.root / "submitted" / "eve").mkdir(parents=True)
    (course.root / "submitted" / "eve" / UNIT).symlink_to(f"../../source/{UNIT}")


def pipe(course: Course, good: Path) -> None:
    (course.root / "submitted" / "eve" / UNIT).mkdir(parents=True)
    os.mkfifo(course.root / "submitted" / "eve" / UNIT / "tiny.ipynb")


@pytest.mark.parametrize("target", ["source", "another student"])
@pytest.mark.parametrize(
    "hide",
    [
        link_file,
        link_unit,
        link_unit_of_another_spelling,
        link_student,
        link_flat,
        link_deeper,
        link_beside,
        hard_link,
        link_relative,
        pipe,
    ],
)
def test_nothing_is_followed_out_of_the_folder(
    handed_in: Course, catalogue: Catalogue, hide: Hide, target: str
) -> None:
    good = put(handed_in, f"zoe/{PLACE}", solved(handed_in, "return 2 * x  # hers"))
    if target == "source":
        good = handed_in.root / "source" / UNIT / "tiny.ipynb"
    hide(handed_in, good)
    seen = look(handed_in, catalogue)
    taken = seen.taken.get(("eve", UNIT))
    assert taken is None or not any(mark in str(taken.files) for mark in ("hers", "SOLUTION"))
    assert seen.said("submitted/eve", "link"), seen.sentences
    if hide is not hard_link or target == "source":
        assert ("zoe", UNIT) in seen.taken


def test_a_link_has_no_points_and_loses_earlier_ones(handed_in: Course) -> None:
    handed_in.submit("eve", lambda nb: solve(nb, "return 0"))
    handed_in.submit("zoe", solve)
    assert handed_in.grade()["eve"].total == 3
    shutil.rmtree(handed_in.root / "submitted" / "eve")
    link_student(handed_in, handed_in.root / "submitted" / "zoe" / PLACE)
    results = handed_in.grade()
    assert results["zoe"].total == 8
    assert results["eve"].status is Status.FAILED and "submitted/eve is a link" in results["eve"].problem
    with handed_in.gradebook() as gradebook:
        assert gradebook.find_submission(UNIT, "eve").score == 0


@pytest.mark.parametrize("swapped", ["file", "folder"])
def test_nothing_that_is_swapped_while_it_is_looked_at_is_followed(
    handed_in: Course, catalogue: Catalogue, swapped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link takes the place of a file or folder between the look at it and the reading of it."""
    handed_in.submit("eve", lambda nb: solve(nb, "return 0"))
    place = handed_in.root / "submitted" / "eve" / UNIT
    good = handed_in.root / "source" / UNIT
    if swapped == "file":
        place, good = place / "tiny.ipynb", good / "tiny.ipynb"
    which = "is_folder" if swapped == "file" else "is_file"
    look_first, done = getattr(Folder, which), []

    def swap(self: Folder, name: str) -> bool:
        answer = look_first(self, name)
        if name == place.name and not done:
            done.append(name)
            place.rename(handed_in.root / "submitted" / ".away")
            place.symlink_to(good)
        return answer

    monkeypatch.setattr(Folder, which, swap)
    seen = look(handed_in, catalogue, UNIT)
    assert done and not seen.taken
    assert seen.said("is a link or a device: put the")


def test_a_mount_is_not_followed(
    handed_in: Course, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To mount something takes an administrator: here the system says that a folder is on another mount."""
    place = put(handed_in, f"eve/{PLACE}", solved(handed_in)).parent

    def mount_of(descriptor: int) -> str:
        return str(os.path.samestat(os.fstat(descriptor), os.stat(place)))

    monkeypatch.setattr("grader.intake.tree._mount_of", mount_of)
    seen = look(handed_in, catalogue, UNIT)
    assert not seen.taken and seen.said(f"submitted/eve/{UNIT} is mounted from elsewhere")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"2026-11-20 15:30:00 PST", "the zone 'PST' is not known for certain"),
        (b"11/12/2026", "'11/12/2026' is no time such as"),
        (b"", "it is empty"),
        (b"\xff\xff\xff", "is no time such as"),
    ],
)
def test_a_time_that_is_half_understood_is_refused(
    handed_in: Course, catalogue: Catalogue, content: bytes, says: str
) -> None:
    put(handed_in, f"ann/{PLACE}", solved(handed_in))
    put(handed_in, f"ann/{UNIT}/timestamp.txt", content)
    seen = look(handed_in, catalogue)
    assert not seen.taken and seen.said("timestamp.txt does not say when", says, "Write a time such as")


@pytest.mark.parametrize("folder", ["", "week 1/"])
def test_a_time_is_named_where_it_lies(handed_in: Course, catalogue: Catalogue, folder: str) -> None:
    put(handed_in, f"ann/{folder}tiny.ipynb", solved(handed_in))
    put(handed_in, f"ann/{folder}timestamp.txt", "2026-11-20 15:30:00 PST")
    assert look(handed_in, catalogue).said(f"submitted/ann/{folder}timestamp.txt does not say when")


@pytest.mark.parametrize(
    "name", ["Timestamp.txt", "timestamp.txt.txt", "timestamp", "time-stamp.TXT", "timestamp .txt"]
)
def test_what_looks_like_a_time_is_named(handed_in: Course, catalogue: Catalogue, name: str) -> None:
    put(handed_in, f"ann/{PLACE}", solved(handed_in))
    put(handed_in, f"ann/{UNIT}/{name}", "2026-11-20 12:00:00 UTC")
    (note,) = look(handed_in, catalogue).taken["ann", UNIT].notes
    assert note.startswith(f"submitted/ann/{UNIT}/{name} was not read as the time of handing in")


@pytest.mark.parametrize("name", ["timestamp.txt", "tiny.ipynb"])
def test_a_folder_in_the_place_of_a_file_costs_nothing(handed_in: Course, name: str) -> None:
    put(handed_in, f"ann/{UNIT}/{name}/tiny.ipynb", solved(handed_in))
    put(handed_in, f"ann/{UNIT}/{name}/x.csv", "1")
    result = handed_in.grade()["ann"]
    assert result.total == 8, result
    assert f"left out, as a folder has the name of a file: {name}/x.csv" in result.flags


@pytest.mark.parametrize(("days", "is_said"), [(-3, False), (0.5, False), (3, True)])
def test_a_time_that_is_still_to_come_is_named(
    handed_in: Course, catalogue: Catalogue, days: float, is_said: bool
) -> None:
    put(handed_in, f"ann/{PLACE}", solved(handed_in))
    put(handed_in, f"ann/{UNIT}/timestamp.txt", f"{datetime.now(UTC) + timedelta(days=days):%F %T} UTC")
    seen = look(handed_in, catalogue)
    assert ("ann", UNIT) in seen.taken
    assert seen.said(f"submitted/ann/{UNIT}/timestamp.txt says", "still to come: correct it") == is_said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_time_reaches_nbgrader_in_one_form(handed_in: Course, catalogue: Catalogue, encoding: str) -> None:
    put(handed_in, f"ann/{PLACE}", solved(handed_in))
    put(handed_in, f"ann/{UNIT}/timestamp.txt", "2026-11-20 04:00 America/Los_Angeles\r\n".encode(encoding))
    files = look(handed_in, catalogue).taken["ann", UNIT].files
    assert files["timestamp.txt"] == b"2026-11-20 12:00:00.000000 UTC"
