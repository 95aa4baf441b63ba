from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import Rule, RuleError, Votes, stop_now, verdicts
from studyapp.analytics.groups import group_ends, next_group
from tests.studyapp.analytics.strategies import rules

CODES = {"accepted": 1, "rejected": 0, "undecided": -1}


@pytest.mark.parametrize(
    ("yes", "no", "unsure", "pending", "ask"),
    [
        (0, 0, 0, 0, 2),
        (0, 0, 0, 2, 0),  # the group is out
        (1, 0, 0, 1, 0),
        (1, 0, 0, 0, 1),  # one vote of the first group was lost
        (1, 1, 0, 0, 2),
        (0, 2, 0, 0, 0),  # rejected
        (3, 1, 0, 0, 1),
        (4, 0, 0, 0, 0),  # accepted
        (1, 0, 1, 0, 2),
        (0, 0, 4, 0, 0),  # can be neither any more
        (0, 0, 0, 5, 0),  # more are out than the group has
    ],
)
def test_two_two_and_one_by_hand(yes: int, no: int, unsure: int, pending: int, ask: int) -> None:
    assert next_group(yes, no=no, unsure=unsure, pending=pending, rule=Rule()) == ask


@pytest.mark.parametrize(
    ("yes", "no", "pending", "asked", "ask"),
    [
        (1, 1, 0, 1, 2),  # nothing was lost
        (1, 0, 0, 1, 3),  # one of the first group: with the second
        (1, 0, 1, 1, 0),  # it may still come
        (0, 0, 1, 1, 1),  # lost, and the other may still come: it decides what is next
        (1, 1, 0, 2, 3),  # all of the second: with the third
        (3, 1, 0, 3, 1),  # of the last there is nothing later to ask it with
        (0, 2, 0, 1, 0),  # decided
    ],
)
def test_what_was_lost_is_asked_for_with_the_group_whose_turn_it_is(
    yes: int, no: int, pending: int, asked: int, ask: int
) -> None:
    assert next_group(yes, no=no, pending=pending, rule=Rule(), asked=asked) == ask


def test_ends() -> None:
    assert group_ends((2, 2, 1), rule=Rule()) == (2, 4, 5)
    assert group_ends(None, rule=Rule(k=2, n=3)) == (1, 2, 3)


@pytest.mark.parametrize("groups", [(2, 2), (), (5, 0), (6, -1), (2, 3, 1)])
def test_groups_that_do_not_make_n_are_refused(groups: tuple[int, ...]) -> None:
    with pytest.raises(RuleError, match="do not make n=5"):
        next_group(0, no=0, pending=0, rule=Rule(), groups=groups)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(RuleError, match="pending=-1,"):
        next_group(0, no=0, pending=-1, rule=Rule())
    with pytest.raises(RuleError, match="cannot be among n=5"):
        next_group(6, no=0, pending=0, rule=Rule())
    with pytest.raises(RuleError, match="never final"):
        next_group(0, no=0, pending=0, rule=Rule(extra="fraction"))


def ask_in_groups(answers: Sequence[int], rule: Rule, groups: Sequence[int]) -> list[int]:
    """The votes that come in when we ask as told; all of a group are awaited."""
    seen: list[int] = []
    while True:
        yes, no, unsure = (seen.count(answer) for answer in (1, 0, -1))
        more = next_group(yes, no=no, unsure=unsure, pending=0, rule=rule, groups=groups)
        if not more:
            return seen
        seen = [*answers[: len(seen) + more]]


@pytest.mark.slow
@given(st.data(), rules(extra="first"))
def test_early_stopping_in_groups_never_changes_the_verdict(
    data: st.DataObject, rule: Rule
) -> None:
    """For every rule, grouping and order of votes, unsure ones among them."""
    answers = data.draw(st.lists(st.integers(-1, 1), min_size=rule.n, max_size=rule.n))
    cuts = sorted(data.draw(st.sets(st.integers(1, rule.n - 1)))) if rule.n > 1 else []
    groups = [end - start for start, end in zip([0, *cuts], [*cuts, rule.n], strict=True)]
    used = ask_in_groups(answers, rule, groups)

    def verdict(head: Sequence[int]) -> int:
        votes = Votes.from_columns([0] * len(head), rater=range(len(head)), answer=head)
        return int(verdicts(votes, rule=rule).code[0])

    assert verdict(used) == verdict(answers)
    counts = [used.count(answer) for answer in (1, 0, -1)]
    step = stop_now(counts[0], no=counts[1], unsure=counts[2], rule=rule)
    assert CODES[step] == verdict(answers)
    assert len(used) in (0, *group_ends(groups, rule=rule))


@pytest.mark.slow
@given(st.data(), rules(extra="first"), st.integers(0, 7))
def test_it_never_asks_for_more_than_n_in_all(
    data: st.DataObject, rule: Rule, pending: int
) -> None:
    head = data.draw(st.lists(st.integers(-1, 1), max_size=rule.n))
    yes, no, unsure = (head.count(answer) for answer in (1, 0, -1))
    groups = [1] * rule.n
    more = next_group(yes, no=no, unsure=unsure, pending=pending, rule=rule, groups=groups)
    assert 0 <= more <= max(0, rule.n - len(head) - pending)
    if pending:
        assert more == 0
