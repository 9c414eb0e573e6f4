"""Editions of one book become one: which do, what becomes of their readers; then the way to neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import books
from course_utils.data.datasets import DATASETS, Dataset, DatasetError, load
from course_utils.data.dense_core import dense_core
from course_utils.data.editions import book_of_each, merge_editions

POTTER = "Harry Potter and the Sorcerer's Stone"


def dataset(items: Iterable[tuple[str, str, str]], ratings: Iterable[tuple[int, str, float]]) -> Dataset:
    return Dataset(
        name="book-crossing",
        ratings=pd.DataFrame(ratings, columns=["user_id", "item_id", "rating"]).assign(
            timestamp=pd.Series(dtype="datetime64[s]")
        ),
        items=pd.DataFrame(items, columns=["item_id", "title", "author"]).assign(year=2000, genres=""),
        users=None,
        citation="",
        licence="",
        implicit_mark=0.0,
    )


def rows(merged: Dataset) -> list[tuple]:
    return sorted(merged.ratings[["user_id", "item_id", "rating"]].itertuples(index=False, name=None))


def test_a_made_table():
    merged = merge_editions(
        dataset(
            [
                ("1", f"{POTTER} (Book 1)", "J. K. Rowling"),
                ("2", "HARRY POTTER AND THE SORCERER&#39;S STONE (Harry Potter (Paperback))", "J.K. Rowling"),
                ("3", "Emma", "Jane Austen"),
                ("4", "Emma", "Another Writer"),
            ],
            # Reader 7 has two editions: rated one, took note of the other. Reader 8 rated both.
            [
                (7, "1", 0),
                (7, "2", 9),
                (8, "1", 6),
                (8, "2", 4),
                (9, "2", 0),
                (9, "3", 8),
                (9, "no title", 5),
            ],
        )
    )
    assert merged.items["item_id"].tolist() == ["2", "3", "4"]  # edition 2 has three readers, 1 has two
    assert rows(merged) == [(7, "2", 9), (8, "2", 6), (9, "2", 0), (9, "3", 8), (9, "no title", 5)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Emma", "Jane Austen"), ("emma (Penguin Classics)", "JANE AUSTEN"), True),
        (("Emma (Penguin (Paperback", "Jane Austen"), ("Emma", "Jane  Austen"), True),
        (("Tom &amp; Co", "A &amp; B"), ("Tom & Co.", "A & B"), True),
        (('The "Best"; of All', "A"), ("Best; of All, The", "A"), True),
        (("Am\u00e9lie", "A"), ("Amelie", "A"), True),
        (("Emma", "Jane Austen"), ("Emma", "Jane Hamilton"), False),
        (("Emma", ""), ("Emma", ""), False),  # a missing author is nobody's namesake
        (("Emma", ""), ("Emma", "Jane Austen"), False),
        (("???", "A"), ("!!!", "A"), False),  # nothing is left to compare
        (("Dune: Messiah", "A"), ("Dune", "A"), False),
        (("Ranma (Vol. 1)", "A"), ("Ranma (Vol. 2)", "A"), False),
        (("Ranma (Vol. One)", "A"), ("Ranma (Volume 01)", "A"), True),
        (("(Emma)", "A"), ("Emma", "A"), True),
    ],
)
def test_which_are_editions_of_one_book(one, other, same):
    assert len(merge_editions(dataset([("1", *one), ("2", *other)], [])).items) == (1 if same else 2)


def test_a_number_counts_where_a_title_has_several():
    volumes = [("1", "Ranma (Vol. 1)", "A"), ("2", "Ranma (Vol. 2)", "A"), ("3", "Ranma", "A")]
    assert len(merge_editions(dataset(volumes, [])).items) == 3
    assert len(merge_editions(dataset([volumes[0], volumes[2]], [])).items) == 1


def test_of_editions_with_as_many_readers_the_smaller_id_stands_for_the_book():
    merged = merge_editions(dataset([("20", "Emma", "A"), ("10", "EMMA", "A")], [(1, "10", 5), (2, "20", 5)]))
    assert merged.items["item_id"].tolist() == ["10"]
    assert rows(merged) == [(1, "10", 5), (2, "10", 5)]


def random_dataset(seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    forms = ["{} (Book {})", "{}", "{} (Paperback)", "{} &amp; Co", '{}; or "So"']
    items = [
        (
            f"{i:03d}",
            forms[rng.integers(5)].format(
                rng.choice(["Emma", "EMMA", "Dune", "It", "???"]), rng.integers(1, 3)
            ),
            rng.choice(["A. B.", "A.B.", "C", ""]),
        )
        for i in range(60)
    ]
    pairs = np.unique(rng.integers([30, 64], size=(400, 2)), axis=0)  # four ids have no title
    return dataset(items, [(u, f"{i:03d}", float(rng.choice([0, 5, 8, 10]))) for u, i in pairs])


@pytest.mark.parametrize("seed", range(5))
def test_merging_keeps_every_pair_once_is_idempotent_and_does_not_depend_on_the_order(seed):
    before = random_dataset(seed)
    ratings, items = before.ratings.copy(), before.items.copy()
    merged = merge_editions(before)
    pd.testing.assert_frame_equal(before.ratings, ratings)
    pd.testing.assert_frame_equal(before.items, items)
    assert 5 < len(merged.items) < len(items)
    assert not merged.ratings.duplicated(["user_id", "item_id"]).any()
    # The highest rating of each pair of a reader and a book, by a number for each book.
    number = dict(zip(items["item_id"], book_of_each(items).astype(str), strict=True))
    highest = [
        each.assign(book=[number.get(item, item) for item in each["item_id"]])
        .groupby(["user_id", "book"])["rating"]
        .max()
        for each in (ratings, merged.ratings)
    ]
    pd.testing.assert_series_equal(*highest)
    assert len(highest[0]) == len(merged.ratings) < len(ratings)

    again = merge_editions(merged)
    pd.testing.assert_frame_equal(again.ratings, merged.ratings)
    pd.testing.assert_frame_equal(again.items, merged.items)

    shuffled = {"ratings": ratings.sample(frac=1, random_state=seed)}
    shuffled["items"] = items.sample(frac=1, random_state=seed)
    other = merge_editions(replace(before, **shuffled))
    assert rows(other) == rows(merged)
    assert set(other.items["item_id"]) == set(merged.items["item_id"])


def test_films_have_no_editions():
    with pytest.raises(ValueError, match="ml-latest-small names no authors"):
        merge_editions(load())


# From the files to the neighbours, by the command

MAGIC = [
    ("0590353403", f"{POTTER} (Book 1)", "J. K. Rowling"),
    ("059035342X", f"{POTTER} (Harry Potter (Paperback))", "J. K. Rowling"),
    ("0439064864", "Harry Potter and the Chamber of Secrets (Book 2)", "J. K. Rowling"),
    ("0064471047", "The Lion; the Witch &amp; the Wardrobe", "C. S. Lewis"),
    ("0345339681", 'The \\"Hobbit\\"', "J. R. R. Tolkien"),
    ("0679879242", "The Golden Compass", "Philip Pullman"),
    ("0142401374", "Artemis Fowl", "Eoin Colfer"),
]
CRIME = [
    ("0440211727", "A Time to Kill", "John Grisham"),
    ("0061031445", "Tod eines Pr\u00e4sidenten", "Anne Holt"),
    ("0679745580", "In Cold Blood", "Truman Capote"),
    ("0312195516", "The Big Sleep", "Raymond Chandler"),
    ("0446310786", "Rebecca", ""),
    ("0345337662", "The Firm (Book 1)", "John Grisham"),
]


@pytest.fixture
def two_groups(tmp_path: Path) -> Path:
    """Book-Crossing's files for readers of magic and of crime, who took note of each other's books."""
    facts = DATASETS["book-crossing"]
    lines = [f'"{isbn}";"{title}";"{author}";"1999";"P";"s";"m";"l"' for isbn, title, author in MAGIC + CRIME]
    # Rows as they were published: a lost quote, and an author who is written as missing.
    lines += [
        '"0007";"Level 4)\\";M. T.";"2000";"DK Inc";"s";"m";"l"',
        '"0008";"Maps";NULL;"0";"P";"s";"m";"l"',
    ]
    rng, marks = np.random.default_rng(0), []
    for reader in range(40):
        own, others = (MAGIC, CRIME) if reader % 2 else (CRIME, MAGIC)
        liked = rng.permutation(len(own))[:5]
        marks += [(reader, own[book][0], rng.integers(8, 11)) for book in liked]
        marks += [(reader, isbn, 0) for isbn, *_ in others]
        marks.append((reader, others[rng.integers(len(others))][0], 3))
    # Both editions of one book; a reader with too few likes; a book with too few; an ISBN without a title.
    marks += [
        (1, "0590353403", 9),
        (1, "059035342X", 8),
        (99, "0590353403", 10),
        (1, "0007", 10),
        (3, "X", 10),
    ]
    marks = {(reader, isbn): mark for reader, isbn, mark in marks}
    rows = [f'"{reader}";"{isbn}";"{mark}"' for (reader, isbn), mark in marks.items()]
    for table, body in ((facts.items, lines), (facts.ratings, rows)):
        text = "".join(f"{line}\r\n" for line in [table.header, *body])
        (tmp_path / table.file).write_bytes(text.encode("iso-8859-1"))
    return tmp_path


def test_the_command_finds_the_planted_group(two_groups, capsys):
    books.main(
        [POTTER.upper(), "the firm", "--folder", str(two_groups), "--sample", "--min-reader", "3", "-n", "5"]
    )
    steps, potter, firm = capsys.readouterr().out.split("\n\n")
    data = load("book-crossing", two_groups, complete=False)
    merged = merge_editions(data).explicit_ratings
    likes = merged[merged["rating"] >= 8]
    core = dense_core(likes[likes["item_id"] != "X"], 3, 5)
    assert f"{len(data.ratings) - len(data.explicit_ratings):,}" in steps
    assert "15 ISBNs with a title are 14 books" in steps
    assert f"{len(core):,} rows,      40 readers,      12 books" in steps
    n_readers = core["item_id"].isin(["0590353403", "059035342X"]).sum()
    assert f"(J. K. Rowling), {n_readers} readers:" in potter
    assert POTTER in potter.splitlines()[0]
    for text, group in ((potter, MAGIC[2:]), (firm, CRIME[:-1])):
        lines = text.strip().splitlines()[2:]
        assert len(lines) == 5
        for isbn, title, author in group:
            shown = title.replace("&amp;", "&").replace("\\", "")
            assert any(shown in line and author in line for line in lines), (isbn, lines)


def test_the_command_says_what_to_do_without_files_or_readers(two_groups, tmp_path, capsys):
    with pytest.raises(
        SystemExit, match="found no BX-Book-Ratings.csv.*Remedy: pass download=True.*--download"
    ):
        books.main(["--folder", str(tmp_path / "nowhere")])
    with pytest.raises(SystemExit, match="Nobody is left: lower --min-reader"):
        books.main(["--folder", str(two_groups), "--sample", "--min-book", "1000"])
    books.main(["Nothing like it", "--folder", str(two_groups), "--sample", "--min-reader", "3"])
    assert "No book's title begins with 'Nothing like it' among the 12" in capsys.readouterr().out
    with pytest.raises(DatasetError, match="expected 271,379 rows|truncated"):
        load("book-crossing", two_groups)
