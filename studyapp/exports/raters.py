"""raters: what each rater did, under a pseudonym."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import numpy as np

from studyapp.analytics import rater_report
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
    n_unsure integer Raw answers unsure among them
    yes_n integer Valid votes that are yes or no, as the rule reads unsure
    yes_rate share Those that are yes / yes_n
    peer_n integer Questions with such a vote of this rater and one of another
    peer_pairs integer Pairs of votes compared on them
    peer_agreement share Mean over peer_n of the share of the others' votes that equal this rater's
    peer_low share Lower end of its interval (Wilson, 95 %, n = peer_n)
    peer_high share Upper end of it
    median_rt_s number Median seconds of the votes that count
    longest_run integer Most valid votes in a row with the same raw answer
    excluded boolean Whether none of the rater's votes counts
    """
)


def rater_rows(analysis: Analysis, *, pseudonyms: Pseudonyms) -> Iterator[tuple[Cell, ...]]:
    """Rows of RATER_COLUMNS by pseudonym, which tells nothing of who came first."""
    names = [pseudonyms.of(public_id) for public_id in _public_ids(analysis)]
    given = np.bincount(analysis.votes.rater, minlength=len(names))
    found = rater_report(analysis.valid, unsure=analysis.rule.unsure)
    for place in sorted(range(len(names)), key=names.__getitem__):
        n_valid = int(found.n_votes[place])
        yield (
            names[place],
            int(given[place]),
            n_valid,
            int(found.n_unsure[place]),
            int(found.yes_rate.n[place]),
            _defined(found.yes_rate.share[place]),
            int(found.peer_agreement.n[place]),
            int(found.n_pairs[place]),
            _defined(found.peer_agreement.share[place]),
            _defined(found.peer_agreement.low[place]),
            _defined(found.peer_agreement.high[place]),
            _defined(found.median_seconds[place]),
            int(found.longest_run[place]),
            n_valid == 0,
        )


def _defined(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _public_ids(analysis: Analysis) -> list[UUID]:
    keys = analysis.votes.raters.tolist()
    found: dict[int, UUID] = {}
    for start in range(0, len(keys), KEYS_PER_FETCH):
        part = keys[start : start + KEYS_PER_FETCH]
        found.update(Rater.objects.filter(pk__in=part).values_list("pk", "public_id"))
    return [found[key] for key in keys]
