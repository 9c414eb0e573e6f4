"""Load a data set of the course: whichever it is, it comes in one shape."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from course_utils.data.catalogue import DATASETS
from course_utils.data.download import fetch
from course_utils.data.formats import DatasetError, path_of, read_table
from course_utils.data.look_around import what_is_there_instead, what_the_variable_says

__all__ = ["DATASETS", "DATA_DIR", "Dataset", "DatasetError", "load"]

DATA_DIR = Path(__file__).resolve().parents[2] / "data"

# How data sets write that they know no genre.
NO_GENRE = ["(no genres listed)", "unknown"]

# How Book-Crossing writes that it knows no author, in small letters.
NO_AUTHOR = ["null", "n/a", "unknown", "not applicable (na )"]

# The last "(1995)" of a title, or the first year of a last "(2006–2007)".
YEAR_IN_TITLE = r".*\((\d{4})(?:[–-]\d{0,4})?\)"


@dataclass(frozen=True)
class Dataset:
    """One data set in the course's shape.

    Parameters
    ----------
    name : str
        A key of `DATASETS`.
    ratings : DataFrame
        One row a rating, in the file's order: `user_id` (int64), `item_id` (int64; Book-Crossing's are
        ISBN strings), `rating` (float32; stars, or points of 10 in Book-Crossing), `timestamp`
        (datetime64[s], UTC; NaT where the data set has none).
    items : DataFrame
        One row an item, rated or not: `item_id`, `title`, `year` (Int64, NA if unknown), `genres`
        (joined with `|`; empty if none is known). In Book-Crossing also `author` (empty if unknown).
    users : DataFrame or None
        One row a user, where the data set describes its users: `user_id`, `age` (years), `gender`,
        `occupation`, `zip`. In ml-1m `age` is the first year of an age group and `occupation` a
        number that its README explains.
    citation, licence : str
        What to cite, and the conditions of use in a line.
    implicit_mark : float or None
        The value in `ratings.rating` that says "had to do with it" and is no rating: 0 in Book-Crossing.
    """

    name: str
    ratings: pd.DataFrame = field(repr=False)
    items: pd.DataFrame = field(repr=False)
    users: pd.DataFrame | None = field(repr=False)
    citation: str
    licence: str
    implicit_mark: float | None = None

    @property
    def explicit_ratings(self) -> pd.DataFrame:
        """The ratings without the implicit marks."""
        return self.ratings[self.ratings["rating"] != self.implicit_mark]


def load(
    name: str = "ml-latest-small",
    folder: str | os.PathLike | None = None,
    download: bool = False,
    complete: bool = True,
) -> Dataset:
    """Read a data set from disk, with all checks; download it only if asked.

    Parameters
    ----------
    name : str
        A key of `DATASETS`: ml-latest-small (part of the project), ml-100k, ml-1m, ml-20m or book-crossing.
    folder : path, optional
        Where its files lie, plain or each packed with gzip. By default `$MF_DATA_DIR/<name>` if there is
        such a folder, else `data/<name>` in the project; ml-latest-small is always the project's own.
    download : bool
        Fetch the archive with its known hash and unpack it into the folder if a file is missing there.
    complete : bool
        False to read a sample of the data set: the number of rows, the sizes and the hashes are then not
        checked.

    Returns
    -------
    Dataset

    Raises
    ------
    DatasetError
        If there is no such data set, a file is missing or is not what was published, or the download fails.
        The message names the file, what was expected, what was found, and the remedy.
    """
    if name not in DATASETS:
        raise DatasetError(f"There is no data set {name!r}. Choose one of: {', '.join(DATASETS)}.")
    facts = DATASETS[name]
    folder = _default_folder(name) if folder is None else Path(folder).expanduser()
    if folder.exists() and not folder.is_dir():
        raise DatasetError(
            f"{folder}: expected the folder that holds the files of {name}, found a file. "
            "Remedy: name its folder; if it is the downloaded archive, unpack it first."
        )
    by_hand = f"get {facts.archive} (see {facts.page}) and put its files into {folder}"
    missing = [table.file for table in facts.tables if not path_of(folder, table).exists()]
    if missing and download:
        files = [table.file for table in facts.tables]
        fetch(facts.archive, facts.archive_hash, files, folder, remedy=f"Remedy: try later, or {by_hand}.")
    elif missing:
        known = [what_is_there_instead(folder, missing, name)]
        if (shared := os.environ.get("MF_DATA_DIR")) and folder == DATA_DIR / name:
            known.append(what_the_variable_says("MF_DATA_DIR", shared, missing, name))
        sentences = [f"{folder}: expected the files of {name}, found no {', '.join(missing)}.", *known]
        remedy = f"Remedy: pass download=True, or {by_hand}, or name another folder."
        raise DatasetError(" ".join(filter(None, [*sentences, remedy])))

    remedy = f"Remedy: delete the file, then pass download=True, or {by_hand}."
    if complete:
        remedy += " If it is a sample on purpose, pass complete=False."
    users, genres = (
        None if table is None else read_table(folder, table, complete, remedy)
        for table in (facts.users, facts.genres)
    )
    return Dataset(
        name=name,
        ratings=_with_timestamps(read_table(folder, facts.ratings, complete, remedy)),
        items=_tidy_items(read_table(folder, facts.items, complete, remedy), genres),
        users=users,
        citation=facts.citation,
        licence=facts.licence,
        implicit_mark=facts.implicit_mark,
    )


def _default_folder(name: str) -> Path:
    shared = os.environ.get("MF_DATA_DIR")
    if shared and name != "ml-latest-small" and (place := Path(shared).expanduser() / name).is_dir():
        return place
    return DATA_DIR / name


def _with_timestamps(ratings: pd.DataFrame) -> pd.DataFrame:
    seconds = ratings["timestamp"] if "timestamp" in ratings else np.full(len(ratings), "NaT")
    return ratings.assign(timestamp=np.asarray(seconds).astype("datetime64[s]"))


def _tidy_items(items: pd.DataFrame, genres: pd.DataFrame | None) -> pd.DataFrame:
    """Items as `Dataset` describes them; `genres` names the columns of marks, where there are such."""
    title = items["title"].str.strip()
    year = items["year"] if "year" in items else title.str.extract(YEAR_IN_TITLE, expand=False)
    year = pd.to_numeric(year, errors="coerce")
    if genres is not None:
        names = genres.sort_values("number")["genre"].to_numpy()
        marks = items[[f"genre_{number}" for number in range(len(names))]].to_numpy(dtype=bool)
        joined = pd.Series(["|".join(names[row]) for row in marks], dtype="str")
    else:
        joined = items["genres"] if "genres" in items else pd.Series("", index=items.index, dtype="str")
    tidy = pd.DataFrame(
        {
            "item_id": items["item_id"],
            "title": title,
            "year": year.where(year > 0).astype("Int64"),  # Book-Crossing writes 0 for "unknown"
            "genres": joined.mask(joined.isin(NO_GENRE), ""),
        }
    )
    if "author" in items:
        author = items["author"].str.strip()
        tidy["author"] = author.mask(author.str.casefold().isin(NO_AUTHOR), "")
    return tidy
