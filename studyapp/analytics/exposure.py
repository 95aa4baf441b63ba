"""Exposure: votes of raters who had just seen pictures of another arm."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Bool, Int64, frozen, id_column, integer_column
from studyapp.analytics.errors import ColumnError, RuleError


def exposed(
    rater: npt.ArrayLike,
    *,
    arm: npt.ArrayLike,
    at: npt.ArrayLike,
    seen_by: npt.ArrayLike,
    seen_arm: npt.ArrayLike,
    first: npt.ArrayLike,
    last: npt.ArrayLike,
    cooldown: int,
) -> Bool:
    """bool[V]: whether a vote came within the cooldown of what its rater saw in another arm.

    rater, arm: int32[V] ids from 0, whose vote it is and the arm it is about; at: int64[V], when
    it was given. seen_by, seen_arm: int32[S], who saw pictures of which arm, from first: int64[S]
    to last: int64[S]. cooldown: > 0. Times and cooldown are in one unit, from one origin.

    A vote at t is exposed when, in an arm that is not its own, some sighting of its rater has
    first <= t and last > t - cooldown: exactly a cooldown later it is not. What its rater sees
    afterwards does not touch it. (Stock and Cisse 2018, section 3.2, keep the two arms of their
    study three days apart; that this holds for each rater is ours.)
    Raises ColumnError for bad columns, RuleError for a cooldown that is none.
    """
    if cooldown <= 0:
        raise RuleError(f"A cooldown of {cooldown} excludes nothing; give more than 0.")
    raters, _ = id_column("rater", rater)
    arms, _ = id_column("arm", arm, length=raters.size)
    given = integer_column("at", at, length=raters.size)
    people, _ = id_column("seen_by", seen_by)
    shown, _ = id_column("seen_arm", seen_arm, length=people.size)
    begins = integer_column("first", first, length=people.size)
    ends = integer_column("last", last, length=people.size)
    if (ends < begins).any():
        row = int((ends < begins).argmax())
        raise ColumnError(f"Row {row} is seen until {ends[row]}, before it began at {begins[row]}.")
    found = np.zeros(raters.size, dtype=np.bool_)
    votes_of = _groups(raters)
    for person, seen in _groups(people).items():
        votes = votes_of.get(person)
        if votes is None:
            continue
        for own in np.unique(arms[votes]):
            here, others = votes[arms[votes] == own], seen[shown[seen] != own]
            if others.size:
                found[here] = _within(
                    given[here], first=begins[others], last=ends[others], cooldown=cooldown
                )
    return frozen(found)


def _groups(ids: npt.NDArray[np.int32]) -> dict[int, Int64]:
    """Row numbers of each id."""
    if not ids.size:
        return {}
    rows = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.diff(ids[rows], prepend=-1))
    return {int(ids[part[0]]): part for part in np.split(rows, starts[1:])}


def _within(at: Int64, *, first: Int64, last: Int64, cooldown: int) -> Bool:
    """bool[N]: whether any sighting that had begun by `at` ended less than a cooldown before."""
    order = np.argsort(first, kind="stable")
    # The latest end among all that have begun so far: one look-up tells.
    latest = np.maximum.accumulate(last[order])
    begun = np.searchsorted(first[order], at, side="right") - 1
    return (begun >= 0) & (latest[np.maximum(begun, 0)] > at - cooldown)
