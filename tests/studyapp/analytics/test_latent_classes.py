from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.analytics import RuleError, Votes
from studyapp.analytics.columns import Float64
from studyapp.analytics.latent_classes import LatentFit, Stopping, fit_latent_classes
from tests.studyapp.analytics.strategies import Panel, panels

LABEL = {1: 0, 0: 1, -1: 2}


def smoothed(smooth: float) -> Callable[[Float64], tuple[Float64, float]]:
    def estimate(expected: Float64) -> tuple[Float64, float]:
        raised = expected + smooth
        confusion = raised / raised.sum(axis=2, keepdims=True)
        return confusion, smooth * float(np.log(confusion).sum())

    return estimate


def fit(
    votes: Votes, *, start: Float64, smooth: float = 1.0, tol: float = 0.0, max_iter: int = 30
) -> LatentFit:
    return fit_latent_classes(
        votes,
        start=start,
        n_labels=3,
        estimate=smoothed(smooth),
        smooth=smooth,
        stopping=Stopping(tol=tol, max_iter=max_iter),
    )


def starting(votes: Votes) -> Float64:
    counts = votes.counts3().astype(np.float64)
    return counts[:, :2] + counts[:, 2:] / 2


def by_hand(panel: Panel, n_steps: int) -> tuple[dict[int, list[float]], list[float]]:
    """EM with loops and plain probabilities: posteriors by question, log-likelihood by step."""
    votes = list(zip(panel.question, panel.rater, panel.answer, strict=True))
    asked = sorted({int(q) for q, _, _ in votes})
    posterior = {}
    for q in asked:
        given = [int(a) for question, _, a in votes if question == q]
        yes = given.count(1) + given.count(-1) / 2
        posterior[q] = [yes / len(given), 1 - yes / len(given)]
    logliks = []
    for _ in range(n_steps):
        prior = [(sum(posterior[q][c] for q in asked) + 1) / (len(asked) + 2) for c in (0, 1)]
        confusion = np.ones((panel.n_raters, 2, 3))
        for q, r, a in votes:
            for c in (0, 1):
                confusion[r, c, LABEL[int(a)]] += posterior[int(q)][c]
        confusion /= confusion.sum(axis=2, keepdims=True)
        total = 0.0
        for q in asked:
            joint = [
                prior[c]
                * math.prod(
                    confusion[r, c, LABEL[int(a)]] for question, r, a in votes if question == q
                )
                for c in (0, 1)
            ]
            posterior[q] = [value / sum(joint) for value in joint]
            total += math.log(sum(joint))
        logliks.append(total)
    return posterior, logliks


@pytest.mark.slow
@settings(max_examples=60)
@given(panels())
def test_loops_over_plain_probabilities_agree(panel: Panel) -> None:
    votes = panel.votes()
    found = fit(votes, start=starting(votes), max_iter=5)
    n_steps = found.loglik.size
    posterior, logliks = by_hand(panel, n_steps)
    assert found.loglik == pytest.approx(logliks, abs=1e-9)
    for question, shares in posterior.items():
        assert found.posterior[question] == pytest.approx(shares, abs=1e-9)
    unasked = sorted(set(range(panel.n_questions)) - set(posterior))
    assert np.isnan(found.posterior[unasked]).all()


@pytest.mark.slow
@given(panels(max_raters=4))
def test_the_log_likelihood_is_that_of_every_assignment_of_classes_added_up(panel: Panel) -> None:
    votes = panel.votes()
    found = fit(votes, start=starting(votes), max_iter=3)
    asked = sorted(set(panel.question.tolist()))
    total = 0.0
    for classes in product((0, 1), repeat=len(asked)):
        of = dict(zip(asked, classes, strict=True))
        chance = math.prod(found.prior[c] for c in classes)
        for q, r, a in zip(panel.question, panel.rater, panel.answer, strict=True):
            chance *= found.confusion[r, of[int(q)], LABEL[int(a)]]
        total += chance
    assert found.loglik[-1] == pytest.approx(math.log(total), abs=1e-9)


@pytest.mark.slow
@settings(max_examples=60)
@given(panels(), st.floats(0.01, 5))
def test_the_objective_never_falls_from_any_start(panel: Panel, smooth: float) -> None:
    votes = panel.votes()
    rng = np.random.default_rng(len(votes))
    start = np.where(votes.counts3().sum(axis=1, keepdims=True) > 0, 1.0, 0.0) * rng.random(
        (votes.n_questions, 2)
    )
    found = fit(votes, start=start, smooth=smooth, max_iter=40)
    rises = np.diff(found.objective)
    assert (rises >= -1e-9).all()


def test_the_log_likelihood_itself_may_fall_under_smoothing() -> None:
    """One yes of each of two raters: smoothing pulls towards even habits, away from the votes."""
    votes = Votes.from_columns([0, 0, 1], rater=[0, 1, 0], answer=[1, 1, 0])
    found = fit(votes, start=starting(votes), max_iter=200)
    assert np.diff(found.loglik).min() < -1e-6
    assert np.diff(found.objective).min() > -1e-12


def test_where_it_stops_no_direction_leads_up() -> None:
    """Numerical slopes of the objective over free parameters (softmax), at the fit, are 0."""
    rng = np.random.default_rng(5)
    truth = rng.random(60) < 0.4
    question, rater = np.repeat(np.arange(60), 4), np.tile(np.arange(4), 60)
    answer = np.where(rng.random(240) < 0.8, truth[question], ~truth[question]).astype(int)
    answer[rng.random(240) < 0.1] = -1
    votes = Votes.from_columns(question, rater=rater, answer=answer)
    found = fit(votes, start=starting(votes), max_iter=3000)
    table = np.array([LABEL[int(a)] for a in answer]).reshape(60, 4)

    def objective(free: Float64) -> float:
        prior = np.exp(free[:2]) / np.exp(free[:2]).sum()
        habits = np.exp(free[2:].reshape(4, 2, 3))
        habits /= habits.sum(axis=2, keepdims=True)
        joint = np.stack(
            [
                prior[c] * np.prod([habits[r, c, table[:, r]] for r in range(4)], axis=0)
                for c in (0, 1)
            ]
        )
        penalty = np.log(prior).sum() + np.log(habits).sum()
        return float(np.log(joint.sum(axis=0)).sum() + penalty)

    free = np.concatenate([np.log(found.prior), np.log(found.confusion).ravel()])
    assert objective(free) == pytest.approx(found.objective[-1], abs=1e-9)
    steps = np.eye(free.size) * 1e-4
    slopes = [(objective(free + step) - objective(free - step)) / 2e-4 for step in steps]
    assert slopes == pytest.approx(np.zeros(free.size), abs=1e-4)


def test_thousands_of_votes_on_a_question_do_not_underflow() -> None:
    """0.5 ** 3,000 is no float64 any more; logarithms do not care."""
    raters = 3_000
    votes = Votes.from_columns(
        np.repeat([0, 1], raters),
        rater=np.tile(np.arange(raters), 2),
        answer=np.tile([1, 0], raters),
    )
    found = fit(votes, start=starting(votes), max_iter=5)
    assert found.posterior == pytest.approx(np.full((2, 2), 0.5))
    assert np.isfinite(found.loglik).all()
    assert found.loglik[-1] < -2_000


def test_an_objective_that_falls_is_a_fault_and_stops_the_work() -> None:
    votes = Votes.from_columns([0, 0, 1, 1], rater=[0, 1, 0, 1], answer=[1, 1, 0, 0])
    claims = iter([10.0, 0.0])

    def wrong(expected: Float64) -> tuple[Float64, float]:
        return np.full(expected.shape, 1 / 3), next(claims)

    with pytest.raises(ArithmeticError, match=r"fell from .* in step 2"):
        fit_latent_classes(
            votes,
            start=starting(votes),
            n_labels=3,
            estimate=wrong,
            smooth=1.0,
            stopping=Stopping(tol=0, max_iter=5),
        )


def test_without_votes_nothing_is_known() -> None:
    votes = Votes.from_columns([], rater=[], answer=[], n_questions=2, n_raters=1)
    found = fit(votes, start=starting(votes))
    assert np.isnan(found.posterior).all()
    assert (found.converged, found.last_change) == (True, 0.0)
    assert found.prior.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("tol", "max_iter", "message"),
    [
        (-1.0, 5, "tol=-1.0 cannot be met"),
        (math.nan, 5, "tol=nan cannot be met"),
        (0.0, 0, "max_iter=0 makes no step"),
        (0.0, 2.5, "is not a whole number"),
        (0.0, True, "is not a whole number"),
    ],
)
def test_bad_stopping_is_refused(tol: float, max_iter: int, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Stopping(tol=tol, max_iter=max_iter)


@pytest.mark.parametrize("smooth", [0.0, -1.0, math.nan, math.inf])
def test_smoothing_must_leave_no_zero(smooth: float) -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1])
    with pytest.raises(RuleError, match="give above 0"):
        fit(votes, start=starting(votes), smooth=smooth)
