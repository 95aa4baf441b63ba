from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, RuleError, exposed

HOURS_72 = 72 * 3_600


def one(at: int, *, first: int = 0, last: int = 0, arm: int = 1, by: int = 0) -> bool:
    """Whether rater 0's vote at `at` about arm 0 is exposed by one sighting."""
    seen = {"seen_by": [by], "seen_arm": [arm], "first": [first], "last": [last]}
    return bool(exposed([0], arm=[0], at=[at], cooldown=HOURS_72, **seen)[0])


def test_exactly_a_cooldown_later_is_late_enough_and_a_second_sooner_is_not() -> None:
    assert [one(HOURS_72 + by, last=0) for by in (-1, 0, 1)] == [True, False, False]


def test_only_another_arm_that_had_begun_by_then_and_the_same_rater_count() -> None:
    assert one(10, first=10, last=99)
    assert not one(9, first=10, last=99)
    assert not one(10, arm=0)
    assert not one(10, by=1)


def test_a_short_look_after_a_long_one_hides_nothing() -> None:
    """The latest end decides, not the end of what began last."""
    seen = {"seen_by": [0, 0], "seen_arm": [1, 2], "first": [0, 10], "last": [100, 20]}
    assert exposed([0], arm=[0], at=[HOURS_72 + 50], cooldown=HOURS_72, **seen).all()


votes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 40)), max_size=12)
looks = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 40), st.integers(0, 9)),
    max_size=12,
)


@pytest.mark.slow
@given(votes, looks, st.integers(1, 30))
def test_a_slow_reading_of_the_definition_agrees(
    given_votes: list[tuple[int, int, int]], seen: list[tuple[int, int, int, int]], cooldown: int
) -> None:
    found = exposed(
        [rater for rater, _, _ in given_votes],
        arm=[arm for _, arm, _ in given_votes],
        at=[at for _, _, at in given_votes],
        seen_by=[rater for rater, *_ in seen],
        seen_arm=[arm for _, arm, _, _ in seen],
        first=[first for _, _, first, _ in seen],
        last=[first + lasted for _, _, first, lasted in seen],
        cooldown=cooldown,
    )
    assert found.tolist() == [
        any(
            who == rater and what != arm and first <= at and first + lasted > at - cooldown
            for who, what, first, lasted in seen
        )
        for rater, arm, at in given_votes
    ]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(RuleError, match="excludes nothing"):
        exposed([], arm=[], at=[], seen_by=[], seen_arm=[], first=[], last=[], cooldown=0)
    with pytest.raises(ColumnError, match="before it began"):
        one(5, first=3, last=2)
