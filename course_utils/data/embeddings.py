"""How are a model's item vectors kept, found again, and shown to TensorBoard's projector?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np


def save_embeddings(path: Path | str, ids: np.ndarray, titles: Sequence[str], Y: np.ndarray) -> None:
    """Write item vectors to an `.npz` file, with the ids and titles that they belong to.

    Vectors without ids are of no use to another run: codes are given anew, and row 5 is another film then.

    Parameters
    ----------
    path : path
        Ends in `.npz`.
    ids : (n,) array
        The data set's ids, integers or strings, each once, in the order of the rows of Y.
    titles : sequence of str
        A title for each id.
    Y : (n, k) array
        A vector a row; kept in its own type.

    Raises
    ------
    ValueError
        If the name has another ending, an id occurs twice, or there are not as many ids, titles and rows.
    """
    if Path(path).suffix != ".npz":
        raise ValueError(f"{path}: let the name end in .npz, the format of the file.")
    ids, Y = _plain(np.asarray(ids)), np.asarray(Y)
    if not len(ids) == len(titles) == len(Y):
        raise ValueError(
            f"There are {len(ids)} ids, {len(titles)} titles and {len(Y)} vectors: one each a film."
        )
    unique, times = np.unique(ids, return_counts=True)
    if (times > 1).any():
        raise ValueError(f"The id {unique[times > 1][0]!r} occurs twice: which vector is its own?")
    np.savez(path, ids=ids, titles=np.array(list(titles), dtype=str), vectors=Y)


def _plain(ids: np.ndarray) -> np.ndarray:
    """Ids in a type that is kept without pickle: pandas hands out strings as objects."""
    return ids.astype(str) if ids.dtype == object else ids


def load_embeddings(path: Path | str, ids: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Titles and vectors of a file, in the order of the ids of this run.

    Parameters
    ----------
    path : path
        What `save_embeddings` wrote. Nothing in it is executed: a file with pickled objects is refused.
    ids : (n,) array
        The ids of this run. They must be those of the file; their order may be another.

    Returns
    -------
    titles : list of str
    Y : (n, k) array
        Row p belongs to `ids[p]`.

    Raises
    ------
    ValueError
        If the ids are not those of the file: the message names one that is missing; or if the file holds
        something else.
    """
    with np.load(path, allow_pickle=False) as file:
        if missing := {"ids", "titles", "vectors"} - set(file.files):
            raise ValueError(f"{path} has no {min(missing)}: it was not written by save_embeddings.")
        try:
            kept, titles, Y = file["ids"], file["titles"], file["vectors"]
        except ValueError as error:
            raise ValueError(
                f"{path} holds pickled objects, which could run code when they are read, so it is not "
                "opened: write it by save_embeddings."
            ) from error
    ids = _plain(np.asarray(ids))
    if (ids.dtype.kind in "iu") != (kept.dtype.kind in "iu"):
        raise ValueError(f"{path} was saved with ids such as {kept[0]!r}; yours are such as {ids[0]!r}.")
    for known, wanted, where in [(kept, ids, f"in {path}"), (ids, kept, "among yours")]:
        unknown = wanted[~np.isin(wanted, known)]
        if len(unknown):
            raise ValueError(
                f"{len(unknown)} ids are not {where}, {unknown[0]!r} for one: these are vectors of another "
                "data set, or of another part of it. Train again, or take the file of this data set."
            )
    if len(ids) != len(kept):
        raise ValueError(f"{len(ids)} ids for {len(kept)} vectors: an id of yours occurs twice.")
    order = np.argsort(kept)[np.searchsorted(np.sort(kept), ids)]
    return titles[order].tolist(), Y[order]


def export_projector(
    folder: Path | str, Y: np.ndarray, metadata: dict[str, Sequence[object]]
) -> tuple[Path, Path]:
    """Write `vectors.tsv` and `metadata.tsv` for TensorBoard's projector (projector.tensorflow.org, "Load").

    Parameters
    ----------
    folder : path
        Made, if it is not there.
    Y : (n, k) array
    metadata : dict of str to sequence
        Columns such as title, genres, year: a value for each row of Y. The projector colours and searches by
        them.

    Returns
    -------
    vectors, metadata : Path
        The two files.

    Raises
    ------
    ValueError
        If a column has not as many values as Y rows, or if there is none.
    """
    for name, values in metadata.items():
        if len(values) != len(Y):
            raise ValueError(f"The column {name!r} has {len(values)} values for {len(Y)} vectors.")
    if not metadata:
        raise ValueError("Give one column or more, titles for example: dots without names tell nothing.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    vectors, names = folder / "vectors.tsv", folder / "metadata.tsv"
    lines = ("\t".join(f"{number:.6g}" for number in row) for row in np.asarray(Y).tolist())
    vectors.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    rows = list(zip(*metadata.values(), strict=True))
    if len(metadata) > 1:  # the projector takes a heading for a film if there is one column only
        rows.insert(0, tuple(metadata))
    # A tab or a line break within a value would shift all that follow.
    text = "".join("\t".join(" ".join(str(value).split()) for value in row) + "\n" for row in rows)
    names.write_text(text, encoding="utf-8")
    return vectors, names
