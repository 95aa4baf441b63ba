from __future__ import annotations

import json
from decimal import Decimal

import pytest

from studyapp.analytics import Rule, RuleError
from studyapp.analytics.budget import votes_budget
from studyapp.cost import estimate_cost


def test_by_hand() -> None:
    """1,000 questions, half of them five yes and half no yes, ten to an assignment."""
    found = votes_budget(
        1000, rule=Rule(), trials_per_assignment=10, by_yes=[1, 0, 0, 0, 0, 1], groups=(2, 2, 1)
    )
    assert (found.votes, found.assignments) == (5000, 500)
    assert [(part.raters, part.questions, part.assignments) for part in found.rounds] == [
        (2, 1000, 200),
        (2, 500, 100),
        (1, 0, 0),
    ]
    assert (found.expected_votes, found.expected_assignments) == (3000, 300)
    assert (found.saved_votes, found.saved_assignments) == pytest.approx((0.4, 0.4))


def test_one_by_one() -> None:
    found = votes_budget(7, rule=Rule(), trials_per_assignment=5, p=0.0, groups=None)
    assert [part.questions for part in found.rounds] == [7, 7, 0, 0, 0]
    assert (found.expected_votes, found.expected_assignments) == (14, 4)


def test_short_rounds_can_cost_assignments() -> None:
    found = votes_budget(10, rule=Rule(), trials_per_assignment=10, p=0.5)
    assert found.saved_votes > 0
    assert found.saved_assignments == 0


def test_all_at_once_saves_nothing() -> None:
    found = votes_budget(123, rule=Rule(), trials_per_assignment=10, p=0.3, groups=(5,))
    assert found.saved_votes == pytest.approx(0, abs=1e-12)
    assert found.saved_assignments == 0


@pytest.mark.parametrize("trials", [1, 95, 100, 101, 11_345])
def test_assignments_are_those_that_the_cost_counts(trials: int) -> None:
    found = votes_budget(trials, rule=Rule(), trials_per_assignment=20, p=0.5)
    cost = estimate_cost(
        trials=trials, trials_per_hit=20, raters_per_trial=5, reward=Decimal("0.10")
    )
    assert found.assignments == cost.assignments


def test_it_is_json() -> None:
    found = votes_budget(100, rule=Rule(), trials_per_assignment=10, p=0.2)
    data = json.loads(json.dumps(found.to_dict()))
    assert data["rounds"][0]["questions"] == pytest.approx(100)
    assert data["saved_votes"] == pytest.approx(found.saved_votes)


@pytest.mark.parametrize(("questions", "trials"), [(0, 10), (10, 0)])
def test_nothing_to_ask_is_refused(questions: int, trials: int) -> None:
    with pytest.raises(RuleError, match="give 1 or more of each"):
        votes_budget(questions, rule=Rule(), trials_per_assignment=trials, p=0.5)


def test_groups_must_fit_the_rule() -> None:
    with pytest.raises(RuleError, match="do not make n=3"):
        votes_budget(5, rule=Rule(k=2, n=3), trials_per_assignment=1, p=0.5)
