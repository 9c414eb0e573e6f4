"""Vectors that are kept come back to their own ids, and to no others."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.data.embeddings import export_projector, load_embeddings, save_embeddings

Y = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
TITLES = ["Alien", "Amélie", "Crouching Tiger, Hidden Dragon", ""]


@pytest.mark.parametrize(
    "ids",
    [
        np.array([7, 1, 300, 2]),
        np.array(["b", "a", "0195153448", "c"]),
        np.array(["x", "b", "z", "y"], object),
    ],
    ids=["numbers", "strings", "objects"],
)
def test_a_round_trip_in_any_order(tmp_path, ids):
    path = tmp_path / "films.npz"
    save_embeddings(path, ids, TITLES, Y)
    order = [2, 0, 3, 1]
    titles, vectors = load_embeddings(path, ids[order])
    assert titles == [TITLES[place] for place in order] and vectors.dtype == np.float32
    assert np.array_equal(vectors, Y[order])


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        ([7, 1, 300, 3], r"1 ids are not in .*films.npz, (np.int64\()?3"),
        ([7, 1, 300], r"1 ids are not among yours, (np.int64\()?2"),
        ([7, 1, 300, 2, 2], "an id of yours occurs twice"),
        (["7", "1", "300", "2"], "saved with ids such as"),
    ],
)
def test_other_ids_are_refused_by_name(tmp_path, ids, says):
    save_embeddings(tmp_path / "films.npz", np.array([7, 1, 300, 2]), TITLES, Y)
    with pytest.raises(ValueError, match=says):
        load_embeddings(tmp_path / "films.npz", np.array(ids))


def test_what_cannot_be_kept_is_refused(tmp_path):
    ids = np.arange(4)
    with pytest.raises(ValueError, match="end in .npz"):
        save_embeddings(tmp_path / "films.npy", ids, TITLES, Y)
    with pytest.raises(ValueError, match="occurs twice"):
        save_embeddings(tmp_path / "films.npz", np.array([1, 2, 1, 3]), TITLES, Y)
    with pytest.raises(ValueError, match="4 ids, 3 titles and 4 vectors"):
        save_embeddings(tmp_path / "films.npz", ids, TITLES[:3], Y)
    assert not list(tmp_path.iterdir())


def test_a_file_with_pickled_objects_is_not_opened(tmp_path):
    path = tmp_path / "films.npz"
    np.savez(path, ids=np.array([1, {}], dtype=object), titles=np.array(["a", "b"]), vectors=Y[:2])
    with pytest.raises(ValueError, match="films.npz holds pickled objects"):
        load_embeddings(path, np.array([1, 2]))
    np.savez(path, ids=np.arange(2))
    with pytest.raises(ValueError, match="no titles: it was not written by save_embeddings"):
        load_embeddings(path, np.arange(2))


def test_the_projector_s_files_have_a_line_a_film(tmp_path):
    columns = {"title": ["Alien", "a\ttab", "two\nlines", "d"], "year": [1979, 2001, 2000, 1999]}
    vectors, names = export_projector(tmp_path / "new", Y, columns)
    assert np.allclose(np.loadtxt(vectors, delimiter="\t"), Y, rtol=1e-5)
    assert names.read_text().splitlines() == [
        "title\tyear",
        "Alien\t1979",
        "a tab\t2001",
        "two lines\t2000",
        "d\t1999",
    ]
    _, names = export_projector(tmp_path, Y, {"title": TITLES})
    assert names.read_text().splitlines() == TITLES  # with one column the projector wants no heading
    with pytest.raises(ValueError, match="'year' has 3 values for 4 vectors"):
        export_projector(tmp_path, Y, {"title": TITLES, "year": [1, 2, 3]})
    with pytest.raises(ValueError, match="one column or more"):
        export_projector(tmp_path, Y, {})
