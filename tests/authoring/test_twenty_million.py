"""Unit 01's optional cell on ml-20m: a line without the files, and what it shows of files in their format."""

from __future__ import annotations

import nbformat
import numpy as np
import pandas as pd
import pytest

from course_utils.data import load
from solutions.data_loading import popular_subset
from tests.conftest import ROOT

NOTEBOOK = ROOT / "release" / "01-data-loading" / "data-loading.ipynb"


@pytest.fixture
def cell() -> str:
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    return next(cell.source for cell in cells if cell.cell_type == "code" and "ml-20m" in cell.source)


def run(cell: str, load) -> None:
    exec(cell, {"load": load, "popular_subset": popular_subset, "pd": pd})


def test_without_the_files_it_says_in_a_line_where_it_looked(cell, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MF_DATA_DIR", str(tmp_path))
    (tmp_path / "ml-20m").mkdir()
    run(cell, load)
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert str(tmp_path / "ml-20m") in said
    assert (
        "Remedy: pass download=True, or get https://files.grouplens.org/datasets/movielens/ml-20m.zip" in said
    )


def test_it_shows_the_popular_films_beside_the_published_numbers(cell, tmp_path, capsys):
    rng = np.random.default_rng(0)
    films = [f'{film},"Film, The {film} \u00e9 (1999)",Drama|Comedy' for film in range(1, 91)]
    # Film f is rated by every user whose number is at most 200 - 2 f.
    ratings = [
        f"{user},{film},{rng.integers(1, 11) / 2},{1_000_000_000 + user}"
        for user in range(1, 199)
        for film in range(1, 91)
        if user <= 200 - 2 * film
    ]
    for file, header, lines in (
        ("movies.csv", "movieId,title,genres", films),
        ("ratings.csv", "userId,movieId,rating,timestamp", ratings),
    ):
        (tmp_path / file).write_bytes("".join(f"{line}\r\n" for line in [header, *lines]).encode())
    run(cell, lambda name: load(name, tmp_path, complete=False))
    said = capsys.readouterr().out.splitlines()
    assert said[:4] == [
        f"ratings: 20,000,263 published, {len(ratings):,} found",
        "users: 138,493 published, 198 found",
        "films: 27,278 published, 90 found",
        f"density: 0.529 %, {100 * len(ratings) / (198 * 90):.3f} %",
    ]
    # The user with the largest number among those with five films rated the first five: 200 - 2 · 5.
    assert "by 190 users:" in said[4]
    assert [line.split("The ")[1].split()[0] for line in said[5:]] == [str(film) for film in range(1, 51)]
    assert said[5].split()[-1] == "190"
