"""Which items are editions of one book, and what do its readers' ratings become when these are merged?"""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pandas as pd

from course_utils.data.datasets import Dataset
from course_utils.data.titles import plain_name

# The innermost brackets of a title. Some are never closed: they end with the title.
BRACKETS = re.compile(r"\(([^()]*)(?:\)|$)")
WORDS = {word: str(n) for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}
NUMBER = re.compile(rf"\b(\d{{1,3}}|{'|'.join(WORDS)})\b", re.IGNORECASE)


def merge_editions(dataset: Dataset) -> Dataset:
    """One item for all editions of a book: without this, a book's nearest neighbour is its paperback.

    Editions have the same author and the same title. HTML entities, case, accents, punctuation, the place of
    an article and what stands in brackets do not matter: "Emma (Penguin Classics)" and "EMMA" are one book,
    "J. K. Rowling" and "J.K. Rowling" one author. A number in brackets ("Book 2", "Vol. Two") tells books
    apart only where one author's title occurs with several numbers. A book without an author, or without a
    letter in its title, stays by itself. A subtitle after a colon belongs to the title.

    The edition with most readers stands for the book (of equals, the smaller id). Of several ratings of one
    reader for a book the highest stays, so that any rating comes before an implicit mark of 0, and each
    reader counts once.

    Parameters
    ----------
    dataset : Dataset
        Its items have the columns `item_id`, `title` and `author`. Left as it is.

    Returns
    -------
    Dataset
        `items`: a row a book, that of the edition which stands for it. `ratings`: a row for each pair of a
        reader and a book, with the id of that edition, in the order of the rows that stay; ids that `items`
        does not list stay as they are. Merging again changes nothing.

    Raises
    ------
    ValueError
        If the items have no authors: films of one title are not one film.
    """
    if "author" not in dataset.items:
        raise ValueError(
            f"{dataset.name} names no authors, so editions of a book and books of the same name cannot be "
            "told apart: merge_editions is for book-crossing."
        )
    ratings = dataset.ratings.reset_index(drop=True)
    items = dataset.items.drop_duplicates("item_id").reset_index(drop=True)
    readers = ratings.groupby("item_id")["user_id"].nunique().reindex(items["item_id"], fill_value=0)
    editions = pd.DataFrame(
        {"item_id": items["item_id"], "book": book_of_each(items), "readers": readers.to_numpy()}
    ).sort_values(["readers", "item_id"], ascending=[False, True])
    stands = editions.groupby("book")["item_id"].transform("first")
    book_of = dict(zip(editions["item_id"], stands, strict=True))
    by_value = ratings.assign(book=[book_of.get(item, item) for item in ratings["item_id"]]).sort_values(
        ["rating", "timestamp", "item_id"], ascending=[False, True, True]
    )
    kept = by_value.drop_duplicates(["user_id", "book"]).sort_index()
    return replace(
        dataset,
        ratings=kept.assign(item_id=kept["book"]).drop(columns="book").reset_index(drop=True),
        items=items[items["item_id"].isin(stands)].reset_index(drop=True),
    )


def book_of_each(items: pd.DataFrame) -> pd.Series:
    """A number for each item: the same for editions of one book.

    Parameters
    ----------
    items : DataFrame
        With the columns `item_id`, `title` and `author`.

    Returns
    -------
    Series of int
        In the order and with the index of `items`.
    """
    parts = pd.DataFrame(
        [
            (*_bare_title(title), _plain_author(author))
            for title, author in items[["title", "author"]].to_numpy()
        ],
        columns=["title", "number", "author"],
        index=items.index,
    )
    unclear = parts["title"].eq("") | parts["author"].eq("")
    series = parts["number"].where(parts["number"] != "").groupby([parts["title"], parts["author"]])
    number = parts["number"].where(series.transform("nunique") > 1, "")
    alone = items["item_id"].astype(str).where(unclear, "")
    return parts.assign(number=number, alone=alone).groupby(["title", "author", "number", "alone"]).ngroup()


def _bare_title(title: str) -> tuple[str, str]:
    """A title without its brackets, and the last number in these (empty if there is none)."""
    bare, numbers = html.unescape(title), []
    while found := BRACKETS.search(bare):
        numbers += NUMBER.findall(found[1])
        bare = bare[: found.start()] + " " + bare[found.end() :]
    number = numbers[-1].casefold() if numbers else ""
    # What stands in brackets alone is the title itself.
    return plain_name(bare) or plain_name(html.unescape(title)), WORDS.get(number, number.lstrip("0"))


def _plain_author(author: str) -> str:
    return plain_name(html.unescape(author)).replace(" ", "")
