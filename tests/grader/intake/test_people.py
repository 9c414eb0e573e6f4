"""Does spelling make another person, and is anybody taken for somebody else?"""

from __future__ import annotations

import unicodedata

import pytest

from grader.intake.strangers import stranger_finder
from grader.people import ClassList, Person, spelling
from tests.grader.intake.downloads import CATALOGUE, PEOPLE


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Anna", {"Anna"}),
        ("ANNA", {"Anna"}),
        ("  anna ", {"Anna"}),
        ("Anna  Müller", {"Anna"}),
        ("Müller, Anna", {"Anna"}),
        (unicodedata.normalize("NFD", "anna müller"), {"Anna"}),
        ("Anna Mueller", {"Anna"}),
        ("Anna Muller", {"Anna"}),
        ("müllera\u200bnna", {"Anna"}),
        ("anna.mueller@X.org", {"Anna"}),
        ("anna.mueller", {"Anna"}),
        ("Bob O’Neil", {"bob-1"}),
        ("BOB_1", {"bob-1"}),
        ("Jin Ho Lee Smith", {"lee"}),
        ("leesmithjinho", {"lee"}),
        ("105", {"lee"}),
        ("0105", {"lee"}),
        ("Zoe Angstrom", {"zoe"}),
        ("ＺＯＥ", {"zoe"}),
        ("Max Mayer", {"mm1", "mm2"}),
        ("Max", set()),
        ("Bob", {"bob-1"}),  # the address begins with it
        ("Nobody", set()),
        ("", set()),
        ("---", set()),
    ],
)
def test_a_name_as_a_whole(text: str, ids: set[str]) -> None:
    assert PEOPLE.named(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("02-als-anna", {"Anna"}),
        ("02-als-bob-1", {"bob-1"}),
        ("als_Max Mayer_final", {"mm1", "mm2"}),
        ("als_max1@x.org", {"mm1"}),
        ("anna_and_zoe", {"Anna", "zoe"}),
        ("annabel", set()),
        ("als", set()),
        ("als 104", set()),  # so short a number may be anything
    ],
)
def test_a_name_in_a_longer_one(text: str, ids: set[str]) -> None:
    assert PEOPLE.named_within(text, [("02", "als"), ("als",)]) == ids


def test_a_units_words_are_nobodys_name() -> None:
    people = ClassList([Person("als"), Person("eva")])
    assert people.named_within("02-als-eva", [("02", "als")]) == {"eva"}


def test_a_longer_name_hides_a_shorter_one() -> None:
    people = ClassList([Person("ann", "Ann", "Other"), Person("am", "Ann", "Müller")])
    assert people.named_within("als Ann Müller") == {"am"}


def test_an_exact_spelling_decides_before_a_likely_one() -> None:
    people = ClassList([Person("muller", "", "", "x@x.org"), Person("m2", "Müller", "")])
    assert people.named("muller") == {"muller"}
    assert people.named("Müller") == {"m2"}


def test_spelling_of_every_form_is_the_same() -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert spelling(unicodedata.normalize(form, "Straße Ångström ﬁ")) == spelling("STRASSE ångström fi")


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("Anna", ""),
        ("anna", ""),
        ("Anna Müller", "the folder is that of Anna Müller (Anna), as it seems: call it 'Anna'"),
        ("Zoë Ångström_12_assignsubmission_file_", "that of Zoë Ångström (zoe), as it seems: call it 'zoe'"),
        ("Max Mayer", "give the folder the id of the class list"),
        ("Ana Müler", "with the id 'Ana Müler' (is it Anna Müller (Anna)?): give the folder the id"),
        (
            "guest",
            "nothing of a person with the id 'guest': give the folder the id of the class",
        ),
    ],
)
def test_a_folder_that_is_called_as_nobody_in_the_class_list(folder: str, said: str) -> None:
    graded_before = Person("guest")
    found = stranger_finder([*PEOPLE.people, graded_before], CATALOGUE)(folder)
    assert said in found and bool(said) == bool(found)
    assert stranger_finder([Person("Anna"), graded_before], CATALOGUE)(folder) == ""
