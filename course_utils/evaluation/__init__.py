"""How good is a model? Measures, baselines and the league of all models; a notebook imports from here."""

from course_utils.evaluation.baselines import fit_biases
from course_utils.evaluation.experiment import experiment
from course_utils.evaluation.league import league_row, league_split, league_table, read_league
from course_utils.evaluation.lists import history_beside_lists, loudest
from course_utils.evaluation.metrics import rmse_on
from course_utils.evaluation.neighbours import (
    THREE_FILMS,
    genre_marks,
    genre_overlap,
    group_by_genre,
    nearest_of_all,
    neighbour_quality,
    shelves,
    similar_items,
    years_apart,
)
from course_utils.evaluation.places import contest_sizes, ndcg_by_person, read_places
from course_utils.evaluation.plane import planes_alike, to_plane, turned_like
from course_utils.evaluation.ranking import (
    at_least,
    evaluate_ranking,
    ndcg_of_one_list,
    split_by_user,
    top_items,
    top_unseen,
)

__all__ = [
    "THREE_FILMS",
    "at_least",
    "contest_sizes",
    "evaluate_ranking",
    "experiment",
    "fit_biases",
    "genre_marks",
    "genre_overlap",
    "group_by_genre",
    "history_beside_lists",
    "league_row",
    "league_split",
    "league_table",
    "loudest",
    "ndcg_by_person",
    "ndcg_of_one_list",
    "nearest_of_all",
    "neighbour_quality",
    "planes_alike",
    "read_league",
    "read_places",
    "rmse_on",
    "shelves",
    "similar_items",
    "split_by_user",
    "to_plane",
    "top_items",
    "top_unseen",
    "turned_like",
    "years_apart",
]
