"""The plots are labelled and in the course's style, and leave a notebook's interactive mode alone."""

from __future__ import annotations

import base64

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, random_array

import course_utils.plots as plots_of_course
from course_utils.plots import bpr as six
from course_utils.plots import data_loading as one
from course_utils.plots import ease as eight
from course_utils.plots import evaluation as nine
from course_utils.plots import explicit_als as two
from course_utils.plots import sgd as three
from course_utils.plots import style as plots
from course_utils.plots import warp as seven
from course_utils.plots import wrmf as five
from course_utils.plots.show import Picture
from grader.safe_html import clean_html

FINDING = "L < 3: it falls with every half-step, and less so with each."


@pytest.fixture(autouse=True)
def no_window():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def dates(n: int) -> np.ndarray:
    return np.datetime64("2001-01-01", "s") + np.arange(n) * np.timedelta64(30, "D")


PLOTS = {
    "long tail": lambda: one.long_tail(np.array([9, 4, 1, 0, 1]), n_head=1),
    "ratings per user": lambda: one.ratings_per_user(np.array([20, 30, 400, 0])),
    "rating histogram": lambda: one.rating_histogram(np.array([0.5, 4.0, 4.0, 5.0])),
    "timeline": lambda: one.timeline(dates(50), dates(20), cut=np.datetime64("2002-01-01")),
    "spy": lambda: one.spy(random_array((30, 20), density=0.2, format="csr", rng=np.random.default_rng(0))),
    "three arrays": lambda: one.three_arrays(
        csr_array([[1.0, 0.0], [0.0, 0.0]]), ["Ada", "Ben"], ["A", "B"], plots.panels(2)
    )[0],
    "half steps": lambda: two.plot_half_steps([9.0, 7.0, 6.0, 5.5]),
    "half-step errors": lambda: two.plot_half_step_errors(
        {"λ = 10": [(1.0, 1.05), (0.9, 1.0)]}, {"mean": 1.04}
    ),
    "ridge": lambda: two.plot_ridge(
        np.array([1.0, -1.0]), np.array([5, 0]), [0, 1], ["A", "B"], 3.5, plots.panels(2)
    )[0],
    "paths": lambda: three.plot_paths({"η = 0.1": np.array([[0.5, 1.0], [0.6, 1.1]])}, 1.5, plots.panels(1))[
        0
    ],
    "gain by popularity": lambda: three.plot_gain_by_popularity(
        np.array([0, 2, 2, 90]), {"biases": np.ones(4), "SGD": np.zeros(4), "ALS": np.full(4, 2.0)}
    ),
    "intervals": lambda: seven.plot_intervals(
        pd.DataFrame(
            {
                "model": ["ALS", "ALS", "BPR", "BPR"],
                "AUC": [0.7, 0.8, 0.9, 0.92],
                "RMSE": [0.8, 0.9, None, None],
            }
        ),
        ["AUC"],
        plots.panels(1),
    )[0],
    "film map": lambda: five.plot_film_map(
        np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1990.0, np.nan]), ["War", ""], plots.panels(2)
    )[0],
    "list": lambda: five.plot_list(["Alien", "a film with a very long title"], np.array([9, 4]), "My list"),
    "errors": lambda: two.plot_errors(
        [1, 3, 10],
        {"ALS": [(0.5, 1.0), (0.6, 0.9), (0.7, 0.95)]},
        "λ",
        "λ",
        {"mean": 1.04},
        two.error_panels(1)[0],
    ),
    "predictions": lambda: two.plot_predictions(
        np.array([3.0, 4.0]), {"ALS": np.array([3.2, 9.0])}, "Spread"
    ),
    "ends": lambda: two.plot_ends(
        ["a film with a very long title, indeed too long", *"bcdef"], np.arange(6.0), "Ends", n=2
    ),
    "times": lambda: five.plot_times([100, 1000], {"naive": [0.1, 1.0], "Gram": [0.1, 0.1]}),
    "settings": lambda: five.plot_settings(
        pd.DataFrame([[0.1, 0.2]], index=[1.0], columns=[1, 4]), "NDCG@10"
    ),
    "popularity": lambda: five.plot_popularity([1, 4], {"WRMF": [90.0, 60.0]}, {"most liked": 200.0}),
    "explanation": lambda: five.plot_explanation("Alien", ["Aliens", "Heidi"], np.array([0.3, -0.1])),
    "losses": lambda: six.plot_losses({"BPR": lambda d: np.logaddexp(0, -d)}),
    "draws": lambda: six.plot_draws({"uniform": np.array([0, 2, 2])}, np.array([1]), n_items=3),
    "curves": lambda: six.plot_curves(
        {"λ = 0": pd.Series([0.6, 0.5], [1, 2])}, "Loss", "loss", {"start": 0.7}
    ),
    "head and tail": lambda: six.plot_head_and_tail(
        {"BPR": np.array([0.1, 0.9])}, ["0", "1+"], "Who?", "share"
    ),
    "path": lambda: eight.plot_path(pd.Series([0.1, 0.2], [1, 10]), "NDCG@10", {"popularity": 0.1}),
    "costs": lambda: eight.plot_costs([10, 20], {"weights": [0.1, 0.2], "scores": [0.1, 0.1]}),
    "groups": lambda: eight.plot_groups(pd.DataFrame({"EASE": [0.3], "WRMF": [0.2]}, ["1–9"]), "NDCG@10"),
    "leads": lambda: nine.plot_leads(pd.DataFrame({"EASE": [0.0, 0.0], "BPR": [0.1, -0.1]}, [10, 100])),
    "intervals of differences": lambda: nine.plot_intervals(
        pd.DataFrame({"difference": [0.1], "low": [0.05], "high": [0.2]}, index=["a − b"])
    ),
    "propensities": lambda: nine.plot_propensities(pd.DataFrame({"EASE": [0.3, 0.1]}, [0.0, 1.0])),
    "weights": lambda: seven.plot_weights({"sum": np.array([1.5, 1.0])}),
    "places": lambda: seven.plot_places({"BPR": np.array([1, 5, 100]), "WARP": np.array([1, 2, 300])})[1],
}


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_has_a_title_and_labels(name):
    ax = PLOTS[name]()
    assert ax.get_title(loc="left"), "a title, on the left"
    assert ax.get_xlabel() and (ax.get_ylabel() or ax.get_yticklabels())
    ax.figure.canvas.draw()


def test_errors_have_a_scale_for_training_and_one_for_validation():
    pairs = two.error_panels(2)
    for axes in pairs:
        two.plot_errors([1, 10], {"ALS": [(0.1, 1.0), (0.9, 0.86)]}, "λ", "λ", {"biases": 0.87}, axes)
    for above, below in pairs:
        assert [line.get_ydata().tolist() for line in above.lines] == [[0.1, 0.9]]
        assert below.lines[0].get_ydata().tolist() == [1.0, 0.86]
        assert below.get_ylim()[0] > 0.8 and above.get_shared_x_axes().joined(above, below)
        assert [text.get_text() for text in above.get_legend().get_texts()] == ["ALS"]


def test_gains_are_rmse_differences_with_the_interval_of_paired_ratings():
    base, better = np.array([2.0, -2.0, 1.0, 1.0]), np.array([1.0, 1.0, 1.0, -1.0])
    difference, margin = three.rmse_difference(better, base)
    assert difference == pytest.approx(1 - np.sqrt(2.5))
    paired = np.array([-3, -3, 0, 0]) / (1 + np.sqrt(2.5))
    assert margin == pytest.approx(1.96 * paired.std(ddof=1) / 2)
    assert three.rmse_difference(base, base) == (0, 0)
    assert np.isnan(three.rmse_difference(base[:1], better[:1])[1])
    ax = three.plot_gain_by_popularity(np.array([0, 0, 500, 500]), {"biases": base, "SGD": better})
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "> 100"]
    assert [tick.get_text() for tick in ax.child_axes[0].get_xticklabels()] == ["2", "2"]
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([-1.0, 0.0])


def test_the_fewer_ratings_the_flatter_the_line_of_shrunken_biases():
    rng = np.random.default_rng(0)
    n_ratings = np.repeat([1, 2, 3, 20, 21, 300], 40)
    planted = {"1–2 ratings": 0.3, "3–20 ratings": 0.7, "21 or more ratings": 0.9}
    deviations = rng.normal(size=len(n_ratings))
    biases = deviations * np.repeat(list(planted.values()), 80) + 0.1
    found = three.shrinkage_slopes(deviations, biases, n_ratings)
    assert {name: round(slope, 9) for name, (_, slope, _) in found.items()} == planted
    assert [round(height, 9) for _, _, height in found.values()] == [0.1] * 3
    assert [chosen.sum() for chosen, _, _ in found.values()] == [80, 80, 80]
    assert list(three.shrinkage_slopes(deviations[:2], biases[:2], np.array([1, 500]))) == []
    ax = three.plot_shrinkage(deviations, biases, n_ratings)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[0] == "1–2 ratings: slope 0.30" and texts[-1].startswith("no shrinkage")
    plt.close("all")


def test_the_places_of_two_models_and_their_difference():
    above, below = seven.plot_places({"BPR": np.array([1, 4]), "WARP": np.array([2, 3])})
    assert [line.get_label() for line in above.lines] == ["BPR", "WARP"]
    lead = below.lines[0]
    assert lead.get_xdata().tolist() == [1, 2, 3, 4]
    assert lead.get_ydata().tolist() == [-0.5, 0.0, 0.5, 0.0]


# Unit 7's plots that come in pairs of panels, and two runs of one model in a league.
SEARCH = pd.DataFrame({"trials": [1.0, 2.0], "found": [1.0, 0.9]}, index=[1, 2])
RUNS = {"WARP": pd.DataFrame({"precision@5": [0.1, 0.2], "AUC": [0.8, 0.9]}, index=[5, 10])}
LEVELS = {"popularity": pd.Series({"precision@5": 0.1, "AUC": 0.85})}
LEAGUE = pd.DataFrame({"model": ["a", "a", "b"], "AUC": [0.8, 0.9, 0.7]})
PAIRS = {
    "search": lambda axes: seven.plot_search(SEARCH, axes),
    "top and all": lambda axes: seven.plot_top_and_all(RUNS, LEVELS, axes),
}


@pytest.mark.parametrize("name", PAIRS)
def test_every_panel_has_a_title_and_labels(name):
    axes = PAIRS[name](plots.panels(2))
    assert len(axes) == 2
    assert all(ax.get_title(loc="left") and ax.get_xlabel() and ax.get_ylabel() for ax in axes)


def test_the_name_of_a_level_stands_where_no_curve_does():
    for ax in seven.plot_top_and_all(RUNS, LEVELS, plots.panels(2)):
        ax.figure.canvas.draw()
        (name,) = ax.texts
        assert name.get_text() == "popularity" and name.get_window_extent().x0 >= ax.bbox.x1
        assert name.get_window_extent().x1 <= ax.figure.bbox.x1, "it is not cut off"


def test_the_league_shows_means_and_one_model_in_another_colour():
    (ax,) = seven.plot_league(LEAGUE, ["AUC"], "b", plots.panels(1))
    assert ax.get_title(loc="left") == "AUC"
    assert [round(bar.get_width(), 3) for bar in ax.patches] == [0.85, 0.7]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b"]
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()


def test_figures_are_shown_with_their_findings_and_closed(capsys):
    findings = [f"Finding {n}: it says more than that it is a 'plot' <of> something." for n in (1, 2)]
    for _ in findings:
        plt.subplots()
    plots_of_course.show(*findings)
    assert capsys.readouterr().out.splitlines() == findings, "the text is what a console shows"
    assert plt.get_fignums() == []


def test_a_picture_has_html_with_its_words_and_its_bytes_for_other_viewers():
    data = Picture(plt.figure(figsize=(1, 1)), FINDING)._repr_mimebundle_()
    assert data["text/plain"] == FINDING
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    shown = str(clean_html(data["text/html"]))  # what the feedback page lets through
    assert 'alt="L &lt; 3: it falls' in shown and "data:image/png;base64," in shown


@pytest.mark.parametrize("finding", ["", "A plot.", "picture-of-the-objective-after-each-half-step.png"])
def test_a_finding_that_says_nothing_is_refused(finding):
    plt.subplots()
    with pytest.raises(ValueError, match="does not say what the picture shows"):
        plots_of_course.show(finding)


def test_each_figure_has_a_finding_of_its_own():
    plt.subplots()
    plt.subplots()
    with pytest.raises(ValueError, match="2 figures are open, and 1 findings are given"):
        plots_of_course.show(FINDING)


def test_plots_keep_the_interactive_mode():
    with matplotlib.rc_context():
        plt.ion()
        PLOTS["long tail"]()
        plots.panels(2)
        assert plt.isinteractive()


def test_the_colours_are_eight_different_ones():
    assert len(set(plots.COLOURS)) == len(plots.DASHES) == 8
