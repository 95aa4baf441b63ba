"""Every vote of a study as columns, and which of them count."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from django.db.models import (
    Case,
    Count,
    Expression,
    ExpressionWrapper,
    F,
    Field,
    FloatField,
    IntegerField,
    Max,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from studyapp.analytics import Answer, Exclusion, Votes, Window, exclude
from studyapp.exposure import exposed_votes
from studyapp.models import Study, Vote
from studyapp.vocabulary import CONFIRMED_ASSIGNMENT_STATES
from studyapp.vocabulary import Answer as RawAnswer

ROWS_PER_FETCH = 5_000

#: The order of votes: the server's time of submission, then the key. Without a time comes last:
#: votes gathered elsewhere fill up what a study's own raters left, and never displace them.
IN_ORDER = (F("submitted_at").asc(nulls_last=True), F("pk").asc())

#: What the clocks of the marketplace and of this site may differ by. An answer that arrives longer
#: after the hand-in was changed when the work was done and paid for.
LATE_AFTER = timedelta(seconds=30)

_Rows: TypeAlias = Iterable[tuple[object, ...]]

_ROW = np.dtype(
    [
        ("vote", "i8"),
        ("question", "i8"),
        ("rater", "i8"),
        ("answer", "i1"),
        ("seconds", "f8"),
        ("assignment", "i8"),
        ("trial", "i8"),
        ("sequence", "i4"),
        ("test_run", "?"),
        ("unconfirmed", "?"),
        ("late", "?"),
        ("manual", "?"),
    ]
)


@dataclass(frozen=True, eq=False)
class VoteTable:
    """All V votes of a study, excluded or not, in the order they were given.

    vote: int64[V] keys. question: int32[V], rows of `questions`; rater: int32[V], rows of
    `raters`. answer: int8[V] codes of analytics.Answer. seconds: float64[V], active time where
    known, else the time by the server's clock, NaN where neither is.
    test_run, unconfirmed, late, superseded, exposure, manual: bool[V], what the exclusions look at.
    questions: int64[Q] and raters: int64[R], keys in rising order.
    """

    vote: npt.NDArray[np.int64]
    question: npt.NDArray[np.int32]
    rater: npt.NDArray[np.int32]
    answer: npt.NDArray[np.int8]
    seconds: npt.NDArray[np.float64]
    test_run: npt.NDArray[np.bool_]
    unconfirmed: npt.NDArray[np.bool_]
    late: npt.NDArray[np.bool_]
    superseded: npt.NDArray[np.bool_]
    exposure: npt.NDArray[np.bool_]
    manual: npt.NDArray[np.bool_]
    questions: npt.NDArray[np.int64]
    raters: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return self.vote.size


def load_votes(study: Study, *, about: Collection[int] | None = None) -> VoteTable:
    """The study's votes, without those on trials with a known answer.

    Some 120 bytes a vote while loading, 60 after.

    `about` names the keys of questions whose votes alone are wanted. Every exclusion looks at
    one question's votes, or at all that a rater saw, so the same of them count as among all.
    """
    rows = _in_order(*_fetch(study, about=about))
    questions, question = np.unique(rows["question"], return_inverse=True)
    raters, rater = np.unique(rows["rater"], return_inverse=True)
    return VoteTable(
        vote=rows["vote"].copy(),
        question=question.astype(np.int32),
        rater=rater.astype(np.int32),
        answer=rows["answer"].copy(),
        seconds=rows["seconds"].copy(),
        test_run=rows["test_run"].copy(),
        unconfirmed=rows["unconfirmed"].copy(),
        late=rows["late"].copy(),
        superseded=_superseded(rows),
        exposure=np.isin(rows["vote"], exposed_votes(study)),
        manual=rows["manual"].copy(),
        questions=questions,
        raters=raters,
    )


def exclude_votes(
    votes: VoteTable, *, study: Study, by_choice: bool = True, window: Window | None = None
) -> Exclusion:
    """Which votes count under the study's rules, by the one order of reasons.

    by_choice: with a timing window, the study's unless `window` is another, and its number of
    votes; without, both are left to who compares choices of them. Consent cannot be withdrawn in
    the product yet, so no vote is excluded for it.
    """
    return exclude(
        votes.question,
        rater=votes.rater,
        seconds=votes.seconds,
        test_run=votes.test_run,
        unconfirmed=votes.unconfirmed,
        late=votes.late,
        superseded=votes.superseded,
        exposure=votes.exposure,
        manual=votes.manual,
        window=(window or window_of(study)) if by_choice else None,
        n=study.raters_per_trial if by_choice else None,
    )


def window_of(study: Study) -> Window:
    """The study's own timing window; an end that is None is open."""
    return study.seconds_min, study.seconds_max


def valid_votes(
    votes: VoteTable,
    *,
    keep: npt.NDArray[np.bool_],
    questions: npt.NDArray[np.int64],
) -> Votes:
    """The votes that count, over `questions` (rising keys that include those of `votes`)."""
    row = np.searchsorted(questions, votes.questions).astype(np.int32)
    return Votes.from_columns(
        row[votes.question[keep]],
        rater=votes.rater[keep],
        answer=votes.answer[keep],
        order=np.flatnonzero(keep),
        seconds=votes.seconds[keep],
        n_questions=questions.size,
        n_raters=votes.raters.size,
    )


def votes_stand(study: Study) -> tuple[int, str | None]:
    """How many votes the study has, and the UTC time of the last one (ISO 8601)."""
    stand = Vote.objects.filter(study=study).aggregate(n=Count("pk"), last=Max("submitted_at"))
    return stand["n"], stand["last"].isoformat() if stand["last"] else None


def _in_order(timed: _Rows, untimed: _Rows) -> npt.NDArray[np.void]:
    """All rows, IN_ORDER: those with a time as they come, then the others by their key.

    A public ledger has no times and millions of votes; a database sorts so many on its disk.
    """
    rows = np.fromiter(timed, dtype=_ROW)
    others = np.fromiter(untimed, dtype=_ROW)
    by_key = np.argsort(others["vote"], kind="stable")
    for name in _ROW.names or ():
        others[name] = others[name][by_key]
    return np.concatenate((rows, others)) if rows.size else others


def _fetch(study: Study, *, about: Collection[int] | None) -> tuple[_Rows, _Rows]:
    """Rows of _ROW with a time, in their order, and those without, in any.

    The database works out the flags, so that no vote becomes an object.
    """
    votes = Vote.objects.filter(study=study)
    if study.gold_per_hit:
        # Answers to trials with a known answer tell about raters and nothing else.
        votes = votes.filter(Q(trial__isnull=True) | Q(trial__known_answer=""))
    if about is not None:
        votes = votes.filter(question__in=about)
    return (
        _rows(votes.filter(submitted_at__isnull=False).order_by(*IN_ORDER)),
        _rows(votes.filter(submitted_at__isnull=True).order_by()),
    )


def _rows(votes: QuerySet[Vote]) -> _Rows:
    unconfirmed = Q(assignment__isnull=False) & ~Q(
        assignment__state__in=sorted(CONFIRMED_ASSIGNMENT_STATES)
    )
    return votes.values_list(
        "pk",
        "question_id",
        "rater_id",
        _AsStored(
            Case(
                When(answer=RawAnswer.YES, then=Value(int(Answer.YES))),
                When(answer=RawAnswer.NO, then=Value(int(Answer.NO))),
                default=Value(int(Answer.UNSURE)),
            )
        ),
        _AsStored(Coalesce("active_seconds", "seconds"), field=FloatField()),
        _AsStored(Coalesce("assignment_id", 0)),
        _AsStored(Coalesce("trial_id", 0)),
        "sequence",
        _flag(Q(rater__is_test=True) | Q(assignment__is_test=True)),
        _flag(unconfirmed),
        _flag(Q(submitted_at__gt=F("assignment__submitted_at") + LATE_AFTER)),
        _flag(Q(manual_exclusion__isnull=False)),
    ).iterator(chunk_size=ROWS_PER_FETCH)


class _AsStored(ExpressionWrapper[Expression]):
    """A number as the database gives it: Django makes it a number again, row by row.

    That took a third of the time of loading millions of votes.
    """

    def __init__(self, expression: Expression, *, field: Field[Any, Any] | None = None) -> None:
        super().__init__(expression, output_field=field or IntegerField())

    def get_db_converters(self, connection: object) -> list[Callable[..., object]]:
        return []


def _flag(condition: Q) -> _AsStored:
    return _AsStored(Case(When(condition, then=Value(1)), default=Value(0)))


def _superseded(rows: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    """All but the last answer to a trial within an assignment; a late one takes nothing back."""
    superseded = np.zeros(rows.size, dtype=np.bool_)
    answered_here = np.flatnonzero((rows["assignment"] > 0) & (rows["trial"] > 0) & ~rows["late"])
    here = rows[answered_here]
    by_answer = np.lexsort((here["sequence"], here["trial"], here["assignment"]))
    here = here[by_answer]
    same = (here["assignment"][1:] == here["assignment"][:-1]) & (
        here["trial"][1:] == here["trial"][:-1]
    )
    superseded[answered_here[by_answer[:-1][same]]] = True
    return superseded
