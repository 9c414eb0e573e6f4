"""Which books are like *Harry Potter and the Sorcerer's Stone*? Book-Crossing from its files to neighbours.

Run ``python -m benchmarks.books``, or name other books by the beginning of their titles:
``python -m benchmarks.books "The Hobbit" "Dracula"``. The files are looked for as `load("book-crossing")`
does; docs/data.md says where to get them.

The way: marks of 0 are no ratings; editions of a book become one; ratings of 8 points and more, of 10, are
likes, as 4 of 5 stars are; readers and books with few likes go, until nobody has too few; unit 05's WRMF
learns from the rest. Its setting is that of the league for MovieLens latest-small: a setting found for books
would need its own search.
"""

from __future__ import annotations

import argparse
import html
import sys

import numpy as np
import pandas as pd

from benchmarks.settings import read_setting
from course_utils.data.datasets import DatasetError, load
from course_utils.data.dense_core import dense_core
from course_utils.data.editions import merge_editions
from course_utils.data.interactions import Interactions
from course_utils.evaluation.neighbours import similar_items
from solutions.wrmf import fit_wrmf

BOOKS = ["Harry Potter and the Sorcerer's Stone", "The Fellowship of the Ring", "The Da Vinci Code"]
LIKED = 8.0
SETTING = {key: value for key, value in read_setting("ml-latest-small", "WRMF").items() if key != "threshold"}


def find_book(beginning: str, titles: list[str], readers: np.ndarray) -> int:
    """The position of the best known book whose title begins so, in whatever case; of equals, the first.

    Raises
    ------
    LookupError
        If there is none; the message says what may have become of it.
    """
    found = [i for i, title in enumerate(titles) if title.casefold().startswith(beginning.casefold())]
    if not found:
        raise LookupError(
            f"No book's title begins with {beginning!r} among the {len(titles):,} that are left: it is "
            "written otherwise, or too few readers liked it (--min-book)."
        )
    return max(found, key=lambda i: (readers[i], -i))


def neighbours(
    factors: np.ndarray, book: int, books: pd.DataFrame, readers: np.ndarray, n: int
) -> pd.DataFrame:
    """The books most similar to one, by cosine: title, author, readers who liked it, cosine."""
    directions = factors / np.maximum(np.linalg.norm(factors, axis=1, keepdims=True), 1e-12)
    near = similar_items(factors, book, n)
    found = books.iloc[near].assign(
        readers=readers[near],
        cosine=(directions[near] @ directions[book]).round(2) + 0.0,  # never -0.0
    )
    return found.set_axis(range(1, len(near) + 1))


def main(arguments: list[str]) -> None:
    """Print what is left after each step, and the neighbours of each book."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.books",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("books", nargs="*", default=BOOKS, help="beginnings of titles")
    parser.add_argument("--folder", help="where the files lie")
    parser.add_argument("--download", action="store_true", help="fetch them first, if they are not there")
    parser.add_argument("--sample", action="store_true", help="the files are a part of the published ones")
    parser.add_argument("--min-reader", type=int, default=5, help="least number of likes of a reader")
    parser.add_argument("--min-book", type=int, default=5, help="least number of likes of a book")
    parser.add_argument("-n", type=int, default=10, help="how many neighbours")
    options = parser.parse_args(arguments)
    try:
        data = load("book-crossing", options.folder, options.download, complete=not options.sample)
    except DatasetError as error:
        sys.exit(f"{error} (Here: --download, --folder.)")
    _report("as published", data.ratings)
    print(f"  of these, marks of 0, which are no ratings: {len(data.ratings) - len(data.explicit_ratings):,}")
    n_listed = len(data.items)
    data = merge_editions(data)
    print(f"  {n_listed:,} ISBNs with a title are {len(data.items):,} books")
    _report("ratings of books", data.explicit_ratings)
    likes = data.explicit_ratings[data.explicit_ratings["rating"] >= LIKED]
    _report(f"likes: {LIKED:g} points and more", likes)
    likes = likes[likes["item_id"].isin(data.items["item_id"])]
    _report("of books with a title", likes)
    likes = dense_core(likes, options.min_reader, options.min_book)
    _report(f"core: {options.min_reader} likes a reader, {options.min_book} a book", likes)
    if likes.empty:
        sys.exit("Nobody is left: lower --min-reader or --min-book.")
    seen = Interactions.from_ratings(likes.assign(rating=1.0))
    _, factors, _ = fit_wrmf(seen.matrix, rng=np.random.default_rng(0), **SETTING)
    books = data.items.set_index("item_id").loc[seen.item_ids, ["title", "author"]].map(html.unescape)
    readers = np.bincount(seen.matrix.indices, minlength=len(books))
    titles = books["title"].tolist()
    for beginning in options.books:
        try:
            book = find_book(beginning, titles, readers)
        except LookupError as error:
            print(f"\n{error}")
            continue
        author = books["author"].iloc[book] or "author unknown"
        print(f"\nLike {titles[book]!r} ({author}), {readers[book]:,} readers:")
        with pd.option_context("display.max_colwidth", 60):
            print(neighbours(factors, book, books, readers, options.n).to_string())


def _report(step: str, ratings: pd.DataFrame) -> None:
    print(
        f"{step:<36} {len(ratings):>9,} rows, {ratings['user_id'].nunique():>7,} readers, "
        f"{ratings['item_id'].nunique():>7,} books"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
