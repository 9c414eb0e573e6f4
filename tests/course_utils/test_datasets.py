"""The loaders: every data set in one shape, and a sentence for every way in which a file can be bad."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.loading import ml_1m_folder
from course_utils.data import datasets
from course_utils.data.datasets import DATA_DIR, DATASETS, DatasetError, load
from course_utils.data.formats import Table, read_table
from tests.needs import LARGER_DATA

U_ITEM_FLAGS = {"Drama": 8, "Comedy": 5, "unknown": 0}


def u_item(item_id: int, title: str, *genres: str) -> str:
    flags = ["0"] * 19
    for genre in genres:
        flags[U_ITEM_FLAGS[genre]] = "1"
    return "|".join([str(item_id), title, "01-Jan-1995", "", "http://example.org", *flags]) + "\n"


# A few rows in each publisher's format.
U_GENRE = """unknown Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy Film-Noir
    Horror Musical Mystery Romance Sci-Fi Thriller War Western""".split()
MOVIELENS_CSV = {
    "ratings.csv": "userId,movieId,rating,timestamp\r\n"
    "1,1,4.0,964982703\r\n1,7,0.5,964981247\r\n2,1,5.0,964982224\r\n",
    "movies.csv": "movieId,title,genres\r\n"
    '1,Amélie (2001),Comedy|Drama\r\n7,"11\'09""01, NA (2002)",(no genres listed)\r\n',
}
SAMPLES = {
    "ml-latest-small": MOVIELENS_CSV,
    "ml-20m": MOVIELENS_CSV,
    "ml-100k": {
        "u.data": "1\t1\t4\t881250949\n1\t7\t1\t891717742\n2\t1\t5\t878887116\n",
        "u.item": u_item(1, "Amélie (2001)", "Drama", "Comedy") + u_item(7, '"NA" (2002) (V)', "unknown"),
        "u.user": "1|24|M|technician|85711\n2|53|F|other|T8H1N\n",
        "u.genre": "".join(f"{genre}|{number}\n" for number, genre in enumerate(U_GENRE)) + "\n",
    },
    "ml-1m": {
        "ratings.dat": "1::1::4::978300760\n1::7::1::978302109\n2::1::5::978301968\n",
        "movies.dat": "1::Amélie (2001)::Comedy|Drama\n7::Alien: NA (2002)::unknown\n",
        "users.dat": "1::M::25::12::85711\n2::F::56::1::02460-1234\n",
    },
    "book-crossing": {
        "BX-Book-Ratings.csv": '"User-ID";"ISBN";"Book-Rating"\r\n"1";"000123456X";"8"\r\n"1";"0007";"0"\r\n'
        '"2";"000123456X";"10"\r\n',
        "BX-Books.csv": DATASETS["book-crossing"].items.header
        + '\r\n"000123456X";"Amélie; \\"NA\\"";"A";"2001";"P";"s";"m";"l"\r\n'
        # a row as it was published: the quote before the author's name is escaped, so one field is lost
        '"0007";"Level 4)\\";M. T.";"2000";"DK Inc";"s";"m";"l"\r\n',
    },
}


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], Path]:
    """Write the sample of a data set into a folder, in its encoding, and give the folder."""

    def write(name: str) -> Path:
        for table in DATASETS[name].tables:
            (tmp_path / table.file).write_bytes(SAMPLES[name][table.file].encode(table.encoding))
        return tmp_path

    return write


@pytest.fixture
def shared_data() -> Path:
    """The folder of the data sets that the project may not contain."""
    LARGER_DATA.require()
    return Path(os.environ["MF_DATA_DIR"])


def assert_schema(dataset: datasets.Dataset) -> None:
    ratings, items = dataset.ratings, dataset.items
    assert list(ratings) == ["user_id", "item_id", "rating", "timestamp"]
    assert list(items)[:4] == ["item_id", "title", "year", "genres"]
    assert list(items)[4:] == ["author"] * (dataset.name == "book-crossing")
    wanted = {"user_id": "int64", "rating": "float32", "timestamp": "datetime64[s]"}
    assert {name: str(ratings[name].dtype) for name in wanted} == wanted
    assert ratings["item_id"].dtype == items["item_id"].dtype
    assert pd.api.types.is_string_dtype(ratings["item_id"]) == (dataset.name == "book-crossing")
    assert str(items["year"].dtype) == "Int64"
    assert not items[["item_id", "title", "genres"]].isna().any(axis=None)
    assert items["item_id"].is_unique
    assert dataset.citation and dataset.licence


# One shape


@pytest.mark.parametrize("name", DATASETS)
def test_every_format_comes_in_one_shape(name, sample):
    dataset = load(name, sample(name), complete=False)
    assert_schema(dataset)
    assert dataset.ratings["user_id"].tolist() == [1, 1, 2]
    assert dataset.items["title"][0].startswith("Amélie")
    assert "NA" in dataset.items["title"][1] or name == "book-crossing"
    assert dataset.items["year"][0] == 2001
    assert (dataset.users is None) == (DATASETS[name].users is None)
    if name != "book-crossing":
        assert dataset.ratings["item_id"].tolist() == [1, 7, 1]
        assert dataset.items["year"][1] == 2002
        assert dataset.items["genres"].tolist() == ["Comedy|Drama", ""]
        seconds = dataset.ratings["timestamp"].to_numpy().astype(np.int64)
        assert seconds[0] in (964982703, 881250949, 978300760)


def test_book_crossing_keeps_isbns_and_implicit_marks(sample):
    dataset = load("book-crossing", sample("book-crossing"), complete=False)
    assert dataset.ratings["item_id"].tolist() == ["000123456X", "0007", "000123456X"]
    assert dataset.ratings["timestamp"].isna().all()
    assert dataset.ratings["rating"].tolist() == [8, 0, 10]
    assert dataset.implicit_mark == 0
    assert dataset.explicit_ratings["rating"].tolist() == [8, 10]
    assert dataset.items["title"].tolist() == ['Amélie; "NA"', 'Level 4)";M. T.']
    assert dataset.items["author"].tolist() == ["A", "2000"]
    assert dataset.items["year"].isna().tolist() == [False, True]
    assert (dataset.items["genres"] == "").all()


def test_without_implicit_marks_every_rating_is_explicit(sample):
    dataset = load("ml-100k", sample("ml-100k"), complete=False)
    pd.testing.assert_frame_equal(dataset.explicit_ratings, dataset.ratings)


@pytest.mark.parametrize("name", DATASETS)
def test_files_packed_with_gzip_are_as_good(name, sample):
    folder = sample(name)
    plain = load(name, folder, complete=False)
    for table in DATASETS[name].tables:
        path = folder / table.file
        (folder / f"{table.file}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    packed = load(name, folder, complete=False)
    pd.testing.assert_frame_equal(packed.ratings, plain.ratings)
    pd.testing.assert_frame_equal(packed.items, plain.items)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Toy Story (1995)", 1995),
        ("96 Minutes (2011) ", 2011),
        ("Time (1994) (V)", 1994),
        ("Nosferatu (Remake of (1922)) (1979)", 1979),
        ("Death Note (2006–2007)", 2006),
        ("Series (1999- )", None),
        ("Series (1999-)", 1999),
        ("1984", None),
    ],
)
def test_year_of_a_title(title, year, sample):
    folder = sample("ml-20m")
    (folder / "movies.csv").write_text(f"movieId,title,genres\n1,{title},Drama\n", encoding="utf-8")
    items = load("ml-20m", folder, complete=False).items
    assert items["year"].tolist() == [pd.NA if year is None else year]
    assert items["title"][0] == title.strip()


# The real files


def test_the_project_s_own_data():
    dataset = load()
    assert_schema(dataset)
    assert dataset.name == "ml-latest-small"
    assert dataset.ratings.shape == (100_836, 4)
    assert dataset.ratings["user_id"].nunique() == 610
    assert dataset.ratings["item_id"].nunique() == 9_724
    assert dataset.ratings.iloc[0].tolist() == [1, 1, 4.0, pd.Timestamp("2000-07-30 18:45:03")]
    assert set(np.unique(dataset.ratings["rating"])) == set(np.arange(0.5, 5.5, 0.5))
    items = dataset.items.set_index("item_id")
    assert dataset.ratings["item_id"].isin(items.index).all()
    assert items.loc[7789, "title"] == "11'09\"01 - September 11 (2002)"
    assert items.loc[171749].tolist() == ["Death Note: Desu nôto (2006–2007)", 2006, ""]
    assert items["year"].isna().sum() == 12


def test_checksums_file_agrees_with_the_table_and_the_files():
    lines = (DATA_DIR / "SHA256SUMS").read_text().splitlines()
    sums = {path: digest for digest, path in (line.split("  ") for line in lines)}
    for path, digest in sums.items():
        assert hashlib.sha256((DATA_DIR / path).read_bytes()).hexdigest() == digest, path
    for table in DATASETS["ml-latest-small"].tables:
        assert sums[f"ml-latest-small/{table.file}"] == table.sha256


def test_ml_100k_in_full(shared_data):
    dataset = load("ml-100k", shared_data / "ml-100k")
    assert_schema(dataset)
    assert dataset.ratings.shape == (100_000, 4)
    assert dataset.ratings.iloc[0].tolist() == [196, 242, 3.0, pd.Timestamp("1997-12-04 15:55:49")]
    items = dataset.items.set_index("item_id")
    assert items.loc[1].tolist() == ["Toy Story (1995)", 1995, "Animation|Children's|Comedy"]
    assert items.index[items["year"].isna()].tolist() == [267]
    assert items["title"].str.contains("é").sum() == 8
    assert list(dataset.users) == ["user_id", "age", "gender", "occupation", "zip"]
    assert dataset.users.iloc[0].tolist() == [1, 24, "M", "technician", "85711"]


def test_ml_1m_in_full(shared_data, tmp_path):
    dataset = load("ml-1m", ml_1m_folder(shared_data / "ml-1m", tmp_path))
    assert_schema(dataset)
    assert dataset.ratings.shape == (1_000_209, 4)
    assert dataset.ratings.iloc[0, :3].tolist() == [1, 1193, 5.0]
    assert dataset.ratings["user_id"].nunique() == 6_040
    assert dataset.items["year"].notna().all()
    assert dataset.items["title"].str.contains("é").any()
    assert dataset.users.loc[0, ["user_id", "gender", "age", "occupation", "zip"]].tolist() == [
        1,
        "F",
        1,
        "10",
        "48067",
    ]


# Bad files


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def damage(raw: bytes) -> bytes:
        assert raw.count(old.encode())
        return raw.replace(old.encode(), new.encode())

    return damage


BAD_FILES = {
    "empty": ("ml-100k", "u.data", lambda raw: b"\n\n", "the file is empty; expected 100,000 rows"),
    "latin-1 for utf-8": (
        "ml-20m",
        "movies.csv",
        lambda raw: raw.decode().encode("iso-8859-1"),
        "expected UTF-8 text, but line 2 is in another encoding",
    ),
    "utf-8 for latin-1": (
        "ml-1m",
        "movies.dat",
        lambda raw: raw.decode("iso-8859-1").encode(),
        "expected ISO-8859-1 text, but the file was saved again as UTF-8",
    ),
    "utf-16": (
        "ml-20m",
        "ratings.csv",
        lambda raw: raw.decode().encode("utf-16"),
        "expected UTF-8 text, but line 1",
    ),
    "byte order mark": (
        "ml-20m",
        "ratings.csv",
        lambda raw: b"\xef\xbb\xbf" + raw,
        "expected the first line 'userId,",
    ),
    "another separator, header": (
        "ml-20m",
        "ratings.csv",
        replaced(",", ";"),
        "found 'userId;movieId;rating;timestamp'",
    ),
    "another separator, no header": (
        "ml-1m",
        "ratings.dat",
        replaced("::", ","),
        "expected 4 fields separated by '::'",
    ),
    "no header": ("ml-20m", "ratings.csv", lambda raw: raw.split(b"\n", 1)[1], "found '1,1,4.0,964982703'"),
    "a column too few": (
        "ml-1m",
        "ratings.dat",
        replaced("::978300760", ""),
        "found 3 in the first line '1::1::4'",
    ),
    "a field too many": (
        "ml-100k",
        "u.data",
        replaced("878887116", "878887116\t0"),
        "Expected 4 fields in line 3, saw 5",
    ),
    "a field too few": (
        "ml-100k",
        "u.data",
        replaced("\t878887116", ""),
        "row 3 has too few fields; expected 4",
    ),
    "a text field too few": (
        "ml-1m",
        "movies.dat",
        replaced("::unknown", ""),
        "row 2 has too few fields; expected 3",
    ),
    "header alone right": (
        "ml-20m",
        "movies.csv",
        replaced("\r\n1,", "\r\n1;"),
        "expected 3 fields in row 1, found 2: a row is damaged",
    ),
    "all rows short": (
        "book-crossing",
        "BX-Book-Ratings.csv",
        lambda raw: raw.split(b"\n")[0] + b'\n"1";"0007"\n',
        "expected 3 fields a row, found 2",
    ),
    "open quote": ("book-crossing", "BX-Book-Ratings.csv", replaced('"10"', '"10'), "EOF inside string"),
    "not a number": (
        "ml-1m",
        "ratings.dat",
        replaced("::5::", "::five::"),
        "a number as rating in row 3, found 'five'",
    ),
    "not a whole number": (
        "ml-100k",
        "u.data",
        replaced("2\t1\t", "2.5\t1\t"),
        "user_id in row 3, found '2.5'",
    ),
    "infinite id": ("ml-1m", "ratings.dat", replaced("2::1::", "2::inf::"), "item_id in row 3, found 'inf'"),
    "id too large": (
        "ml-1m",
        "ratings.dat",
        replaced("2::1::", f"{'9' * 20}::1::"),
        "user_id in row 3, found '999",
    ),
    "NaN": (
        "ml-20m",
        "ratings.csv",
        replaced("5.0", "NaN"),
        "expected a number as rating in row 3, found 'NaN'",
    ),
    "rating too high": (
        "ml-100k",
        "u.data",
        replaced("\t5\t", "\t6\t"),
        "rating from 1 to 5, found 6 in row 3",
    ),
    "rating of 0": (
        "ml-20m",
        "ratings.csv",
        replaced("0.5", "0.0"),
        "rating from 0.5 to 5, found 0 in row 2",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_gets_a_sentence(case, sample):
    name, file, damage, sentence = BAD_FILES[case]
    path = sample(name) / file
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DatasetError) as caught:
        load(name, path.parent, complete=False)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert sentence in message
    assert "Remedy: delete the file, then pass download=True" in message
    assert DATASETS[name].archive in message


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", DATASETS)
def test_whatever_the_damage_a_file_is_read_or_refused(name, sample):
    rng = np.random.default_rng(0)
    junk = [b"", b"\x00", b"\xff", b"\r", b"\n", b'"', b"\\", b"::", b",", b";", b"\t", b"|"]
    junk += [b"-1", b"nan", b"inf", b"1e400", b"9" * 20, "é".encode()]
    tables, outcomes = DATASETS[name].tables, set()
    for _ in range(150):
        path = sample(name) / tables[rng.integers(len(tables))].file
        raw = path.read_bytes()
        start = rng.integers(len(raw))
        path.write_bytes(raw[:start] + junk[rng.integers(len(junk))] + raw[start + rng.integers(4) :])
        try:
            ratings = load(name, path.parent, complete=False).ratings
            outcomes.add("read")
            assert str(ratings["rating"].dtype) == "float32"
            assert ratings["rating"].between(*DATASETS[name].ratings.bounds["rating"]).all()
        except DatasetError as error:
            outcomes.add("refused")
            assert "Remedy" in str(error)
    assert outcomes == {"read", "refused"}


@pytest.fixture
def own_copy(tmp_path: Path) -> Path:
    """A copy of the project's data to be damaged."""
    for table in DATASETS["ml-latest-small"].tables:
        shutil.copyfile(DATA_DIR / "ml-latest-small" / table.file, tmp_path / table.file)
    return tmp_path


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda raw: raw[: len(raw) // 2], "the file is truncated: expected 100,836 rows, found 50,"),
        (lambda raw: raw[:-5], "the file was changed: expected the SHA-256 aa289ca83157…, found "),
        (lambda raw: raw[:-15], "row 100,836 has too few fields"),
        (lambda raw: raw + raw[-40:].split(b"\n", 1)[1], "expected 100,836 rows, found 100,837"),
        (replaced("1,1,4.0,", "1,1,4.5,"), "the file was changed: expected the SHA-256"),
        (
            lambda raw: raw.replace(b"\r\n", b"\n").replace(b"4.0", b"4.5", 1),
            "the file was changed: expected the SHA-256",
        ),
    ],
)
def test_a_file_that_is_not_the_published_one_is_refused(damage, sentence, own_copy):
    path = own_copy / "ratings.csv"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DatasetError) as caught:
        load("ml-latest-small", own_copy)
    assert str(caught.value).startswith(f"{path}: ")
    assert sentence in str(caught.value)
    assert "pass complete=False" in str(caught.value)


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        (lambda raw: raw.replace(b"\r\n", b"\n"), "expected CR LF, found LF"),
        (lambda raw: raw.replace(b"\r\n", b"\r"), "expected CR LF, found CR"),
        (lambda raw: raw.replace(b"\r\n", b"\n", 7), "expected CR LF, found CR LF and LF"),
    ],
    ids=["LF", "CR", "mixed"],
)
@pytest.mark.parametrize("file", ["ratings.csv", "movies.csv"])
def test_other_line_ends_are_named_as_the_only_difference(file, ends, found, own_copy):
    path = own_copy / file
    path.write_bytes(ends(path.read_bytes()))
    with pytest.raises(DatasetError) as caught:
        load("ml-latest-small", own_copy)
    assert str(caught.value).startswith(f"{path}: only the line ends differ: {found}. ")
    assert f"`git config core.autocrlf false`, delete the file, then run `git checkout -- {file}`" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (lambda raw: {"sha256": hashlib.sha256(raw).hexdigest()}, "only the line ends differ: "),
        (lambda raw: {"n_bytes": len(raw)}, "only the line ends differ, as far as its size tells: "),
    ],
    ids=["hash", "size"],
)
def test_a_file_with_windows_line_ends_is_named_by_what_is_known_of_it(known, sentence, tmp_path):
    raw = b"1\t2\n3\t4\n"
    table = Table("u.data", {"a": "int64", "b": "int64"}, "\t", "utf-8", 2, **known(raw))
    path = tmp_path / table.file
    path.write_bytes(raw.replace(b"\n", b"\r\n"))
    with pytest.raises(DatasetError, match=f"{sentence}expected LF, found CR LF"):
        read_table(tmp_path, table)
    path.write_bytes(raw)
    assert len(read_table(tmp_path, table)) == 2


def test_a_file_of_another_size_is_refused_where_no_hash_is_known(shared_data, tmp_path):
    folder = ml_1m_folder(shared_data / "ml-1m", tmp_path)
    with (folder / "ratings.dat").open("rb+") as file:
        file.truncate(DATASETS["ml-1m"].ratings.n_bytes - 3)
    with pytest.raises(DatasetError, match="expected 24,594,131 bytes, found 24,594,128"):
        load("ml-1m", folder)


def test_a_damaged_gzip_copy_is_named(sample):
    folder = sample("ml-100k")
    packed = gzip.compress((folder / "u.data").read_bytes())
    (folder / "u.data").unlink()
    for damaged in (packed[:-6], b"not gzip at all"):
        (folder / "u.data.gz").write_bytes(damaged)
        with pytest.raises(DatasetError, match=r"u\.data\.gz: the packed file is damaged or cut off"):
            load("ml-100k", folder, complete=False)


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [(b"\x1f\x8b\x08\x00", "gzip"), (b"PK\x03\x04\x14\x00", "zip")],
    ids=["gzip", "zip"],
)
def test_an_archive_under_a_table_s_name_is_told(beginning, kind, sample):
    folder = sample("ml-100k")
    (folder / "u.data").write_bytes(beginning + (folder / "u.data").read_bytes())
    with pytest.raises(DatasetError, match=rf"u\.data: expected text, but this is a {kind} archive"):
        load("ml-100k", folder, complete=False)


def test_a_file_that_cannot_be_read_is_named(sample):
    folder = sample("ml-100k")
    (folder / "u.item").unlink()
    (folder / "u.item").mkdir()
    with pytest.raises(DatasetError, match=r"u\.item: it cannot be read \(Is a directory\)"):
        load("ml-100k", folder, complete=False)


def test_missing_files_are_all_named(sample):
    folder = sample("ml-100k")
    (folder / "u.data").unlink()
    (folder / "u.genre").unlink()
    with pytest.raises(
        DatasetError, match=r"found no u\.data, u\.genre\. Remedy: pass download=True, or get https"
    ):
        load("ml-100k", folder)


@pytest.mark.parametrize("download", [False, True])
def test_a_file_in_place_of_the_folder_is_named(download, tmp_path):
    archive = tmp_path / "ml-100k.zip"
    archive.write_bytes(b"PK")
    with pytest.raises(
        DatasetError, match=r"ml-100k\.zip: expected the folder .*, found a file\. Remedy: .*unpack"
    ):
        load("ml-100k", archive, download=download)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(
        DatasetError, match="no data set 'ml-10m'. Choose one of: ml-latest-small, ml-100k, ml-1m, "
    ):
        load("ml-10m")


# Where the files are looked for


def test_the_environment_names_the_shared_folder(sample, tmp_path, monkeypatch):
    sample("ml-100k")
    shared = tmp_path / "shared"
    shutil.copytree(tmp_path, shared / "ml-100k")
    monkeypatch.setenv("MF_DATA_DIR", str(shared))
    assert len(load("ml-100k", complete=False).ratings) == 3
    assert len(load("ml-latest-small").ratings) == 100_836
    with pytest.raises(DatasetError, match="elsewhere"):
        load("ml-100k", tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="data/ml-20m: expected the files of ml-20m"):
        load("ml-20m", complete=False)


def test_a_tilde_in_the_environment_is_the_home(sample, tmp_path, monkeypatch):
    sample("ml-100k")
    shutil.copytree(tmp_path, tmp_path / "shared" / "ml-100k")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MF_DATA_DIR", "~/shared")
    assert len(load("ml-100k", complete=False).ratings) == 3


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("ml-100k/ml-100k/u.data", r"u\.data: in .*ml-100k/ml-100k\. Name that folder, or move its files"),
        ("ml-100k/a/b/u.item", r"u\.item: in .*ml-100k/a/b\. Name that folder"),
        ("ml-100k/ml-100k.zip", "There is the archive .*ml-100k.zip: unpack it"),
        ("ml-100k/download (2).zip", r"There is the archive .*download \(2\).zip: unpack it"),
        ("ml-100k.zip", "There is the archive .*shared/ml-100k.zip: unpack it"),
        ("ml-100k/u.data.txt", r"There is u\.data\.txt: rename it to u\.data"),
        ("ml-100k/U.DATA", r"There is U\.DATA: rename it to u\.data"),
        ("ml-100k/u (1).data", r"There is u \(1\)\.data: rename it to u\.data"),
        ("u.data", "MF_DATA_DIR is .*, the folder of ml-100k itself: name the folder above it"),
        ("ML-100K-old/u.data", "which holds no folder ml-100k, only ML-100K-old"),
    ],
)
def test_files_that_lie_elsewhere_are_named(tmp_path, monkeypatch, file, said):
    shared = tmp_path / "shared"
    (shared / file).parent.mkdir(parents=True)
    (shared / file).write_text("")
    monkeypatch.setattr(datasets, "DATA_DIR", tmp_path / "data")
    monkeypatch.setenv("MF_DATA_DIR", str(shared))
    with pytest.raises(DatasetError, match=said + ".* Remedy: pass download=True, or get https"):
        load("ml-100k")


def test_a_variable_that_leads_nowhere_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MF_DATA_DIR", str(tmp_path / "gone"))
    monkeypatch.setattr(datasets, "DATA_DIR", tmp_path / "data")
    with pytest.raises(DatasetError, match="MF_DATA_DIR is '.*gone', which is no folder: correct it"):
        load("ml-100k")


# Downloads, from a server on this machine


@pytest.fixture
def offered(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """A zip of the sample of ml-100k on a local web server, to which the catalogue points; the zip's path."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    archive = tmp_path / "www" / "sample.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as members:
        for file, text in SAMPLES["ml-100k"].items():
            members.writestr(f"ml-100k/{file}", text.encode("iso-8859-1"))
        members.writestr("ml-100k/README", "conditions of use")
        members.writestr("ml-100k/u1.base", "not needed")
    monkeypatch.setenv("NO_PROXY", "*")
    with HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=archive.parent)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        facts = replace(
            DATASETS["ml-100k"],
            archive=f"http://127.0.0.1:{server.server_port}/{archive.name}",
            archive_hash=f"md5:{hashlib.md5(archive.read_bytes()).hexdigest()}",
        )
        monkeypatch.setitem(DATASETS, "ml-100k", facts)
        yield archive
        server.shutdown()
        thread.join()


def test_download_unpacks_what_is_needed_once(offered, tmp_path, capfd):
    folder = tmp_path / "new" / "ml-100k"
    assert len(load("ml-100k", folder, download=True, complete=False).ratings) == 3
    assert {path.name for path in folder.iterdir()} == {"README", "u.data", "u.genre", "u.item", "u.user"}
    printed = capfd.readouterr()
    assert "Downloading http" in printed.out
    assert printed.err == ""
    offered.unlink()
    assert len(load("ml-100k", folder, download=True, complete=False).ratings) == 3


def test_nothing_is_downloaded_unasked(offered, tmp_path):
    with pytest.raises(DatasetError, match="pass download=True"):
        load("ml-100k", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (Path.unlink, "404"),
        (lambda archive: archive.write_bytes(archive.read_bytes()[:-50]), "hash of downloaded file"),
        (
            lambda archive: archive.write_bytes(b"<html>The certificate has expired</html>"),
            "hash of downloaded file",
        ),
    ],
)
def test_a_failed_download_leaves_the_folder_as_it_was(spoil, sentence, offered, tmp_path):
    spoil(offered)
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "u.data").write_text("mine")
    with pytest.raises(DatasetError) as caught:
        load("ml-100k", folder, download=True)
    message = str(caught.value)
    assert message.startswith(DATASETS["ml-100k"].archive)
    assert sentence in message
    assert f"Remedy: try later, or get {DATASETS['ml-100k'].archive}" in message
    assert [path.name for path in folder.iterdir()] == ["u.data"]
    assert (folder / "u.data").read_text() == "mine"


def test_a_server_that_does_not_answer(tmp_path, monkeypatch):
    with socket.socket() as taken_and_silent:
        taken_and_silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken_and_silent.getsockname()[1]}/ml-100k.zip"
        monkeypatch.setitem(DATASETS, "ml-100k", replace(DATASETS["ml-100k"], archive=address))
        monkeypatch.setenv("NO_PROXY", "*")
        with pytest.raises(DatasetError, match="the download to .* failed: .*Remedy: try later"):
            load("ml-100k", tmp_path / "new", download=True)


# The page about the data


def test_the_page_about_the_data_tells_the_same_facts():
    page = (DATA_DIR.parent / "docs" / "data.md").read_text()
    for name, facts in DATASETS.items():
        for fact in (
            f"`{name}`",
            f"{facts.ratings.n_rows:,}",
            f"{facts.items.n_rows:,}",
            facts.page,
            facts.archive,
        ):
            assert fact in page, f"docs/data.md does not tell {fact!r} of {name}"
        assert facts.archive_hash.split(":")[1] in page, f"docs/data.md does not tell the hash of {name}"
        assert facts.citation.split("https://")[1] in page, f"docs/data.md does not cite {name}"
