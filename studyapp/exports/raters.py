"""raters: what each rater did, under a pseudonym."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import numpy as np

from studyapp.analytics import Answer
from studyapp.exports.columns import Cell, described
from studyapp.exports.pseudonyms import Pseudonyms
from studyapp.models import Rater
from studyapp.reports import Analysis

KEYS_PER_FETCH = 500

RATER_COLUMNS = described(
    """
    rater_id string Pseudonym that holds within this export
    n_votes integer Votes given
    n_valid integer Votes that count
    n_yes integer Raw answers yes among them
    n_no integer Raw answers no among them
    n_unsure integer Raw answers unsure among them
    yes_rate share n_yes / (n_yes + n_no)
    peer_n integer Pairs of a vote of this rater and one of another on the same question
    peer_agreement share Those of them that give the same answer / peer_n
    median_rt_s number Median seconds of the votes that count
    excluded boolean Whether none of the rater's votes counts
    """
)


def rater_rows(analysis: Analysis, *, pseudonyms: Pseudonyms) -> Iterator[tuple[Cell, ...]]:
    """Rows of RATER_COLUMNS by pseudonym, which tells nothing of who came first."""
    names = [pseudonyms.of(public_id) for public_id in _public_ids(analysis)]
    valid, n_raters = analysis.valid, len(names)
    given = np.bincount(analysis.votes.rater, minlength=n_raters).tolist()
    by_answer = {
        code: np.bincount(valid.rater[valid.answer == code], minlength=n_raters).tolist()
        for code in Answer
    }
    peers, agreeing = _peers(analysis, n_raters)
    medians = _median_seconds(analysis, n_raters)
    for place in sorted(range(n_raters), key=names.__getitem__):
        yes, no, unsure = (
            by_answer[code][place] for code in (Answer.YES, Answer.NO, Answer.UNSURE)
        )
        n_valid = yes + no + unsure
        yield (
            names[place],
            given[place],
            n_valid,
            yes,
            no,
            unsure,
            yes / (yes + no) if yes + no else None,
            peers[place],
            agreeing[place] / peers[place] if peers[place] else None,
            medians[place],
            n_valid == 0,
        )


def _public_ids(analysis: Analysis) -> list[UUID]:
    keys = analysis.votes.raters.tolist()
    found: dict[int, UUID] = {}
    for start in range(0, len(keys), KEYS_PER_FETCH):
        part = keys[start : start + KEYS_PER_FETCH]
        found.update(Rater.objects.filter(pk__in=part).values_list("pk", "public_id"))
    return [found[key] for key in keys]


def _peers(analysis: Analysis, n_raters: int) -> tuple[list[int], list[int]]:
    """Per rater, the other votes on the same questions, and those of them that agree."""
    valid = analysis.valid
    counts = valid.counts3()
    column = np.array([1, 0, 2])[valid.answer]
    others = counts.sum(axis=1)[valid.question] - 1
    same = counts[valid.question, column] - 1
    # Sums of whole numbers below 2**53 are exact in float64.
    n_others, n_same = (
        np.bincount(valid.rater, weights=weights, minlength=n_raters).astype(np.int64).tolist()
        for weights in (others, same)
    )
    return n_others, n_same


def _median_seconds(analysis: Analysis, n_raters: int) -> list[float | None]:
    valid = analysis.valid
    if valid.seconds is None:
        return [None] * n_raters
    known = ~np.isnan(valid.seconds)
    rater, seconds = valid.rater[known], valid.seconds[known]
    by_rater = np.argsort(rater, kind="stable")
    ends = np.cumsum(np.bincount(rater, minlength=n_raters))[:-1]
    return [
        float(np.median(part)) if part.size else None for part in np.split(seconds[by_rater], ends)
    ]
