from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import beta, betabinom, binom

from studyapp.analytics import ColumnError, RuleError
from studyapp.analytics.beta_binomial import expected_by_yes, fit_beta_binomial, verdict_noise
from tests.studyapp.analytics.conftest import RealRelease

#: What two votes and three questions say exactly: a quarter of the pairs differ ... see below.
HAND = [2, 1, 2]


def test_by_hand() -> None:
    """Two votes: P(1 yes) = 2 m (1 - m) (1 - icc) = 1/5 with m = 1/2, so icc = 3/5."""
    found = fit_beta_binomial(HAND)
    assert found.icc == pytest.approx(0.6, abs=1e-6)
    assert (found.alpha, found.beta) == pytest.approx((1 / 3, 1 / 3), abs=1e-6)
    assert found.fitted == pytest.approx(HAND, abs=1e-5)
    assert (found.mean, found.n, found.n_questions, found.note) == (0.5, 2, 5, None)


@pytest.mark.slow
@given(st.lists(st.integers(0, 60), min_size=4, max_size=7))
@settings(max_examples=40)
def test_no_shapes_nearby_or_found_by_scipy_are_likelier(hist: list[int]) -> None:
    if sum(hist) == 0:
        return
    found = fit_beta_binomial(hist)
    if found.alpha is None or found.beta is None:
        assert found.note is not None
        return
    yes, counts = np.arange(found.hist.size), found.hist

    def likelihood(a: float, b: float) -> float:
        return float(counts @ betabinom.logpmf(yes, found.n, a, b))

    own = likelihood(found.alpha, found.beta)
    assert found.log_likelihood == pytest.approx(own, rel=1e-6)
    for a, b in ((1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99), (1.2, 1.2), (0.8, 0.8), (3, 2)):
        assert likelihood(found.alpha * a, found.beta * b) <= own + 1e-6


def test_scipy_finds_the_same_shapes() -> None:
    counts = np.array([1400, 300, 160, 110, 90, 80])
    other = minimize(
        lambda logs: -counts @ betabinom.logpmf(np.arange(6), 5, *np.exp(logs)),
        x0=(0.0, 0.0),
        method="BFGS",
    )
    found = fit_beta_binomial(counts)
    assert (found.alpha, found.beta) == pytest.approx(tuple(np.exp(other.x)), rel=1e-4)


@pytest.mark.parametrize(("a", "b"), [(0.133, 0.918), (2.0, 3.0), (0.3, 0.2)])
def test_it_recovers_the_shapes_and_what_follows_from_them(a: float, b: float) -> None:
    counts = np.round(betabinom.pmf(np.arange(6), 5, a, b) * 10**9).astype(np.int64)
    found = fit_beta_binomial(counts)
    assert (found.alpha, found.beta) == pytest.approx((a, b), rel=1e-4)
    assert found.icc == pytest.approx(1 / (a + b + 1), rel=1e-4)
    for k in range(1, 6):
        assert found.accepted_share(k) == pytest.approx(betabinom.sf(k - 1, 5, a, b), rel=1e-3)
        assert found.true_share(k) == pytest.approx(beta.sf(k / 5, a, b), rel=1e-3, abs=1e-9)


def test_two_panels_by_integration() -> None:
    counts = np.round(betabinom.pmf(np.arange(6), 5, 2, 3) * 10**9).astype(np.int64)
    found = fit_beta_binomial(counts)

    def same(rate: float) -> float:
        accepted = binom.sf(3, 5, rate)
        return float((accepted**2 + (1 - accepted) ** 2) * beta.pdf(rate, 2, 3))

    expected = quad(same, 0, 1)[0]
    assert found.same_verdict(4) == pytest.approx(expected, rel=1e-4)
    share = betabinom.sf(3, 5, 2, 3)
    chance = share**2 + (1 - share) ** 2
    assert found.verdict_kappa(4) == pytest.approx((expected - chance) / (1 - chance), rel=1e-3)


def test_two_panels_by_drawing() -> None:
    """Shapes near those of the real votes."""
    rng = np.random.default_rng(5)
    rate = rng.beta(0.133, 0.918, size=400_000)
    panels = rng.binomial(5, rate, size=(2, rate.size))
    found = fit_beta_binomial(np.bincount(panels[0], minlength=6))
    agree = float(np.mean((panels[0] >= 4) == (panels[1] >= 4)))
    assert found.same_verdict(4) == pytest.approx(agree, abs=0.002)
    assert found.true_share(4) == pytest.approx(float(np.mean(rate >= 0.8)), abs=0.002)


@pytest.mark.parametrize("hist", [[7, 0, 0, 0], [0, 0, 0, 7]])
def test_one_answer_everywhere_is_flagged(hist: list[int]) -> None:
    found = fit_beta_binomial(hist)
    assert (found.alpha, found.beta, found.icc) == (None, None, None)
    assert found.note is not None
    assert "same answer" in found.note
    assert found.same_verdict(2) == 1
    assert found.verdict_kappa(2) is None
    assert found.accepted_share(3) == found.true_share(3) == found.mean
    assert json.loads(json.dumps(found.to_dict()))["icc"] is None


def test_unanimous_questions_are_flagged() -> None:
    found = fit_beta_binomial([6, 0, 0, 0, 2])
    assert (found.alpha, found.icc) == (None, 1)
    assert found.note is not None
    assert "unanimous" in found.note
    assert found.same_verdict(3) == 1
    assert found.verdict_kappa(3) == pytest.approx(1)
    assert found.accepted_share(4) == found.true_share(1) == 0.25


def test_no_more_spread_than_by_chance_is_flagged() -> None:
    found = fit_beta_binomial([1, 5, 10, 10, 5, 1])
    assert (found.alpha, found.icc) == (None, 0)
    assert found.note is not None
    assert "no more than by chance" in found.note
    assert found.fitted == pytest.approx([1, 5, 10, 10, 5, 1])
    assert (found.true_share(2), found.true_share(3)) == (1, 0)
    once = 6 / 32
    assert found.same_verdict(4) == pytest.approx(once**2 + (1 - once) ** 2)
    assert found.verdict_kappa(4) == pytest.approx(0)


def test_it_is_json() -> None:
    data = json.loads(json.dumps(fit_beta_binomial(HAND).to_dict()))
    assert len(data["same_verdict"]) == data["n"] == 2
    assert data["fitted"] == pytest.approx(HAND, abs=1e-5)


@pytest.mark.parametrize("hist", [[], [3], [1, 2], [0, 0, 0], [1, -1, 2]])
def test_bad_histograms_are_refused(hist: list[int]) -> None:
    with pytest.raises(ColumnError, match="hist must give the number of questions"):
        fit_beta_binomial(hist)


@pytest.mark.parametrize("k", [0, 3])
def test_an_impossible_k_is_refused(k: int) -> None:
    with pytest.raises(RuleError, match=f"{k} yes of 2 votes"):
        fit_beta_binomial(HAND).true_share(k)


def test_real_votes(real_release: RealRelease) -> None:
    """A tenth of the release; the whole of it gives alpha 0.133, beta 0.918, icc 0.49."""
    yes = real_release.votes.counts(unsure="no")[:, 0]
    found = fit_beta_binomial(np.bincount(yes, minlength=6))
    assert (found.alpha, found.beta) == pytest.approx((0.133, 0.918), abs=0.04)
    assert found.icc == pytest.approx(0.49, abs=0.015)
    assert found.hist.sum() == 18_371
    assert found.accepted_share(4) == pytest.approx((yes >= 4).mean(), abs=0.003)
    # Half of what a threshold on five votes accepts is luck of the votes.
    assert found.true_share(4) < 0.6 * found.accepted_share(4)


@pytest.mark.parametrize(("mean", "icc", "n"), [(0.3, 0.49, 5), (0.8, 0.1, 7), (0.02, 0.9, 3)])
def test_expected_counts_are_those_of_scipy(mean: float, icc: float, n: int) -> None:
    size = 1 / icc - 1
    wanted = betabinom.pmf(np.arange(n + 1), n, mean * size, (1 - mean) * size)
    assert expected_by_yes(mean, icc=icc, n=n) == pytest.approx(wanted, abs=1e-12)


def test_expected_counts_at_the_ends() -> None:
    assert expected_by_yes(0.25, icc=0, n=2) == pytest.approx([0.5625, 0.375, 0.0625])
    assert expected_by_yes(0.25, icc=1, n=3) == pytest.approx([0.75, 0, 0, 0.25])
    assert expected_by_yes(0.0, icc=0.5, n=3) == pytest.approx([1, 0, 0, 0])
    for mean, icc, n in ((1.1, 0.5, 5), (0.5, -0.1, 5), (0.5, 0.5, 0), (float("nan"), 0.5, 5)):
        with pytest.raises(RuleError):
            expected_by_yes(mean, icc=icc, n=n)


@pytest.mark.parametrize(("mean", "icc", "n", "k"), [(0.3, 0.49, 5, 4), (0.7, 0.2, 5, 3)])
def test_noise_is_the_mean_of_what_a_panel_leaves_open(
    mean: float, icc: float, n: int, k: int
) -> None:
    """A second way: the integral over the yes rates of questions."""
    size = 1 / icc - 1
    shape = beta(mean * size, (1 - mean) * size)

    def left(rate: float) -> float:
        accepted = binom.sf(k - 1, n, rate)
        return float(accepted * (1 - accepted) * shape.pdf(rate))

    assert verdict_noise(mean, icc=icc, n=n, k=k) == pytest.approx(quad(left, 0, 1)[0], abs=1e-7)


def test_noise_at_the_ends_and_in_a_fit() -> None:
    assert verdict_noise(0.5, icc=1, n=5, k=4) == verdict_noise(1.0, icc=0.3, n=5, k=4) == 0
    accepted = binom.sf(3, 5, 0.5)
    assert verdict_noise(0.5, icc=0, n=5, k=4) == pytest.approx(accepted * (1 - accepted))
    fit = fit_beta_binomial([40, 20, 10, 10, 10, 30])
    assert fit.icc is not None
    assert fit.alpha is not None
    assert fit.beta is not None
    mean = fit.alpha / (fit.alpha + fit.beta)
    noise = verdict_noise(mean, icc=fit.icc, n=5, k=4)
    assert 2 * noise == pytest.approx(1 - fit.same_verdict(4))
    with pytest.raises(RuleError):
        verdict_noise(0.5, icc=0.5, n=5, k=6)
