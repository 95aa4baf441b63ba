from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import (
    KEPT,
    ColumnError,
    ExclusionReason,
    Rule,
    RuleError,
    Votes,
    exclude,
    verdicts,
)
from studyapp.analytics.columns import Bool, Float64
from tests.studyapp.analytics.strategies import Panel, panels

R = ExclusionReason
FLAGS = ("test_run", "unconfirmed", "late", "withdrawn", "superseded", "exposure", "manual")


def reasons(raters: list[int], **options: Any) -> list[int]:
    """Reasons of votes on one question."""
    return [int(code) for code in exclude([0] * len(raters), rater=raters, **options).reason]


def test_without_anything_to_exclude_every_vote_counts() -> None:
    found = exclude([0, 0, 1], rater=[0, 1, 0])
    assert found.keep.all()
    assert set(found.counts.values()) == {0}


def test_a_vote_gets_the_first_reason_that_fits() -> None:
    """Row i carries every flag from the i-th on; the window and surplus fit them all."""
    length = len(FLAGS)
    flags = {name: [row <= place for row in range(length)] for place, name in enumerate(FLAGS)}
    found = reasons(list(range(length)), seconds=[1.0] * length, window=(20, 180), n=1, **flags)
    early = [R.TEST_RUN, R.UNCONFIRMED, R.LATE, R.WITHDRAWN, R.SUPERSEDED, R.EXPOSURE]
    assert found == [*early, R.TOO_FAST]


def test_reasons_are_listed_in_the_order_they_are_tried() -> None:
    codes = [int(code) for code in R]
    assert codes == sorted(codes)
    assert codes[0] > KEPT
    assert codes[-1] <= np.iinfo(np.int8).max
    assert [code.slug for code in R] == [
        "test_run",
        "unconfirmed",
        "late",
        "withdrawn",
        "superseded",
        "exposure",
        "duplicate",
        "too_fast",
        "too_slow",
        "manual",
        "surplus",
    ]
    assert R(60) is R.TOO_FAST
    assert all(code.label for code in R)


def test_the_first_vote_of_a_rater_stays_by_order_not_by_row() -> None:
    assert reasons([3, 3, 4], order=[9, 2, 5]) == [R.DUPLICATE, KEPT, KEPT]


def test_votes_of_a_rater_on_other_questions_are_no_duplicates() -> None:
    assert exclude([0, 1], rater=[0, 0]).keep.all()


def test_an_undone_vote_gives_way_to_the_later_answer() -> None:
    assert reasons([0, 0], superseded=[True, False]) == [R.SUPERSEDED, KEPT]


@pytest.mark.parametrize("flag", ["test_run", "unconfirmed", "withdrawn", "exposure"])
def test_a_vote_that_never_counted_takes_no_place(flag: str) -> None:
    assert reasons([0, 0], **{flag: [True, False]})[1] == KEPT


def test_a_second_vote_stays_a_duplicate_when_the_first_was_too_fast() -> None:
    found = reasons([0, 0], seconds=[1.0, 60.0], window=(20, 180))
    assert found == [R.TOO_FAST, R.DUPLICATE]


def test_both_ends_of_the_window_are_inside_and_unknown_times_stay() -> None:
    seconds = [19.999, 20.0, 180.0, 180.001, np.nan]
    found = reasons([0, 1, 2, 3, 4], seconds=seconds, window=(20, 180))
    assert found == [R.TOO_FAST, KEPT, KEPT, R.TOO_SLOW, KEPT]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (None, [KEPT, KEPT]),
        ((None, 5), [KEPT, R.TOO_SLOW]),
        ((5, None), [R.TOO_FAST, KEPT]),
        ((0, 0), [KEPT, R.TOO_SLOW]),
    ],
)
def test_an_end_of_the_window_may_be_open(
    window: tuple[float | None, float | None] | None, expected: list[int]
) -> None:
    assert reasons([0, 1], seconds=[0.0, 9.0], window=window) == expected


def test_without_times_the_window_excludes_nobody() -> None:
    assert reasons([0, 1], window=(20, 180)) == [KEPT, KEPT]


def test_surplus_keeps_the_first_n_of_those_that_count() -> None:
    found = reasons(
        [0, 1, 2, 3], order=[3, 2, 1, 0], seconds=[60, 60, 60, 1.0], window=(20, 180), n=2
    )
    assert found == [R.SURPLUS, KEPT, KEPT, R.TOO_FAST]


def test_surplus_counts_unsure_votes_as_places_by_not_looking_at_answers() -> None:
    kept = exclude([0] * 6, rater=range(6), n=5).keep
    votes = Votes.from_columns([0] * 6, rater=range(6), answer=[-1, 1, 1, 1, 0, 1]).valid(kept)
    assert verdicts(votes, rule=Rule()).code.tolist() == [-1]


@pytest.mark.parametrize("window", [(-1, 5), (5, 4), (np.nan, 5), (0, np.inf)])
def test_an_impossible_window_is_refused(window: tuple[float, float]) -> None:
    with pytest.raises(RuleError, match="timing window"):
        exclude([0], rater=[0], window=window)


def test_bad_input_is_refused() -> None:
    with pytest.raises(RuleError, match="n=0"):
        exclude([0], rater=[0], n=0)
    with pytest.raises(ColumnError, match="Column manual has 2 rows where 1 are needed"):
        exclude([0], rater=[0], manual=[True, False])
    with pytest.raises(ColumnError, match="share order 1"):
        exclude([0, 0], rater=[0, 1], order=[1, 1])


def test_no_votes_at_all() -> None:
    data = exclude([], rater=[], n=5).to_dict()
    assert (data["n_votes"], data["n_kept"], data["n_excluded"]) == (0, 0, 0)


def test_the_counts_are_json_safe_and_add_up() -> None:
    found = exclude([0, 0, 0], rater=[0, 0, 1], test_run=[False, False, True])
    data = json.loads(json.dumps(found.to_dict()))
    assert (data["n_votes"], data["n_kept"], data["n_excluded"]) == (3, 1, 2)
    assert {slug: n for slug, n in data["by_reason"].items() if n} == {
        "test_run": 1,
        "duplicate": 1,
    }


def by_hand(
    panel: Panel, flags: dict[str, Bool], seconds: Float64, n: int, low: float, high: float
) -> list[int]:
    """The definition, one vote at a time in order."""
    found = [0] * panel.order.size
    seen: set[tuple[int, int]] = set()
    places: dict[int, int] = {}
    for row in np.argsort(panel.order).tolist():
        question, pair = int(panel.question[row]), (int(panel.question[row]), int(panel.rater[row]))
        early = [ExclusionReason[name.upper()] for name in FLAGS[:6] if flags[name][row]]
        if early:
            found[row] = early[0]
            continue
        if pair in seen:
            found[row] = R.DUPLICATE
            continue
        seen.add(pair)
        if seconds[row] < low:
            found[row] = R.TOO_FAST
        elif seconds[row] > high:
            found[row] = R.TOO_SLOW
        elif flags["manual"][row]:
            found[row] = R.MANUAL
        elif places.get(question, 0) == n:
            found[row] = R.SURPLUS
        else:
            places[question] = places.get(question, 0) + 1
    return found


@pytest.mark.slow
@given(panels(second_votes=True), st.integers(1, 5), st.integers(0, 3), st.data())
def test_a_slow_reading_of_the_definition_agrees(
    panel: Panel, n: int, low: int, data: st.DataObject
) -> None:
    length = panel.order.size
    mask = st.lists(st.booleans(), min_size=length, max_size=length)
    flags = {name: np.array(data.draw(mask), dtype=np.bool_) for name in FLAGS}
    times = st.sampled_from([0.0, 1.0, 2.0, 3.0, 6.0, np.nan])
    seconds = np.array(data.draw(st.lists(times, min_size=length, max_size=length)), dtype=float)
    found = exclude(
        panel.question,
        rater=panel.rater,
        order=panel.order,
        seconds=seconds,
        window=(low, 3),
        n=n,
        **flags,
    )
    assert found.reason.tolist() == by_hand(panel, flags, seconds, n, low, 3)
    assert (found.keep == (found.reason == KEPT)).all()
    # What is kept is what Votes accepts.
    Votes.from_columns(
        panel.question[found.keep],
        rater=panel.rater[found.keep],
        answer=panel.answer[found.keep],
        order=panel.order[found.keep],
    )
