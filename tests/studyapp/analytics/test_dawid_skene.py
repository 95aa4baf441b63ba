from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from studyapp.analytics import Rule, RuleError, Verdict, Votes, verdicts
from studyapp.analytics.columns import Bool, Float64
from studyapp.analytics.dawid_skene import DawidSkene, dawid_skene, one_coin
from tests.studyapp.analytics.conftest import RealRelease
from tests.studyapp.analytics.human_data import read_gold
from tests.studyapp.analytics.strategies import Panel, panels


def simulated(
    confusion: Float64, *, prior_yes: float, n_questions: int, seed: int
) -> tuple[Votes, Bool]:
    """Every rater answers every question by the model; the votes and which questions are yes."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n_questions) < prior_yes
    n_raters = len(confusion)
    question = np.repeat(np.arange(n_questions), n_raters)
    rater = np.tile(np.arange(n_raters), n_questions)
    row = confusion[rater, np.where(truth[question], 0, 1)]
    label = (rng.random((row.shape[0], 1)) > row.cumsum(axis=1)).sum(axis=1)
    return Votes.from_columns(question, rater=rater, answer=np.array([1, 0, -1])[label]), truth


HABITS = np.array(
    [
        [[0.90, 0.05, 0.05], [0.05, 0.90, 0.05]],
        [[0.50, 0.30, 0.20], [0.02, 0.90, 0.08]],  # strict
        [[0.85, 0.05, 0.10], [0.30, 0.60, 0.10]],  # lenient
        [[0.70, 0.20, 0.10], [0.20, 0.70, 0.10]],
        [[0.33, 0.33, 0.34], [0.33, 0.33, 0.34]],  # answers without looking
        [[0.60, 0.10, 0.30], [0.10, 0.80, 0.10]],
    ]
)


def test_one_step_by_hand() -> None:
    """Two questions: yes yes, and no no; after one step with s = 1 every figure is a fraction.

    Shares: 1 yes and 1 no, so the class shares are (1 + 1) / (2 + 2). Each rater is expected to
    say yes once where yes is true: (1 + 1) / (1 + 3) yes, 1/4 no, 1/4 unsure. Of the first
    question 1/2 1/2 1/2 against 1/2 1/4 1/4: odds 4 to 1.
    """
    votes = Votes.from_columns([0, 0, 1, 1], rater=[0, 1, 0, 1], answer=[1, 1, 0, 0])
    found = dawid_skene(votes, max_iter=1)
    assert found.prior.tolist() == [0.5, 0.5]
    assert found.confusion[0].tolist() == [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]]
    assert found.posterior == pytest.approx(np.array([[0.8, 0.2], [0.2, 0.8]]))
    assert found.loglik == pytest.approx([2 * np.log(1 / 8 + 1 / 32)])
    penalty = 2 * np.log(0.5) + 2 * 2 * np.log(0.5 * 0.25 * 0.25)
    assert found.objective == pytest.approx(found.loglik + penalty)
    assert not found.converged
    assert found.last_change == pytest.approx(0.2)


def test_one_coin_by_hand() -> None:
    """The same votes and an unsure one, left out: p = (2 + 1) / (2 + 2), odds (3/4 : 1/4)^2."""
    votes = Votes.from_columns([0, 0, 1, 1, 2], rater=[0, 1, 0, 1, 0], answer=[1, 1, 0, 0, -1])
    found = one_coin(votes, max_iter=1)
    assert found.confusion[1].tolist() == [[0.75, 0.25], [0.25, 0.75]]
    assert found.posterior[:2] == pytest.approx(np.array([[0.9, 0.1], [0.1, 0.9]]))
    assert np.isnan(found.posterior[2]).all()
    assert (found.n_votes, found.n_without_votes, found.n_yes) == (4, 1, 1)
    assert found.labels == ("yes", "no")


def test_what_made_the_votes_is_found_again() -> None:
    votes, truth = simulated(HABITS, prior_yes=0.3, n_questions=4_000, seed=3)
    found = dawid_skene(votes)
    assert found.converged
    assert found.prior[0] == pytest.approx(truth.mean(), abs=0.02)
    assert np.abs(found.confusion - HABITS).max() < 0.05
    # Probabilities that mean what they say: as many are yes as their sum, and they tell the
    # two apart nearly as well as the true habits do.
    assert found.posterior[:, 0].sum() == pytest.approx(truth.sum(), abs=80)
    logs = np.log(HABITS)
    label = np.array([1, 0, 2])[votes.answer].reshape(4_000, 6)
    joint = np.stack(
        [
            np.log(share) + sum(logs[r, c, label[:, r]] for r in range(6))
            for c, share in enumerate((0.3, 0.7))
        ]
    )
    best = 1 / (1 + np.exp(joint[1] - joint[0]))
    assert brier_score_loss(truth, found.posterior[:, 0]) < brier_score_loss(truth, best) + 0.002


def test_it_does_better_than_the_majority_where_raters_differ() -> None:
    votes, truth = simulated(HABITS, prior_yes=0.3, n_questions=2_000, seed=4)
    majority = verdicts(votes, rule=Rule(4, 6, unsure="no")).code == Verdict.ACCEPTED
    fitted = dawid_skene(votes).posterior[:, 0] > 0.5
    assert (fitted == truth).mean() > (majority == truth).mean() + 0.02


def test_one_coin_finds_how_often_each_rater_is_right() -> None:
    right = np.array([0.95, 0.9, 0.8, 0.7, 0.6, 0.5])
    habits = np.stack([right, 1 - right, 1 - right, right], axis=1).reshape(6, 2, 2)
    votes, _ = simulated(habits, prior_yes=0.4, n_questions=4_000, seed=8)
    found = one_coin(votes)
    assert found.converged
    assert found.confusion[:, 0, 0] == pytest.approx(right, abs=0.03)
    assert (found.confusion[:, 0, 0] == found.confusion[:, 1, 1]).all()


def test_with_three_classes_unsure_can_be_the_truth() -> None:
    votes = Votes.from_columns(
        np.repeat([0, 1, 2], 4), rater=np.tile(np.arange(4), 3), answer=np.repeat([1, 0, -1], 4)
    )
    found = dawid_skene(votes, classes=3)
    assert found.posterior.argmax(axis=1).tolist() == [0, 1, 2]
    assert found.to_dict()["classes"] == ["yes", "no", "unsure"]


@pytest.mark.slow
@settings(max_examples=50)
@given(panels(), st.data())
def test_numbering_raters_and_questions_anew_changes_nothing(
    panel: Panel, data: st.DataObject
) -> None:
    raters = np.array(data.draw(st.permutations(range(panel.n_raters))))
    questions = np.array(data.draw(st.permutations(range(panel.n_questions))))
    renamed = Panel(
        question=questions[panel.question],
        rater=raters[panel.rater],
        answer=panel.answer,
        order=panel.order,
        n_questions=panel.n_questions,
        n_raters=panel.n_raters,
    )
    for method in (dawid_skene, one_coin):
        before, after = method(panel.votes(), max_iter=20), method(renamed.votes(), max_iter=20)
        n_steps = min(before.objective.size, after.objective.size)
        assert before.objective[:n_steps] == pytest.approx(after.objective[:n_steps], abs=1e-9)
        if before.objective.size == after.objective.size:
            assert before.posterior == pytest.approx(
                after.posterior[questions], abs=1e-7, nan_ok=True
            )
            assert before.confusion == pytest.approx(after.confusion[raters], abs=1e-7)


@pytest.mark.slow
@given(panels())
def test_yes_and_no_are_treated_alike(panel: Panel) -> None:
    """Swapping the two answers swaps the classes: nothing in the method prefers either."""
    swapped = np.where(panel.answer >= 0, 1 - panel.answer, -1)
    turned = Votes.from_columns(
        panel.question,
        rater=panel.rater,
        answer=swapped,
        n_questions=panel.n_questions,
        n_raters=panel.n_raters,
    )
    before, after = dawid_skene(panel.votes(), max_iter=5), dawid_skene(turned, max_iter=5)
    if before.objective.size == after.objective.size:
        assert before.posterior == pytest.approx(after.posterior[:, ::-1], abs=1e-7, nan_ok=True)


@pytest.mark.slow
@given(panels())
def test_shares_add_up_to_one(panel: Panel) -> None:
    found = dawid_skene(panel.votes())
    voted = ~np.isnan(found.posterior[:, 0])
    assert voted.sum() == len(set(panel.question.tolist()))
    assert found.n_without_votes == panel.n_questions - voted.sum()
    assert found.posterior[voted].sum(axis=1) == pytest.approx(np.ones(voted.sum()))
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((panel.n_raters, 2)))
    assert found.prior.sum() == pytest.approx(1)


def test_a_rater_without_votes_is_what_the_smoothing_says() -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1], n_raters=2)
    assert dawid_skene(votes).confusion[1].tolist() == [[1 / 3] * 3] * 2
    assert one_coin(votes).confusion[1].tolist() == [[0.5, 0.5]] * 2


def test_the_result_is_json_safe() -> None:
    votes = Votes.from_columns([0, 0], rater=[0, 1], answer=[1, -1], n_questions=2)
    data = json.loads(json.dumps(dawid_skene(votes).to_dict(), allow_nan=False))
    assert data["posterior"][1] == [None, None]
    assert (data["n_votes"], data["n_without_votes"], data["method"]) == (2, 1, "dawid_skene")
    assert data["n_steps"] == len(data["loglik"]) == len(data["objective"])


def test_other_classes_are_refused() -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1])
    with pytest.raises(RuleError, match=r"use 2 .* or 3"):
        dawid_skene(votes, classes=4)


@pytest.fixture(scope="module")
def fitted(real_release: RealRelease) -> DawidSkene:
    return dawid_skene(real_release.votes)


def test_real_votes_converge_and_are_accepted_more_than_twice_as_often(
    real_release: RealRelease, fitted: DawidSkene
) -> None:
    assert fitted.converged
    assert np.diff(fitted.objective).min() >= 0
    accepted = verdicts(real_release.votes, rule=Rule(4, 5)).n_of(Verdict.ACCEPTED)
    assert fitted.n_yes > 2 * accepted
    exact = dawid_skene(real_release.votes, tol=1e-13)
    # What is left to gain when it stops is small beside what the posteriors are used for.
    assert np.abs(exact.posterior - fitted.posterior).max() < 0.002
    assert abs(exact.n_yes - fitted.n_yes) <= 2


def test_real_posteriors_find_more_of_what_experts_accept(shared_data: Path) -> None:
    gold = read_gold(shared_data)
    right = verdicts(gold.experts, rule=Rule(3, 5)).code
    found = dawid_skene(gold.raters).posterior[:, 0] > 0.5
    assert (found == (right == 1)).mean() > 0.9
