"""What a report of raters is made of: one row for each, and what all are compared with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShareOf:
    """A share of `n` with Wilson's 95 % interval; None where n is 0."""

    n: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class RaterRow:
    """One rater, by the key of our record. docs/reference/raters.md defines every field."""

    rater: int
    n_votes: int
    n_valid: int
    n_unsure: int
    #: Votes that do not count, by the slug of the reason; reasons without a vote are left out.
    excluded: dict[str, int]
    yes: ShareOf
    peers: ShareOf
    peer_pairs: int
    #: The study's own trials with a known answer: right ones among yes and no.
    known: ShareOf
    known_unsure: int
    gold: ShareOf
    gold_sensitivity: ShareOf
    gold_specificity: ShareOf
    #: Chance of yes where the class is yes, and of no where it is no, by Dawid and Skene.
    ds_sensitivity: float | None
    ds_specificity: float | None
    n_timed: int
    median_seconds: float | None
    #: None where raters choose among places that are drawn for each of them.
    longest_run: int | None
    flags: tuple[str, ...]

    @property
    def n_excluded(self) -> int:
        return self.n_votes - self.n_valid

    @property
    def unsure_share(self) -> float | None:
        return self.n_unsure / self.n_valid if self.n_valid else None


@dataclass(frozen=True)
class RaterQuality:
    """Every rater with a vote, by key, and what they are compared with.

    The medians are over raters with such a figure. n_gold: questions whose right answer
    experts or the reassessed labels tell and that have a vote that counts.
    """

    unsure: str
    rows: tuple[RaterRow, ...]
    n_gold: int
    #: Those of them that experts answered.
    n_expert: int
    #: Answers to the study's own trials with a known answer.
    n_known: int
    #: Shares of yes, no and unsure among the votes that count.
    answer_shares: tuple[float, ...]
    median_peer_agreement: float | None
    median_accuracy: float | None
    #: Tukey's lower fences: the lower quartile less 1.5 times the range between the quartiles.
    peer_fence: float | None
    accuracy_fence: float | None
    median_seconds: float | None
    #: Whether Dawid and Skene's estimate settled; None where there is none: without a vote that
    #: counts, or where raters do not say yes or no themselves.
    ds_converged: bool | None
