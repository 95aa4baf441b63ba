"""Verdicts: what the votes on each question say under a rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from studyapp.analytics.columns import Int8, Int16, Int32, frozen, places, running_count
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.votes import Answer, Votes, count_answers

_LARGEST_COUNT = 2**15 - 1


class Verdict(IntEnum):
    """Codes of a verdict."""

    ACCEPTED = 1
    REJECTED = 0
    UNDECIDED = -1


@dataclass(frozen=True, eq=False)
class Verdicts:
    """One row per question, 0..Q-1; every array is read-only.

    code: int8[Q], 1 accepted, 0 rejected, -1 undecided.
    yes, no, unsure: int16[Q], the votes the rule looked at, as the rule counts them: with
    `unsure` recoded, `unsure` is 0 and the votes are in `yes` or `no`. Raw answers are
    `Votes.counts3()`.
    valid: int16[Q], yes + no, the votes that could decide.
    decided_at: int16[Q], how many votes (unsure ones too) had come in when the verdict was
    certain, 1..n; 0 where undecided. Under `extra="fraction"` all of them.
    """

    rule: Rule
    code: Int8
    yes: Int16
    no: Int16
    unsure: Int16
    valid: Int16
    decided_at: Int16

    def __len__(self) -> int:
        """The number of questions Q."""
        return self.code.size

    def n_of(self, verdict: Verdict) -> int:
        """How many questions have this verdict."""
        return int(np.count_nonzero(self.code == verdict))

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the rule, how many questions have each verdict, and the columns."""
        return payload(
            rule=self.rule.to_dict(),
            n_questions=len(self),
            n_accepted=self.n_of(Verdict.ACCEPTED),
            n_rejected=self.n_of(Verdict.REJECTED),
            n_undecided=self.n_of(Verdict.UNDECIDED),
            code=self.code,
            yes=self.yes,
            no=self.no,
            unsure=self.unsure,
            valid=self.valid,
            decided_at=self.decided_at,
        )


def verdicts(votes: Votes, *, rule: Rule) -> Verdicts:
    """The verdict on every question of `votes`, which hold only votes that count.

    With `rule.extra == "first"` a question is accepted when at least k of its first n votes in
    order say yes, rejected when more than n - k say no, and otherwise undecided: too few votes,
    or too many unsure ones. A question without votes is undecided.
    With `"fraction"` see Rule. Section 3.1 of Stock and Cisse (2018).
    """
    if rule.extra == "fraction":
        return _by_fraction(votes, rule)
    return _by_first_votes(votes, rule)


def _by_first_votes(votes: Votes, rule: Rule) -> Verdicts:
    rows = votes.by_question
    question, answer = votes.question[rows], votes.answer[rows]
    place = places(question, n_questions=votes.n_questions)
    first = place < rule.n
    if not first.all():
        question, answer, place = question[first], answer[first], place[first]
    answer = rule.recode(answer)
    table = count_answers(question, answer=answer, n_questions=votes.n_questions)
    code = np.full(votes.n_questions, Verdict.UNDECIDED, dtype=np.int8)
    decided_at = np.zeros(votes.n_questions, dtype=np.int16)
    # k yes and n - k + 1 no make n + 1 votes, so no question can meet both ends.
    ends = (
        (Answer.YES, rule.k, Verdict.ACCEPTED),
        (Answer.NO, rule.no_to_reject, Verdict.REJECTED),
    )
    for kind, needed, verdict in ends:
        given = answer == kind
        last = given & (
            running_count(given, question=question, n_questions=table.shape[0]) == needed
        )
        code[question[last]] = verdict
        decided_at[question[last]] = place[last] + 1
    return _verdicts(rule, table, code=code, decided_at=decided_at)


def _by_fraction(votes: Votes, rule: Rule) -> Verdicts:
    answer = rule.recode(votes.answer)
    table = count_answers(votes.question, answer=answer, n_questions=votes.n_questions)
    total = table.sum(axis=1)
    if total.size and int(total.max()) > _LARGEST_COUNT:
        raise ColumnError(
            f"Question {int(total.argmax())} has {int(total.max())} votes, more than "
            f'{_LARGEST_COUNT}; use extra="first".'
        )
    yes, valid = table[:, 0].astype(np.int64), table[:, :2].sum(axis=1, dtype=np.int64)
    decided = valid >= rule.votes_needed
    # Whole numbers: 4/5 is no binary fraction, and 8 of 10 must meet it.
    accepted = yes * rule.n >= valid * rule.k
    code = np.where(decided, accepted.astype(np.int8), np.int8(Verdict.UNDECIDED))
    decided_at = np.where(decided, total, 0)
    return _verdicts(rule, table, code=code, decided_at=decided_at.astype(np.int16))


def _verdicts(rule: Rule, table: Int32, *, code: Int8, decided_at: Int16) -> Verdicts:
    yes, no, unsure = (np.ascontiguousarray(column, dtype=np.int16) for column in table.T)
    return Verdicts(
        rule=rule,
        code=frozen(code),
        yes=frozen(yes),
        no=frozen(no),
        unsure=frozen(unsure),
        valid=frozen(yes + no),
        decided_at=frozen(decided_at),
    )
