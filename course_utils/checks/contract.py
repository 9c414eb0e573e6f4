"""What may a call of each exercise change? Written once here; every call is held to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Contract(NamedTuple):
    """What the docstring of an exercise says about its arguments.

    Attributes
    ----------
    names : tuple of str
        Its arguments in their order, as far as a call can change them; sentences name them so.
    in_place : frozenset of str
        The arguments that it changes. All others stay as they are.
    draws : frozenset of str
        Global generators that it may draw from (and never seed): those of "NumPy", "Python" and "PyTorch".
    once : bool
        Whether a check's call is made once. It costs much, and a law of its own asks it twice.
    """

    names: tuple[str, ...] = ()
    in_place: frozenset[str] = frozenset()
    draws: frozenset[str] = frozenset()
    once: bool = False


def _of(names: str, in_place: str = "", draws: str = "", once: bool = False) -> Contract:
    return Contract(tuple(names.split()), frozenset(in_place.split()), frozenset(draws.split()), once)


_MODEL = "mu b_user b_item X Y"

CONTRACTS = {
    # 01, from a file to a matrix
    "rmse": _of("actual predicted"),
    "parse_ratings": _of(""),
    "popular_subset": _of("ratings"),
    "encode_ids": _of("ids"),
    "lookup_ids": _of("uniques ids"),
    "to_csr": _of("users items ratings"),
    "density": _of("R"),
    "fit_baseline": _of("R"),
    "split_random": _of("R"),
    "split_latest": _of("ratings"),
    "binarize": _of("R"),
    # 02, alternating least squares; `objective` and `update_factors` of 05 have these arguments, too
    "predict": _of("mu X Y users items"),
    "objective": _of("R X Y"),
    "solve_row": _of("ratings factors"),
    "update_factors": _of("R fixed alpha reg"),
    "fit_als": _of("R", once=True),
    "counts_unknown_as_zero": _of("R fixed reg X"),
    # 03, stochastic gradient descent
    "predict_ratings": _of(f"{_MODEL} users items"),
    "start_model": _of("R"),
    "sgd_step": _of(_MODEL, in_place="b_user b_item X Y"),
    "minibatch_step": _of(f"{_MODEL} users items ratings", in_place="b_user b_item X Y"),
    "best_epoch": _of("losses"),
    "recommend": _of("scores seen"),
    "most_similar": _of("factors"),
    # 04, PyTorch. A new Embedding draws from torch's generator before its start is drawn.
    "sparse_ratings": _of("users items ratings"),
    "pairwise_dot": _of("U V"),
    "BiasedMF": _of("", draws="PyTorch", once=True),
    "gravity": _of("U V"),
    "penalty": _of("U V"),
    "fit": _of("model train valid", in_place="model", draws="PyTorch", once=True),
    "two_worlds": _of("R"),
    "share_from_other_world": _of("vectors world queries"),
    # 05, weighted factorization
    "preference_confidence": _of("R"),
    "solve_user_naive": _of("r Y"),
    "row_penalty": _of("n_known"),
    "fit_wrmf": _of("R", once=True),
    "ndcg_at_k": _of("ranked relevant"),
    "recall_at_k": _of("ranked relevant"),
    "is_best_list": _of("recommended scores seen"),
    "fold_in": _of("items values Y"),
    "explain": _of("items values Y"),
    # 06, Bayesian personalised ranking
    "bpr_loss": _of("d"),
    "sample_negative": _of("positives", once=True),
    "bpr_step": _of("X Y", in_place="X Y"),
    "bpr_epoch": _of("R X Y", in_place="X Y", once=True),
    "auc": _of("scores positives"),
    # 07, WARP
    "rank_weight": _of(""),
    "estimate_rank": _of(""),
    "precision_at_k": _of("ranked relevant"),
    "find_violator": _of("scores positive is_positive", once=True),
    "warp_step": _of("X Y", in_place="X Y"),
    "warp_epoch": _of("R X Y", in_place="X Y", once=True),
    # 08, EASE
    "ease_weights": _of("R"),
    "ease_scores": _of("R"),
    "choose": _of("train valid grid", once=True),
    "ease_explain": _of("items B"),
    "solves_ease": _of("R B"),
    # 09, evaluation
    "sampled_rank": _of("scores positive negatives"),
    "expected_hit_rate": _of("rank"),
    "paired_bootstrap": _of("a b"),
    "snips_recall": _of("hit propensity"),
    "split_by_time": _of("ratings"),
    "future_share": _of("train test"),
    "honest_run": _of("train valid test", once=True),
    "write_controls": _of(""),
}


def contract_of(label: str, function: Callable) -> Contract:
    """The contract of an exercise; of something else, one that lets nothing be changed.

    Parameters
    ----------
    label : str
        What a check's sentence begins with: mostly the exercise's name, and what is special about a call.
    function : callable
        What is called.
    """
    words = label.split()
    for name in (words[0] if words else "", getattr(function, "__name__", "")):
        if name in CONTRACTS:
            return CONTRACTS[name]
    return Contract()
