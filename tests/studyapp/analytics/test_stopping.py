from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import Rule, RuleError, Votes, stop_now, verdicts
from studyapp.analytics.stopping import Step
from tests.studyapp.analytics.strategies import rules

CODES = {1: "accepted", 0: "rejected", -1: "undecided"}


@pytest.mark.parametrize(
    ("yes", "no", "unsure", "step"),
    [
        (0, 0, 0, "ask"),
        (3, 1, 0, "ask"),
        (4, 0, 0, "accepted"),
        (0, 2, 0, "rejected"),
        (3, 1, 1, "undecided"),
        (0, 0, 4, "undecided"),  # one vote is left, which can neither accept nor reject
        (0, 0, 3, "ask"),  # two no can still come
    ],
)
def test_four_of_five_by_hand(yes: int, no: int, unsure: int, step: Step) -> None:
    assert stop_now(yes, no=no, unsure=unsure, rule=Rule()) == step


def test_unsure_counts_as_the_rule_says() -> None:
    assert stop_now(0, no=1, unsure=1, rule=Rule(unsure="no")) == "rejected"
    assert stop_now(2, no=0, unsure=2, rule=Rule(unsure="yes")) == "accepted"


@pytest.mark.parametrize(("yes", "no", "unsure"), [(3, 3, 0), (-1, 0, 0), (5, 0, 1)])
def test_impossible_counts_are_refused(yes: int, no: int, unsure: int) -> None:
    with pytest.raises(RuleError, match="cannot be among n=5 votes"):
        stop_now(yes, no=no, unsure=unsure, rule=Rule())


def test_a_fraction_is_never_final() -> None:
    with pytest.raises(RuleError, match="never final"):
        stop_now(4, no=0, rule=Rule(extra="fraction"))


def walk(answers: list[int], rule: Rule) -> tuple[Step, int]:
    """Ask until told to stop; the step and the number of votes used."""
    for seen in range(len(answers) + 1):
        head = answers[:seen]
        step = stop_now(head.count(1), no=head.count(0), unsure=head.count(-1), rule=rule)
        if step != "ask":
            return step, seen
    raise AssertionError("all n votes are in and it still asks")


def check(answers: list[int], rule: Rule) -> None:
    votes = Votes.from_columns(
        [0] * len(answers), rater=range(len(answers)), answer=answers, n_questions=1
    )
    full = verdicts(votes, rule=rule)
    step, used = walk(answers, rule)
    assert step == CODES[int(full.code[0])]
    if step != "undecided":
        assert used == full.decided_at[0]
        curtailed = verdicts(votes.valid([place < used for place in range(len(votes))]), rule=rule)
        assert curtailed.code[0] == full.code[0]


@pytest.mark.parametrize("unsure", ["missing", "no", "yes"])
@pytest.mark.parametrize("k", range(1, 6))
def test_every_order_of_five_votes_ends_in_the_full_verdict(k: int, unsure: str) -> None:
    for answers in product((1, 0, -1), repeat=5):
        check(list(answers), Rule(k=k, unsure=unsure))


@pytest.mark.slow
@given(st.data(), rules(extra="first"))
def test_every_rule_ends_in_the_full_verdict(data: st.DataObject, rule: Rule) -> None:
    check(data.draw(st.lists(st.integers(-1, 1), min_size=rule.n, max_size=rule.n)), rule)


@pytest.mark.slow
@given(st.data(), rules(extra="first"))
def test_it_asks_only_where_a_vote_can_matter(data: st.DataObject, rule: Rule) -> None:
    head = data.draw(st.lists(st.integers(-1, 1), max_size=rule.n))
    step = stop_now(head.count(1), no=head.count(0), unsure=head.count(-1), rule=rule)
    left = rule.n - len(head)
    ends = {walk(head + [answer] * left, rule)[0] for answer in (1, 0, -1)}
    assert (len(ends) > 1) == (step == "ask")
