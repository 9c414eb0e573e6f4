"""Seconds to load each data set that this machine has, beside the usual way to read ml-1m.

Run ``python -m benchmarks.loading``; the environment variable ``MF_DATA_DIR`` names the folder of the data
sets that may not be redistributed.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from course_utils.data.datasets import DATASETS, DatasetError, load

REPEATS = 3


def ml_1m_folder(source: Path, scratch: Path) -> Path:
    """A folder with ml-1m at full size, even where only a copy of its ratings without timestamps is at hand.

    Parameters
    ----------
    source : Path
        Folder with ``movies.dat``, ``users.dat`` and either ``ratings.dat`` (then it is returned as it is) or
        ``ratings.notimestamp.dat.gz``, the same rows without the last field.
    scratch : Path
        Where to put the rebuilt data set. Its timestamps are made up; as many have ten digits, not nine, as
        give the file its published size.

    Returns
    -------
    Path
    """
    if (source / "ratings.dat").exists():
        return source
    for name in ("movies.dat", "users.dat"):
        shutil.copyfile(source / name, scratch / name)
    rows = gzip.decompress((source / "ratings.notimestamp.dat.gz").read_bytes()).split(b"\n")[:-1]
    # Seconds since 1970 have a tenth digit from September 2001 on, which the last rows get here.
    size_of_nine = sum(map(len, rows)) + len(rows) * len("::978300760\n")
    size = DATASETS["ml-1m"].ratings.n_bytes
    assert size is not None, "the catalogue holds the size of ml-1m's ratings"
    n_ten = size - size_of_nine
    stamps = [b"978300760"] * (len(rows) - n_ten) + [b"1000000000"] * n_ten
    rebuilt = b"".join(row + b"::" + stamp + b"\n" for row, stamp in zip(rows, stamps, strict=True))
    (scratch / "ratings.dat").write_bytes(rebuilt)
    return scratch


def best_seconds(call: Callable[[], object]) -> float:
    """Seconds of the fastest of a few calls: the least disturbed by what else the machine does."""
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    """Print a line for each data set that is at hand, and why the others are not."""
    print(f"{'call':<60} {'ratings':>10} {'seconds':>8}")
    shared = os.environ.get("MF_DATA_DIR")
    with tempfile.TemporaryDirectory() as scratch:
        for name in DATASETS:
            folder = None
            if name == "ml-1m" and shared and (Path(shared) / name).is_dir():
                folder = ml_1m_folder(Path(shared) / name, Path(scratch))
            try:
                n_ratings = len(load(name, folder).ratings)
            except DatasetError as error:
                print(f"{f'load({name!r})':<60} {str(error).split(' Remedy:')[0]}")
                continue
            report(f"load({name!r}), all files and checks", n_ratings, partial(load, name, folder))
            if folder is not None:
                usual = partial(pd.read_csv, folder / "ratings.dat", sep="::", engine="python", header=None)
                report("  pandas.read_csv(sep='::', engine='python'), no checks", n_ratings, usual)


def report(title: str, n_ratings: int, call: Callable[[], object]) -> None:
    """Print one line: what was called, how many ratings it read, the seconds it took."""
    print(f"{title:<60} {n_ratings:>10,} {best_seconds(call):>8.2f}")


if __name__ == "__main__":
    main()
