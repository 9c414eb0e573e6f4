"""What is known of each data set: files, origin, conditions. Every such fact stands here once."""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.data.formats import Table

MOVIELENS_CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. https://doi.org/10.1145/2827872"
)
REDISTRIBUTABLE = "Non-commercial; may be redistributed under the same conditions (see its README); cite."
NOT_REDISTRIBUTABLE = "Non-commercial; may not be redistributed without permission; cite."
MOVIELENS_RATINGS = {"user_id": "int64", "item_id": "int64", "rating": "float32", "timestamp": "int64"}
MOVIELENS_MOVIES = {"item_id": "int64", "title": "str", "genres": "str"}
N_GENRES_100K = 19


@dataclass(frozen=True)
class Facts:
    """What is known of one data set.

    `page` and `archive` are the addresses of its home and of its zip file, `archive_hash` is that zip's hash.
    `genres` is the file with the names of the genres, for items that mark them by columns of 0 and 1.
    A rating equal to `implicit_mark` is not a rating.
    """

    page: str
    archive: str
    archive_hash: str
    licence: str
    citation: str
    ratings: Table
    items: Table
    users: Table | None = None
    genres: Table | None = None
    implicit_mark: float | None = None

    @property
    def tables(self) -> list[Table]:
        """Every file that `load` reads."""
        return [table for table in (self.ratings, self.items, self.users, self.genres) if table is not None]


DATASETS = {
    "ml-latest-small": Facts(
        page="https://grouplens.org/datasets/movielens/latest/",
        archive="https://files.grouplens.org/datasets/movielens/ml-latest-small.zip",
        archive_hash="sha256:696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
        licence=REDISTRIBUTABLE,
        citation=MOVIELENS_CITATION,
        ratings=Table(
            "ratings.csv",
            MOVIELENS_RATINGS,
            separator=",",
            encoding="utf-8",
            header="userId,movieId,rating,timestamp",
            n_rows=100_836,
            sha256="aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646",
            bounds={"rating": (0.5, 5.0)},
        ),
        items=Table(
            "movies.csv",
            MOVIELENS_MOVIES,
            separator=",",
            encoding="utf-8",
            header="movieId,title,genres",
            quoted=True,
            n_rows=9_742,
            sha256="5a5f32dd9bb3797b8e728a1b98958789d2b13f294a69fdfbc5727f8a9611aa07",
        ),
    ),
    "ml-100k": Facts(
        page="https://grouplens.org/datasets/movielens/100k/",
        archive="https://files.grouplens.org/datasets/movielens/ml-100k.zip",
        archive_hash="md5:0e33842e24a9c977be4e0107933c0723",
        licence=NOT_REDISTRIBUTABLE,
        citation=MOVIELENS_CITATION,
        ratings=Table(
            "u.data",
            MOVIELENS_RATINGS,
            separator="\t",
            encoding="iso-8859-1",
            n_rows=100_000,
            sha256="06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
            bounds={"rating": (1, 5)},
        ),
        items=Table(
            "u.item",
            {"item_id": "int64", "title": "str", "_release": "str", "_video_release": "str", "_imdb": "str"}
            | {f"genre_{number}": "int64" for number in range(N_GENRES_100K)},
            separator="|",
            encoding="iso-8859-1",
            n_rows=1_682,
            sha256="553841ebc7de3a0fd0d6b62a204ea30c1e651aacfb2814c7a6584ac52f2c5701",
            bounds={f"genre_{number}": (0, 1) for number in range(N_GENRES_100K)},
        ),
        users=Table(
            "u.user",
            {"user_id": "int64", "age": "int64", "gender": "str", "occupation": "str", "zip": "str"},
            separator="|",
            encoding="iso-8859-1",
            n_rows=943,
            sha256="f120e114da2e8cf314fd28f99417c94ae9ddf1cb6db8ce0e4b5995d40e90e62c",
        ),
        genres=Table(
            "u.genre",
            {"genre": "str", "number": "int64"},
            separator="|",
            encoding="iso-8859-1",
            n_rows=N_GENRES_100K,
            sha256="9757e0d3e6b298159a80dd48eaf938114690e911e39af97a76949ef1663610bb",
        ),
    ),
    "ml-1m": Facts(
        page="https://grouplens.org/datasets/movielens/1m/",
        archive="https://files.grouplens.org/datasets/movielens/ml-1m.zip",
        archive_hash="md5:c4d9eecfca2ab87c1945afe126590906",
        licence=NOT_REDISTRIBUTABLE,
        citation=MOVIELENS_CITATION,
        ratings=Table(
            "ratings.dat",
            MOVIELENS_RATINGS,
            separator="::",
            encoding="iso-8859-1",
            n_rows=1_000_209,
            n_bytes=24_594_131,
            bounds={"rating": (1, 5)},
        ),
        items=Table(
            "movies.dat",
            MOVIELENS_MOVIES,
            separator="::",
            encoding="iso-8859-1",
            n_rows=3_883,
            sha256="0140fc2356357c1a851d0f52e893a1e4d3696df632c4141cea8d5bc3d621f0b9",
        ),
        users=Table(
            "users.dat",
            {"user_id": "int64", "gender": "str", "age": "int64", "occupation": "str", "zip": "str"},
            separator="::",
            encoding="iso-8859-1",
            n_rows=6_040,
            sha256="1dc3a95300cb19f7c10e027daf29b8cdf1d908dab65b5edfb45950aa389a10a3",
        ),
    ),
    "ml-20m": Facts(
        page="https://grouplens.org/datasets/movielens/20m/",
        archive="https://files.grouplens.org/datasets/movielens/ml-20m.zip",
        archive_hash="md5:cd245b17a1ae2cc31bb14903e1204af3",
        licence=REDISTRIBUTABLE,
        citation=MOVIELENS_CITATION,
        ratings=Table(
            "ratings.csv",
            MOVIELENS_RATINGS,
            separator=",",
            encoding="utf-8",
            header="userId,movieId,rating,timestamp",
            n_rows=20_000_263,
            n_bytes=533_444_411,
            bounds={"rating": (0.5, 5.0)},
        ),
        items=Table(
            "movies.csv",
            MOVIELENS_MOVIES,
            separator=",",
            encoding="utf-8",
            header="movieId,title,genres",
            quoted=True,
            n_rows=27_278,
        ),
    ),
    "book-crossing": Facts(
        page="http://www2.informatik.uni-freiburg.de/~cziegler/BX/",
        archive="http://www2.informatik.uni-freiburg.de/~cziegler/BX/BX-CSV-Dump.zip",
        # Not published by its authors: the LensKit and PIReT projects recorded it for this address.
        archive_hash="md5:37d647ee9e18ba134ea6d78ee4fe5292",
        licence="Freely available for research when acknowledged; cite.",
        citation=(
            "Cai-Nicolas Ziegler, Sean M. McNee, Joseph A. Konstan and Georg Lausen. 2005. "
            "Improving Recommendation Lists Through Topic Diversification. WWW '05. https://doi.org/10.1145/1060745.1060754"
        ),
        ratings=Table(
            "BX-Book-Ratings.csv",
            {"user_id": "int64", "item_id": "str", "rating": "float32"},
            separator=";",
            encoding="iso-8859-1",
            header='"User-ID";"ISBN";"Book-Rating"',
            quoted=True,
            escape="\\",
            n_rows=1_149_780,
            bounds={"rating": (0, 10)},
        ),
        items=Table(
            "BX-Books.csv",
            # A few published rows have lost a quote and with it a field: their year is then not a number.
            {"item_id": "str", "title": "str", "author": "str", "year": "str", "_publisher": "str"}
            | {f"_image_{size}": "str" for size in "sml"},
            separator=";",
            encoding="iso-8859-1",
            header='"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher";'
            '"Image-URL-S";"Image-URL-M";"Image-URL-L"',
            quoted=True,
            escape="\\",
            n_rows=271_379,
            ragged=True,
        ),
        implicit_mark=0.0,
    ),
}
