"""Say of every vote of a study that does not count why it does not. No vote is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from studyapp.analytics import KEPT, ExclusionReason
from studyapp.audit import record
from studyapp.models import Exclusion, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.row_locks import lock_study
from studyapp.selectors.votes import exclude_votes, load_votes

#: Rows per statement; SQLite takes no more parameters in one.
ROWS_PER_STATEMENT = 500


@dataclass(frozen=True)
class FilterVotesSummary:
    """What the study's votes came to, and how many exclusions this run wrote."""

    study: str
    n_votes: int
    n_valid: int
    #: Excluded votes by reason, in the order of the reasons, without zeros.
    by_reason: dict[ExclusionReason, int]
    n_added: int
    n_changed: int
    n_removed: int

    def lines(self) -> list[str]:
        excluded = self.n_votes - self.n_valid
        found = [f"{reason.label}: {n:,}" for reason, n in self.by_reason.items()]
        wrote = (
            f"Wrote {self.n_added:,} new, {self.n_changed:,} changed and took back "
            f"{counted(self.n_removed, 'exclusion')}."
        )
        unchanged = "No exclusion had to be added or taken back."
        votes = counted(self.n_votes, "vote")
        return [
            f"{self.study}: {votes}, {self.n_valid:,} count, {excluded:,} do not.",
            *(f"  {line}" for line in found),
            wrote if self.n_added or self.n_changed or self.n_removed else unchanged,
            f"Next: manage.py analyse {self.study}",
        ]


def filter_votes(
    study: Study, *, actor: AbstractBaseUser | None = None, progress: Progress = silent
) -> FilterVotesSummary:
    """Make the study's Exclusion rows say what its votes and rules say now.

    Rows that are right already stay untouched. Two runs at once queue up behind the study's row,
    so that the later one never works from older votes.
    """
    with transaction.atomic():
        # Without `no_key`, PostgreSQL would hold up raters, whose votes refer to the study.
        study = lock_study(study)
        votes = load_votes(study)
        exclusion = exclude_votes(votes, study=study)
        out = exclusion.reason != KEPT
        codes = exclusion.reason[out].tolist()
        wanted = dict(zip(votes.vote[out].tolist(), codes, strict=True))
        added, changed, removed = _replace(study, wanted, progress)
        summary = FilterVotesSummary(
            study=study.name,
            n_votes=len(votes),
            n_valid=len(votes) - len(wanted),
            by_reason={reason: n for reason, n in exclusion.counts.items() if n},
            n_added=added,
            n_changed=changed,
            n_removed=removed,
        )
        _record(summary, study, actor)
    return summary


def _replace(study: Study, wanted: dict[int, int], progress: Progress) -> tuple[int, int, int]:
    stored = dict(
        Exclusion.objects.filter(vote__study=study).values_list("vote_id", "reason").iterator()
    )
    reasons = {vote: ExclusionReason(code).slug for vote, code in wanted.items()}
    wrong = [vote for vote, reason in stored.items() if reasons.get(vote) != reason]
    for done, votes in _batches(wrong):
        Exclusion.objects.filter(vote_id__in=votes).delete()
        progress(done, len(wrong), "taking back")
    missing = [vote for vote, reason in reasons.items() if stored.get(vote) != reason]
    for done, votes in _batches(missing):
        Exclusion.objects.bulk_create(
            Exclusion(vote_id=vote, reason=reasons[vote]) for vote in votes
        )
        progress(done, len(missing), "writing")
    changed = sum(vote in reasons for vote in wrong)
    return len(missing) - changed, changed, len(wrong) - changed


def _batches(votes: Sequence[int]) -> Iterator[tuple[int, Sequence[int]]]:
    """Parts of `votes`, each with the number reached at its end."""
    for start in range(0, len(votes), ROWS_PER_STATEMENT):
        part = votes[start : start + ROWS_PER_STATEMENT]
        yield start + len(part), part


def _record(summary: FilterVotesSummary, study: Study, actor: AbstractBaseUser | None) -> None:
    record(
        "filter_votes",
        study=study,
        actor=actor,
        summary={
            "votes": summary.n_votes,
            "valid": summary.n_valid,
            "excluded": {reason.slug: n for reason, n in summary.by_reason.items()},
            "added": summary.n_added,
            "changed": summary.n_changed,
            "removed": summary.n_removed,
        },
    )
