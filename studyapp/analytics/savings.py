"""What early stopping would have saved on votes that were all given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studyapp.analytics.columns import Bool, Int32, frozen, places, running_count
from studyapp.analytics.errors import RuleError
from studyapp.analytics.groups import group_ends
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.votes import Answer, Votes


@dataclass(frozen=True, eq=False)
class Savings:
    """Votes that would have been used; a question is settled when `stop_now` no longer says ask.

    n_questions: those with a vote. n_votes: the votes among the first n of their question.
    n_used: of these, the votes up to the end of the group in which the question was settled, or
    all of a question that never was; saved_share = 1 - n_used / n_votes, None without votes.
    n_curtailed: questions with a vote that is not used. What remains of them is biased in
    everything but the verdict: no histogram of yes counts, no kappa.
    used: int32[Q], votes used of every question. keep: bool[V], whether a vote is used; the
    verdicts of `votes.valid(keep)` are those of all votes.
    """

    rule: Rule
    groups: tuple[int, ...] | None
    n_questions: int
    n_votes: int
    n_used: int
    saved_share: float | None
    n_curtailed: int
    used: Int32
    keep: Bool

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the counts, saved_share, groups and the rule; not the columns."""
        return payload(
            method="curtailment",
            rule=self.rule.to_dict(),
            groups=self.groups,
            n_questions=self.n_questions,
            n_votes=self.n_votes,
            n_used=self.n_used,
            saved_share=self.saved_share,
            n_curtailed=self.n_curtailed,
        )


def savings(votes: Votes, *, rule: Rule, groups: Sequence[int] | None = None) -> Savings:
    """Replay the votes in order, asking one by one or in groups, and stop where it is certain.

    groups: sizes that add up to rule.n; None is one by one. Raises RuleError for other groups or a
    rule with `extra="fraction"`.
    """
    if rule.extra != "first":
        raise RuleError('Early stopping needs extra="first"; a fraction is never final.')
    ends = np.array((0, *group_ends(groups, rule=rule)))
    rows = votes.by_question
    place = places(votes.question[rows], n_questions=votes.n_questions)
    rows, place = rows[place < rule.n], place[place < rule.n]
    question, answer = votes.question[rows], rule.recode(votes.answer[rows])
    given = np.bincount(question, minlength=votes.n_questions)
    yes, no = (
        running_count(answer == kind, question=question, n_questions=votes.n_questions)
        for kind in (Answer.YES, Answer.NO)
    )
    left = rule.n - 1 - place
    out_of_reach = (yes + left < rule.k) & (no + left < rule.no_to_reject)
    settled = (yes >= rule.k) | (no >= rule.no_to_reject) | out_of_reach
    # Backwards, so that the first settled row of a question is what stays.
    at = np.full(votes.n_questions, rule.n)
    first = np.flatnonzero(settled)[::-1]
    at[question[first]] = place[first] + 1
    used = np.minimum(ends[np.searchsorted(ends, at)], given)
    keep = np.zeros(len(votes), dtype=np.bool_)
    keep[rows[place < used[question]]] = True
    n_votes, n_used = rows.size, int(used.sum())
    return Savings(
        rule=rule,
        groups=None if groups is None else tuple(int(size) for size in groups),
        n_questions=int(np.count_nonzero(given)),
        n_votes=n_votes,
        n_used=n_used,
        saved_share=1 - n_used / n_votes if n_votes else None,
        n_curtailed=int(np.count_nonzero(used < given)),
        used=frozen(used.astype(np.int32)),
        keep=frozen(keep),
    )
