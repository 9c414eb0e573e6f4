"""How good is a model? Measures, baselines and the league of all models; a notebook imports from here."""

from course_utils.evaluation.baselines import fit_biases
from course_utils.evaluation.experiment import experiment
from course_utils.evaluation.league import league_row, league_split, league_table, read_league
from course_utils.evaluation.metrics import rmse_on
from course_utils.evaluation.neighbours import genre_marks, genre_overlap, neighbour_quality, similar_items
from course_utils.evaluation.places import contest_sizes, ndcg_by_person, read_places
from course_utils.evaluation.plane import to_plane
from course_utils.evaluation.ranking import (
    at_least,
    evaluate_ranking,
    ndcg_of_one_list,
    split_by_user,
    top_items,
    top_unseen,
)

__all__ = [
    "at_least",
    "contest_sizes",
    "evaluate_ranking",
    "experiment",
    "fit_biases",
    "genre_marks",
    "genre_overlap",
    "league_row",
    "league_split",
    "league_table",
    "ndcg_by_person",
    "ndcg_of_one_list",
    "neighbour_quality",
    "read_league",
    "read_places",
    "rmse_on",
    "similar_items",
    "split_by_user",
    "to_plane",
    "top_items",
    "top_unseen",
]
