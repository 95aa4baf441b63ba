from __future__ import annotations

import json
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, Rule, RuleError, stop_now
from studyapp.analytics.expected_votes import expected_votes
from studyapp.analytics.groups import group_ends


def test_four_of_five_by_yes_count() -> None:
    found = expected_votes(Rule(), p=0.5)
    assert found.by_yes == pytest.approx([2, 2.4, 3, 4, 4.8, 4])
    assert found.votes == pytest.approx(3.5)
    assert found.saved_share == pytest.approx(0.3)


def test_four_of_five_by_chance_of_yes() -> None:
    found = expected_votes(Rule(), p=np.arange(11) / 10)
    printed = "2.00 2.22 2.49 2.80 3.15 3.50 3.83 4.11 4.27 4.25 4.00"
    assert " ".join(f"{votes:.2f}" for votes in found.votes) == printed


@given(st.floats(0, 1))
def test_four_of_five_in_closed_form(p: float) -> None:
    q = 1 - p
    closed = 2 * q**2 + 6 * p * q**2 + 4 * (p**4 + 3 * p**2 * q**2) + 20 * p**3 * q
    assert float(expected_votes(Rule(), p=p).votes) == pytest.approx(closed)


@pytest.mark.parametrize(
    ("still", "four", "five", "least", "most"),
    [(4735, 2099, 4511, "17.0", "33.7"), (8965, 2470, 4260, "17.5", "40.3")],
)
def test_what_the_first_study_could_have_saved(
    still: int, four: int, five: int, least: str, most: str
) -> None:
    """Figure 2's two models; the split of 0 to 3 yes is not printed, so there is a range."""
    found = [
        float(expected_votes(Rule(), by_yes=[*low, four, five]).saved_share)
        for low in ([0, 0, 0, still], [still, 0, 0, 0])
    ]
    assert [f"{100 * share:.1f}" for share in found] == [least, most]


def settled_at(order: tuple[int, ...], rule: Rule, ends: tuple[int, ...]) -> int:
    for end in (0, *ends):
        head = order[:end]
        if stop_now(sum(head), no=len(head) - sum(head), rule=rule) != "ask":
            return end
    raise AssertionError("n votes settle every question without unsure votes")


@pytest.mark.parametrize(
    ("k", "groups"), [*product(range(1, 6), [None, (2, 2, 1), (2, 3), (3, 2), (4, 1), (5,)])]
)
def test_every_order_one_by_one(k: int, groups: tuple[int, ...] | None) -> None:
    rule = Rule(k=k)
    ends = group_ends(groups, rule=rule)
    found = expected_votes(rule, p=0.3, groups=groups)
    for yes in range(6):
        orders = list(permutations([1] * yes + [0] * (5 - yes)))
        used = [settled_at(order, rule, ends) for order in orders]
        assert found.by_yes[yes] == pytest.approx(np.mean(used))
    chances = {a: 0.3 ** sum(a) * 0.7 ** (5 - sum(a)) for a in product((0, 1), repeat=5)}
    expected = sum(chance * settled_at(a, rule, ends) for a, chance in chances.items())
    assert float(found.votes) == pytest.approx(expected)


def test_it_is_json_and_keeps_the_shape_of_p() -> None:
    found = expected_votes(Rule(k=2, n=3), p=[[0.0, 1.0]], groups=(2, 1))
    data = json.loads(json.dumps(found.to_dict()))
    assert data["votes"] == [[2.0, 2.0]]
    assert (data["groups"], data["method"]) == ([2, 1], "curtailment")


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({}, RuleError, "either the chance"),
        ({"p": 0.5, "by_yes": [1] * 6}, RuleError, "either the chance"),
        ({"p": 1.5}, ColumnError, "outside 0..1"),
        ({"p": [np.nan]}, ColumnError, "outside 0..1"),
        ({"by_yes": [0] * 6}, ColumnError, "no question at all"),
        ({"by_yes": [-1, 2, 0, 0, 0, 0]}, ColumnError, "negative number"),
        ({"by_yes": [1, 2]}, ColumnError, "has 2 rows where 6 are needed"),
        ({"p": 0.5, "groups": (2, 2)}, RuleError, "do not make n=5"),
    ],
)
def test_bad_arguments_are_refused(
    words: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        expected_votes(Rule(), **words)


def test_rules_without_a_table_are_refused() -> None:
    with pytest.raises(RuleError, match="too many to tabulate"):
        expected_votes(Rule(k=1, n=201), p=0.5)
    with pytest.raises(RuleError, match="never final"):
        expected_votes(Rule(extra="fraction"), p=0.5)
