"""The controls of causal sentences: each says which sentence it is of, and the cheapest one holds."""

from __future__ import annotations

import pytest

from benchmarks import controls


@pytest.mark.parametrize("name", controls.CONTROLS)
def test_a_control_names_the_unit_whose_sentence_it_is_of(name):
    assert (controls.CONTROLS[name].__doc__ or "").startswith("Unit 0")


def test_the_test_ratings_make_the_popular_corner_easy_and_not_the_fit():
    error = controls.popular_corner()["RMSE"]
    both, fitted_on_all, everything = error.iloc[2], error.iloc[1], error.iloc[0]
    assert everything - fitted_on_all > 5 * (fitted_on_all - both) > 0


def test_an_unknown_control_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        controls.main(["levity"])
    assert "no such control: levity; there are popular_corner" in capsys.readouterr().err
