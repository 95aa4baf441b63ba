from __future__ import annotations

import math

import numpy as np
import pytest

from studyapp.analytics import (
    Rule,
    RuleError,
    Votes,
    bootstrap_rectified_top1,
    fit_beta_binomial,
    images_for_halfwidth,
    power_halfwidth,
    rater_halfwidth,
    rater_spread,
    raters_for_halfwidth,
)

N, M, A = 50_000, 11_345, 0.5826
Z = 1.959963984540054


NOISE = 0.04


def halfwidth(n: int, raters: int, *, spread: float = 0.09, noise: float = NOISE) -> float:
    return rater_halfwidth(N, m=M, a=A, n=n, raters=raters, spread=spread, noise=noise)


def test_the_formula_by_hand() -> None:
    variance = A * (1 - A) * (1 / 1000 - 1 / M) + NOISE / M + 0.09**2 / 50
    assert halfwidth(1000, 50) == pytest.approx(Z * M / N * math.sqrt(variance), rel=1e-12)


def test_raters_all_alike_leave_the_images_part() -> None:
    images = power_halfwidth(N, m=M, a=A, n=1000)
    assert halfwidth(1000, 7, spread=0.0, noise=0.0) == images


def test_all_errors_asked_leave_the_raters_and_their_votes() -> None:
    assert halfwidth(M, 81, noise=0.0) == pytest.approx(Z * M / N * 0.09 / 9, rel=1e-9)
    votes = Z * M / N * math.sqrt(NOISE / M)
    assert halfwidth(M, 81, spread=0.0) == pytest.approx(votes, rel=1e-9)


@pytest.mark.parametrize("wanted", [0.003, 0.005, 0.01])
def test_images_are_the_fewest(wanted: float) -> None:
    n = images_for_halfwidth(N, m=M, a=A, halfwidth=wanted, raters=400, spread=0.09, noise=NOISE)
    assert halfwidth(n, 400) <= wanted + 1e-12
    assert halfwidth(n - 1, 400) > wanted


@pytest.mark.parametrize("asked", [2000, M])
def test_raters_are_the_fewest(asked: int) -> None:
    raters = raters_for_halfwidth(N, m=M, a=A, halfwidth=0.006, n=asked, spread=0.09, noise=NOISE)
    assert halfwidth(asked, raters) <= 0.006 + 1e-12
    assert halfwidth(asked, raters - 1) > 0.006


def test_what_no_number_reaches_is_refused_with_what_would() -> None:
    with pytest.raises(RuleError, match=r"10 raters make .* ask more raters"):
        images_for_halfwidth(N, m=M, a=A, halfwidth=0.005, raters=10, spread=0.09)
    with pytest.raises(RuleError, match=r"n=100 of m=11345 .* ask more images"):
        raters_for_halfwidth(N, m=M, a=A, halfwidth=0.005, n=100, spread=0.09)


def test_a_simulated_panel_spreads_as_planned() -> None:
    """Questions that R raters share evenly, each rater a habit of their own.

    Acceptance is one answer of one rater, so that the truth is known: the variance over panels is
    that of the formula, with the spread between raters in it.
    """
    draws = np.random.default_rng(7)
    images, raters, panels, spread = 400, 20, 4000, 0.12
    habit = draws.normal(0.5, spread, (panels, raters)).clip(0.02, 0.98)
    of_image = np.repeat(np.arange(raters), images // raters)
    share = (draws.random((panels, images)) < habit[:, of_image]).mean(axis=1)
    # Each image is drawn from endlessly many: m is large, n small.
    planned = rater_halfwidth(10**9, m=10**9, a=0.5, n=images, raters=raters, spread=spread) / Z
    # A rater's habit takes p(1-p) from single answers what it adds between raters.
    alone = math.sqrt((0.25 - spread**2) / images + spread**2 / raters)
    assert share.std() == pytest.approx(alone, rel=0.05)
    assert planned == pytest.approx(alone, rel=0.05)


def test_the_spread_of_a_pilot_gives_back_its_standard_error() -> None:
    spread = rater_spread(0.0021, n_images=N, m=M, raters=40, noise=NOISE)
    assert halfwidth(M, 40, spread=spread) == pytest.approx(Z * 0.0021, rel=1e-9)
    # No more than single votes explain: raters all alike.
    assert rater_spread(0.0001, n_images=N, m=M, raters=40, noise=NOISE) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"raters": 0},
        {"spread": -0.1},
        {"spread": math.nan},
        {"a": 0.0},
        {"n": 0},
        {"m": 0},
        {"level": 1.0},
        {"noise": -0.1},
        {"noise": 0.3},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    fine = {"m": M, "a": A, "n": 10, "raters": 5, "spread": 0.1, "level": 0.95}
    with pytest.raises(RuleError):
        rater_halfwidth(N, **(fine | wrong))  # type: ignore[arg-type]


def test_impossible_widths_spreads_and_errors_are_refused() -> None:
    with pytest.raises(RuleError):
        images_for_halfwidth(N, m=M, a=A, halfwidth=0, raters=5, spread=0.1)
    with pytest.raises(RuleError):
        raters_for_halfwidth(N, m=N + 1, a=A, halfwidth=0.1, n=5, spread=0.1)
    with pytest.raises(RuleError):
        rater_spread(-1, n_images=N, m=M, raters=5)
    with pytest.raises(RuleError):
        rater_spread(0.1, n_images=M, m=N, raters=5)


@pytest.mark.slow
def test_a_pilot_foretells_what_four_times_the_raters_do() -> None:
    """Panels of raters with habits of their own judge the same questions, five votes each."""
    draws = np.random.default_rng(5)
    n, rule = 500, Rule()
    rates = draws.normal(-0.3, 2.2, n)

    def panel(raters: int) -> tuple[np.ndarray, np.ndarray]:
        habits = draws.normal(0, 0.7, raters)
        # Rows of a shuffled circle: five different raters each, all equally often.
        start = draws.permutation(np.arange(n) % raters)
        steps = draws.permutation(np.arange(1, raters))[:4]
        rater = (start[:, None] + np.concatenate(([0], steps))) % raters
        chance = 1 / (1 + np.exp(-(rates[:, None] + habits[rater])))
        return rater, draws.random((n, 5)) < chance

    variances = []
    for _ in range(10):
        rater, yes = panel(30)
        votes = Votes.from_columns(
            np.repeat(np.arange(n), 5).astype(np.int32),
            rater=rater.ravel().astype(np.int32),
            answer=yes.ravel().astype(np.int8),
            order=np.arange(5 * n),
            n_questions=n,
            n_raters=30,
        )
        found = bootstrap_rectified_top1(
            votes,
            correct=np.zeros(n, dtype=np.bool_),
            question=np.arange(n, dtype=np.int32),
            rule=rule,
            rng=np.random.default_rng(1),
            draws=200,
        )
        fit = fit_beta_binomial(np.bincount(yes.sum(axis=1), minlength=6))
        noise = (1 - fit.same_verdict(4)) / 2
        se = found.rater_sampling.se
        assert se is not None
        spread = rater_spread(se, n_images=n, m=n, raters=30, noise=noise)
        planned = rater_halfwidth(
            n, m=n, a=fit.accepted_share(4), n=n, raters=120, spread=spread, noise=noise
        )
        variances.append((planned / Z) ** 2)
    seen = np.std([(panel(120)[1].sum(axis=1) >= 4).mean() for _ in range(600)])
    assert math.sqrt(np.mean(variances)) == pytest.approx(seen, rel=0.15)
