from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studyapp.analytics import Rule, RuleError


def test_the_default_is_the_papers_four_of_five() -> None:
    rule = Rule()
    assert (rule.k, rule.n, rule.unsure, rule.extra) == (4, 5, "missing", "first")
    assert (rule.no_to_reject, rule.votes_needed) == (2, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 6}, "6 yes of 5 votes"),
        ({"k": 0}, "0 yes of 5 votes"),
        ({"n": 0, "k": 1}, "n=0 votes"),
        ({"n": 40_000}, "n=40000 votes"),
        ({"k": 3.5}, "k=3.5 is not a whole number"),
        ({"k": True}, "k=True is not a whole number"),
        ({"min_votes": 0}, "min_votes=0"),
        ({"unsure": "skip"}, "use one of missing, no, yes"),
        ({"extra": "all"}, "use one of first, fraction"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Rule(**options)


def test_a_single_vote_still_needs_one() -> None:
    assert Rule(k=1, n=1, extra="fraction").votes_needed == 1
    assert Rule(min_votes=2).votes_needed == 2


@pytest.mark.parametrize(
    ("unsure", "expected"), [("missing", [1, 0, -1]), ("no", [1, 0, 0]), ("yes", [1, 0, 1])]
)
def test_recoding_touches_unsure_alone(unsure: str, expected: list[int]) -> None:
    recoded = Rule(unsure=unsure).recode(np.array([1, 0, -1], dtype=np.int8))
    assert recoded.tolist() == expected
    assert recoded.dtype == np.int8


def test_equal_rules_are_equal_and_json_safe() -> None:
    assert Rule(k=np.int64(3)) == Rule(k=3)  # type: ignore[arg-type]  # numpy's integers are taken
    rule = Rule(extra="fraction").to_dict()
    assert (rule["k"], rule["min_votes"]) == (4, 4)
    assert Rule().to_dict()["min_votes"] is None
