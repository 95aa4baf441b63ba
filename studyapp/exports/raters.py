"""raters: what each rater did, under a pseudonym."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from studyapp.analytics import ExclusionReason
from studyapp.exports.columns import Cell, Column, Table, described
from studyapp.exports.pseudonyms import Pseudonyms
from studyapp.models import Rater
from studyapp.reports import Analysis
from studyapp.reports.rater_quality import rater_quality
from studyapp.reports.rater_rows import RaterQuality, RaterRow

KEYS_PER_FETCH = 500

RATER_COLUMNS = (
    *described(
        """
        rater_id string Pseudonym that holds within this export
        n_votes integer Votes given
        n_valid integer Votes that count
        n_unsure integer Raw answers unsure among them
        yes_n integer Valid votes that are yes or no, as the rule reads unsure
        yes_rate share Those that are yes / yes_n
        peer_n integer Questions with such a vote of this rater and one of another
        peer_pairs integer Pairs of votes compared on them
        peer_agreement share Mean over peer_n of the share of the others' votes equal to this one's
        peer_low share Lower end of its interval (Wilson, 95 %, n = peer_n)
        peer_high share Upper end of it
        median_rt_s number Median seconds of the votes that count
        longest_run integer Most valid votes in a row with the same raw answer; null in rounds
        excluded boolean Whether none of the rater's votes counts
        unsure_share share n_unsure / n_valid
        gold_n integer Valid yes or no votes on questions that experts or reassessed labels answer
        gold_accuracy share Those that equal this answer / gold_n
        gold_low share Lower end of its interval (Wilson, 95 %)
        gold_high share Upper end of it
        gold_sensitivity share Yes votes / votes where this answer is yes
        gold_specificity share No votes / votes where it is no
        ds_sensitivity share Chance of yes where the class is yes (Dawid and Skene)
        ds_specificity share Chance of no where it is no (Dawid and Skene)
        known_n integer Yes or no answers to the study's own trials with a known answer
        known_accuracy share Right ones / known_n
        flags string What is unusual, separated by ;
        """
    ),
    *(
        Column(f"n_{reason.slug}", "integer", f"Votes excluded: {reason.label.lower()}")
        for reason in ExclusionReason
    ),
)


def rater_table(analysis: Analysis, *, pseudonyms: Pseudonyms) -> Table:
    """Every rater with a vote."""
    return rater_table_of(
        rater_quality(analysis), names=rater_names(analysis.votes.raters.tolist(), pseudonyms)
    )


def rater_table_of(quality: RaterQuality, *, names: dict[int, str]) -> Table:
    """The same of what was counted already; `names` has a pseudonym for every rater's key."""
    return Table(
        name="raters",
        title="What each rater did",
        columns=RATER_COLUMNS,
        rows=_rows(quality, names),
        key=("rater_id",),
    )


def rater_names(keys: list[int], pseudonyms: Pseudonyms) -> dict[int, str]:
    """The pseudonym of each rater, by key."""
    found: dict[int, UUID] = {}
    for start in range(0, len(keys), KEYS_PER_FETCH):
        part = keys[start : start + KEYS_PER_FETCH]
        found.update(Rater.objects.filter(pk__in=part).values_list("pk", "public_id"))
    return {key: pseudonyms.of(public_id) for key, public_id in found.items()}


def _rows(quality: RaterQuality, names: dict[int, str]) -> Iterator[tuple[Cell, ...]]:
    """By pseudonym, which tells nothing of who came first."""
    for row in sorted(quality.rows, key=lambda row: names[row.rater]):
        yield (*_cells(row, names[row.rater]), *_excluded(row))


def _cells(row: RaterRow, name: str) -> tuple[Cell, ...]:
    return (
        name,
        row.n_votes,
        row.n_valid,
        row.n_unsure,
        row.yes.n,
        row.yes.share,
        row.peers.n,
        row.peer_pairs,
        row.peers.share,
        row.peers.low,
        row.peers.high,
        row.median_seconds,
        row.longest_run,
        row.n_valid == 0,
        row.unsure_share,
        row.gold.n,
        row.gold.share,
        row.gold.low,
        row.gold.high,
        row.gold_sensitivity.share,
        row.gold_specificity.share,
        row.ds_sensitivity,
        row.ds_specificity,
        row.known.n,
        row.known.share,
        ";".join(row.flags),
    )


def _excluded(row: RaterRow) -> tuple[int, ...]:
    return tuple(row.excluded.get(reason.slug, 0) for reason in ExclusionReason)
