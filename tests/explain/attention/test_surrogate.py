"""Checks 5 (the regression alone), 9 and 7 (superpixels that do not matter)."""

from __future__ import annotations

import numpy as np
import pytest
from lime.lime_base import LimeBase
from scipy.stats import spearmanr
from sklearn.linear_model import LinearRegression

from explain.attention.perturbation import draw, proximity
from explain.attention.surrogate import Problem, constant, is_constant, lasso_ols, ridge


def problem(*, n: int = 300, features: int = 20, seed: int = 0, ignored: int = 0) -> Problem:
    """Probabilities of a curved function of the masks, which leaves out the last `ignored`."""
    masks = draw(n, features, seed=seed)
    generator = np.random.default_rng(seed)
    weights = generator.normal(size=features)
    weights[features - ignored :] = 0
    score = masks @ weights + 0.5 * np.sin(3 * masks @ np.roll(weights, 1) * (ignored == 0))
    noise = generator.normal(scale=0.2, size=n)
    responses = 1 / (1 + np.exp(-score - noise))
    return Problem(masks=masks, responses=responses, proximity=proximity(masks, sigma=0.25))


def by_lime(given: Problem, *, method: str, k: int) -> tuple[np.ndarray, float, float, float]:
    base = LimeBase(lambda near: near, random_state=0)
    intercept, pairs, score, local = base.explain_instance_with_data(
        given.masks.astype(int),
        given.responses[:, None],
        given.proximity,
        0,
        k,
        feature_selection=method,
        model_regressor=LinearRegression() if method == "lasso_path" else None,
    )
    weights = np.zeros(given.masks.shape[1])
    for index, weight in pairs:
        weights[index] = weight
    return weights, float(intercept), float(score), float(local[0])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["lime_v1", "lasso_ols"])
def test_the_fit_is_lime_s_for_the_same_samples(seed: int, method: str) -> None:
    given = problem(seed=seed)
    if method == "lime_v1":
        (found,) = ridge([given])
        expected = by_lime(given, method="auto", k=100_000)
    else:
        found = lasso_ols(given, k=8)
        expected = by_lime(given, method="lasso_path", k=8)
        assert 1 <= np.count_nonzero(found.weights) <= 8
    assert found.weights == pytest.approx(expected[0], rel=1e-9, abs=1e-12)
    assert (found.intercept, found.r2, found.local_prediction) == pytest.approx(
        expected[1:], rel=1e-9
    )


def test_problems_of_different_width_are_solved_together_as_alone() -> None:
    given = [problem(features=features, seed=features) for features in (9, 31, 20)]
    for one, together in zip(given, ridge(given), strict=True):
        (alone,) = ridge([one])
        assert len(together.weights) == one.masks.shape[1]
        assert together.weights == pytest.approx(alone.weights, rel=1e-12)
        assert together.r2 == pytest.approx(alone.r2, rel=1e-12)


def test_probabilities_near_zero_are_fitted_as_well_as_any() -> None:
    given = problem()
    tiny = Problem(masks=given.masks, responses=given.responses * 1e-12, proximity=given.proximity)
    (large,), (small,) = ridge([given]), ridge([tiny])
    assert small.weights * 1e12 == pytest.approx(large.weights, rel=1e-9)
    assert small.r2 == pytest.approx(large.r2, rel=1e-9)


def test_the_weight_of_an_ignored_superpixel_shrinks_as_samples_grow() -> None:
    def ignored(n: int) -> float:
        found = [ridge([problem(n=n, ignored=5, seed=seed)])[0] for seed in range(8)]
        return float(np.mean([np.abs(one.weights[-5:]).mean() for one in found]))

    few, more, many = ignored(100), ignored(1000), ignored(10_000)
    assert few > 1.5 * more > 1.5**2 * many


def test_weights_of_two_seeds_agree_the_more_the_more_samples() -> None:
    """Check 9: Spearman across seeds rises with n, for 30 superpixels and a curved response."""
    weights = np.random.default_rng(0).normal(size=30) / 6
    pairs = np.random.default_rng(1).normal(size=(30, 30)) / 24

    def found(n: int, seed: int) -> np.ndarray:
        masks = draw(n, 30, seed=seed)
        score = masks @ weights + ((masks @ pairs) * masks).sum(1)
        responses = 1 / (1 + np.exp(-score))
        near = proximity(masks, sigma=0.25)
        return ridge([Problem(masks=masks, responses=responses, proximity=near)])[0].weights

    def agreement(n: int) -> float:
        seeds = [(2 * i, 2 * i + 1) for i in range(5)]
        return float(np.mean([spearmanr(found(n, a), found(n, b)).statistic for a, b in seeds]))

    few, more, many = agreement(250), agreement(1000), agreement(4000)
    assert few < more < many
    assert many > 0.97


def test_the_lasso_finds_the_superpixels_that_alone_matter() -> None:
    masks = draw(400, 25, seed=1)
    responses = 0.2 + 0.3 * masks[:, 4] - 0.1 * masks[:, 11] + 0.2 * masks[:, 17]
    found = lasso_ols(
        Problem(masks=masks, responses=responses, proximity=proximity(masks, sigma=0.25)), k=3
    )
    assert np.flatnonzero(found.weights).tolist() == [4, 11, 17]
    assert found.weights[[4, 11, 17]] == pytest.approx([0.3, -0.1, 0.2], rel=1e-9)
    assert found.intercept == pytest.approx(0.2, rel=1e-9)
    assert found.r2 == pytest.approx(1)


def test_rounding_is_no_response() -> None:
    single = np.float32(0.3)
    assert is_constant(np.full(9, 0.3))
    assert is_constant(np.array([single, np.nextafter(single, np.float32(1))], dtype=np.float64))
    assert not is_constant(np.array([1e-9, 1.1e-9]))
    found = constant(4, response=0.3)
    assert found.weights.tolist() == [0, 0, 0, 0]
    assert (found.intercept, found.r2, found.local_prediction) == (0.3, 0.0, 0.3)
