"""Answers that are alike stand together, whatever the order in which they came."""

from __future__ import annotations

import ast
import random

import pytest

from grader.answers import grouping
from grader.answers.grouping import MOST, TOO_MANY, WITHOUT, group
from tests.conftest import ROOT

UNKNOWN = [
    "The first two sum over the known cells only; WRMF sums over all cells: unknown is no preference.",
    "ALS and ALS-WR sum over known cells only. WRMF sums over all cells, unknown cells are no preference.",
]
PENALTY = [
    "The penalty grows with the number of ratings, so heavy raters are held back too.",
    "With n_u the penalty grows with the number of ratings of a user.",
]
SAME = ["All three are the same formula.", "all THREE are   the same\nformula"]
TEXTS = [*UNKNOWN, *PENALTY, *SAME, "?!", "我不知道答案", "Τίποτα."]


def as_sets(groups: list[list[str]]) -> set[frozenset[str]]:
    return set(map(frozenset, groups))


def test_those_that_say_the_same_are_together_and_others_are_not() -> None:
    groups, said = group(TEXTS)
    assert said == ""
    assert as_sets(groups) >= {frozenset(UNKNOWN), frozenset(PENALTY), frozenset(SAME), frozenset(["?!"])}


def test_every_text_is_in_one_group() -> None:
    groups, _ = group([*TEXTS, *TEXTS, TEXTS[0]])
    assert sorted(text for each in groups for text in each) == sorted(TEXTS)


def test_the_order_of_the_texts_makes_no_difference() -> None:
    rng = random.Random(3)
    words = [f"word{number}" for number in range(12)]
    texts = [" ".join(rng.choices(words, k=6)) for _ in range(60)]
    wanted = group(texts)
    for _ in range(5):
        rng.shuffle(texts)
        assert group(texts) == wanted


def test_every_two_texts_of_a_group_share_words() -> None:
    """A chain of neighbours is no group: its ends have nothing in common."""
    words = [f"word{number}" for number in range(40)]
    texts = [" ".join(words[start : start + 8]) for start in range(0, 32, 2)]
    groups, _ = group(texts)
    assert len(groups) > 1
    for each in groups:
        assert set.intersection(*(set(text.split()) for text in each))


def test_the_group_of_most_students_comes_first() -> None:
    groups, _ = group([*UNKNOWN, *SAME, *[PENALTY[0]] * 5])
    assert groups[0] == [PENALTY[0]]


@pytest.mark.parametrize("texts", [[], ["One."], ["One."] * 3, ["", "  "]])
def test_few_texts(texts: list[str]) -> None:
    groups, _ = group(texts)
    assert sorted(text for each in groups for text in each) == sorted(set(texts))


def test_without_scikit_learn_there_is_one_group_in_order_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grouping, "find_spec", lambda name: None)
    groups, said = group([*SAME, *UNKNOWN, SAME[0]])
    assert said == WITHOUT
    (only,) = groups
    # Those with the same words stand side by side.
    assert only == [*sorted(SAME), UNKNOWN[1], UNKNOWN[0]]


def test_more_than_can_be_compared_are_one_group() -> None:
    groups, said = group(map(str, range(MOST + 1)))
    assert len(groups) == 1 and said == TOO_MANY


def test_no_other_command_waits_for_scikit_learn() -> None:
    """It is imported where it is used, and only there."""
    for path in [*ROOT.glob("grader/**/*.py"), *ROOT.glob("course/**/*.py")]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            assert "sklearn" not in ast.unparse(node) or isinstance(node, ast.FunctionDef), path
