"""What is unusual about a rater, as flags with their reasons in words; a person decides.

A flag never excludes a vote and never touches pay: whether work is paid is another matter than
whether its votes are usual.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studyapp.analytics.usual import ENOUGH, Usual
from studyapp.reports.rater_rows import RaterQuality, RaterRow, ShareOf

#: A median time below this part of the median rater's is flagged.
FAST = 1 / 3
#: Expected number of such runs below which a run of equal answers is flagged.
RARE_RUN = 0.001
#: Sensitivity + specificity - 1: what answers tell of the class; 0 is nothing.
LEAST_TOLD = 0.1
OFTEN = 0.5


@dataclass(frozen=True)
class Flag:
    """slug: its name in data. label: a word or two. meaning: when it is set, for a reader."""

    slug: str
    label: str
    meaning: str
    holds: Callable[[RaterRow, RaterQuality], bool]


def flags_of(row: RaterRow, *, among: RaterQuality) -> tuple[str, ...]:
    """Slugs of the flags that hold, in the order of FLAGS."""
    return tuple(flag.slug for flag in FLAGS if flag.holds(row, among))


def _few(row: RaterRow, _among: RaterQuality) -> bool:
    return row.n_valid < ENOUGH


def _disagrees(row: RaterRow, among: RaterQuality) -> bool:
    return _far_below(row.peers, Usual(among.median_peer_agreement, among.peer_fence))


def _wrong(row: RaterRow, among: RaterQuality) -> bool:
    return _far_below(row.gold, Usual(among.median_accuracy, among.accuracy_fence))


def _far_below(of: ShareOf, usual: Usual) -> bool:
    if of.share is None or of.high is None:
        return False
    return usual.far_above(of.share, n=of.n, high=of.high)


def _uninformative(row: RaterRow, _among: RaterQuality) -> bool:
    if row.n_valid < ENOUGH or row.ds_sensitivity is None or row.ds_specificity is None:
        return False
    return row.ds_sensitivity + row.ds_specificity - 1 < LEAST_TOLD


def _same(row: RaterRow, among: RaterQuality) -> bool:
    """A run as long as this is not expected even of the answer that is most common here."""
    if row.n_valid < ENOUGH or row.longest_run is None:
        return False
    common = max(among.answer_shares)
    return (row.n_valid - row.longest_run + 1) * common**row.longest_run < RARE_RUN


def _fast(row: RaterRow, among: RaterQuality) -> bool:
    if row.median_seconds is None or among.median_seconds is None:
        return False
    return row.n_timed >= ENOUGH and row.median_seconds < FAST * among.median_seconds


def _unsure(row: RaterRow, _among: RaterQuality) -> bool:
    return row.n_valid >= ENOUGH and (row.unsure_share or 0) > OFTEN


def _excluded(row: RaterRow, _among: RaterQuality) -> bool:
    return row.n_votes >= ENOUGH and row.n_excluded > OFTEN * row.n_votes


FLAGS = (
    Flag(
        "disagrees",
        "disagrees",
        "Agreement with the others is far below the usual (below the lower quartile by more than "
        "one and a half times the range between the quartiles), and its whole interval lies below "
        "the median rater’s.",
        _disagrees,
    ),
    Flag(
        "wrong_on_gold",
        "wrong where known",
        "The same of the answers that are known to be right.",
        _wrong,
    ),
    Flag(
        "uninformative",
        "says little",
        "By Dawid and Skene’s estimate, a yes is hardly more likely on what is a yes than on what "
        f"is a no: sensitivity + specificity − 1 is below {LEAST_TOLD:g}.",
        _uninformative,
    ),
    Flag(
        "same_answer",
        "long run",
        "Gave the same answer so many times in a row that fewer than one in a thousand raters "
        "would by chance, even with the answer that is most common in this study.",
        _same,
    ),
    Flag("fast", "fast", "The median time is below a third of the median rater’s.", _fast),
    Flag("often_unsure", "often cannot tell", "More than half of the answers are “cannot tell”.",
         _unsure),
    Flag("mostly_excluded", "mostly excluded", "More than half of the votes do not count.",
         _excluded),
    Flag(
        "few_votes",
        "few votes",
        f"Fewer than {ENOUGH} votes count: the shares say little, and no other flag but “mostly "
        "excluded” is set on so few.",
        _few,
    ),
)  # fmt: skip
