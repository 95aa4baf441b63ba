from __future__ import annotations

import json

import numpy as np
import pytest

from studyapp.analytics.bootstrap import (
    check_resampling,
    drawn_weights,
    multinomial_weights,
    summary,
)
from studyapp.analytics.errors import RuleError


def test_a_summary_by_hand() -> None:
    found = summary(
        2.0,
        resampled=np.array([1.0, 2.0, np.nan, 3.0, 4.0]),
        unit="both",
        n_items=9,
        n_raters=4,
        level=0.5,
    )
    assert (found.low, found.high) == (1.75, 3.25)
    assert found.se == pytest.approx(np.sqrt(5 / 3))
    assert found.bias == 0.5
    assert (found.n_draws, found.n_undefined_draws) == (4, 1)


@pytest.mark.parametrize(
    ("unit", "n_items", "n_raters", "resampled", "reason"),
    [
        ("both", 9, 1, [1, 1], "two raters"),
        ("rater", 1, 1, [1, 1], "two raters"),
        ("question", 1, 9, [1, 1], "two questions"),
        ("both", 9, 9, [1, np.nan], "two resamples"),
    ],
)
def test_what_cannot_vary_has_no_error_and_a_reason(
    unit: str, n_items: int, n_raters: int, resampled: list[float], reason: str
) -> None:
    found = summary(
        1.0,
        resampled=np.array(resampled, dtype=float),
        unit=unit,
        n_items=n_items,
        n_raters=n_raters,
        level=0.95,
    )
    data = json.loads(json.dumps(found.to_dict()))
    assert [data[name] for name in ("estimate", "se", "low", "high", "bias")] == [1.0] + [None] * 4
    assert reason in data["undefined"]["se"]


def test_the_unit_that_is_not_drawn_may_be_single() -> None:
    values = np.array([0.0, 1.0])
    found = summary(0.5, resampled=values, unit="question", n_items=2, n_raters=1, level=0.9)
    assert found.se is not None
    assert found.undefined == {}


def test_weights_are_draws_with_replacement() -> None:
    rng = np.random.default_rng(7)
    weights = drawn_weights(6, draws=4000, rng=rng)
    assert weights.shape == (6, 4000)
    assert (weights.sum(axis=0) == 6).all()
    # A multinomial count of 6 draws from 6: mean 1, variance 5/6, covariance -1/6.
    covariance = np.cov(weights)
    assert np.abs(weights.mean(axis=1) - 1).max() < 0.06
    assert np.abs(np.diag(covariance) - 5 / 6).max() < 0.08
    assert np.abs(covariance[np.triu_indices(6, 1)] + 1 / 6).max() < 0.06


def test_weights_of_given_totals() -> None:
    totals = np.array([0, 3, 10])
    weights = multinomial_weights(totals, size=5, rng=np.random.default_rng(1))
    assert weights.sum(axis=0).tolist() == [0, 3, 10]
    assert multinomial_weights(np.array([0, 0]), size=0, rng=np.random.default_rng(1)).size == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"unit": "vote"}, "use one of question, rater, both"),
        ({"draws": 1}, "at least 2"),
        ({"level": 0.0}, "between 0 and 1"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, object], message: str) -> None:
    options = {"unit": "both", "draws": 10, "level": 0.9} | wrong
    with pytest.raises(RuleError, match=message):
        check_resampling(**options)  # type: ignore[arg-type]
