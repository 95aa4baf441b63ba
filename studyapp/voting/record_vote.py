"""Save an answer: one short transaction, one row, whatever is sent twice or at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from studyapp import clock
from studyapp.asking import question_type
from studyapp.models import Assignment, Question, Study, Vote
from studyapp.vocabulary import AssignmentState
from studyapp.voting.admission import admit_first_answer
from studyapp.voting.errors import AnsweredElsewhereError, BadAnswerError
from studyapp.voting.seats import locked_assignment
from studyapp.voting.sitting import Seat, Sitting, read_sitting
from studyapp.voting.timing import Report, answer_times, store_events

#: How often one answer may be taken back.
MOST_CHANGES = 20
LONGEST_ANSWER = 40


@dataclass(frozen=True)
class Recorded:
    """`repeated` tells that the vote was there already."""

    repeated: bool
    finished: bool


def record_vote(
    seat: Seat,
    *,
    trial: int,
    sequence: int,
    answer: str,
    report: Report | None = None,
    shown_at: datetime | None = None,
) -> Recorded:
    """Add the vote, or recognise it as one that is there.

    `sequence` is 0 for the first answer to a trial and one more each time it is taken back, which
    only the last answer can be. `shown_at` is when the server showed the trial, where no script
    reports it. Raises VotingError.
    """
    if not answer or len(answer) > LONGEST_ANSWER:
        raise BadAnswerError("there is no answer")
    report = report or Report()
    with transaction.atomic():
        assignment = locked_assignment(seat)
        sitting = read_sitting(assignment)
        if _is_repeated(sitting, trial=trial, sequence=sequence, answer=answer):
            return Recorded(repeated=True, finished=sitting.finished)
        slot = sitting.slot(trial)
        if not sitting.votes:
            admit_first_answer(assignment)
        now = clock.now()
        times = answer_times(
            report,
            now=now,
            shown_at=_latest(sitting.shown_at(trial), shown_at),
            # A stamp is proof of its own: a rater who agreed before has no row until they answer.
            started_at=sitting.began(min(assignment.started_at, shown_at or assignment.started_at)),
            claimed_before=sitting.claimed_seconds,
        )
        Vote.objects.create(
            question_id=slot.question,
            study_id=assignment.hit.study_id,
            rater_id=seat.rater,
            trial_id=trial,
            assignment=assignment,
            answer=_reading(assignment.hit.study, question=slot.question, answer=answer),
            answer_raw=answer,
            presented_at=times.presented_at,
            submitted_at=now,
            seconds=times.seconds,
            active_seconds=times.active_seconds,
            sequence=sequence,
            position=slot.position,
        )
        store_events(assignment, sitting=sitting, events=report.events)
        finished = all(left.trial == trial for left in sitting.left)
        if finished:
            finish(assignment, now=now)
    return Recorded(repeated=False, finished=finished)


def finish(assignment: Assignment, *, now: datetime) -> None:
    """Every trial is settled; what the marketplace says later is another matter."""
    if assignment.state == AssignmentState.WORKING:
        assignment.state = AssignmentState.FINISHED
        assignment.finished_at = now
        assignment.save(update_fields=["state", "finished_at"])


def _reading(study: Study, *, question: int, answer: str) -> str:
    """Yes, no or unsure, as the question type reads the answer; nonsense is refused."""
    asked = question_type(study.question_kind)
    subject = (
        # About a class, which the answer does not depend on.
        None if asked.slot else Question.objects.values_list("subject", flat=True).get(pk=question)
    )
    try:
        return asked.read(answer, subject)
    except ValueError as error:
        raise BadAnswerError(str(error)) from error


def _latest(reported: datetime | None, stamped: datetime | None) -> datetime | None:
    moments = [moment for moment in (reported, stamped) if moment is not None]
    return max(moments, default=None)


def _is_repeated(sitting: Sitting, *, trial: int, sequence: int, answer: str) -> bool:
    """Whether this very vote is stored; a contradiction or a gap is refused."""
    given = sitting.given(trial)
    if 0 <= sequence < len(given):
        if given[sequence].answer == answer:
            return True
        raise AnsweredElsewhereError("this picture was answered in another window already")
    if sequence != len(given) or sequence > MOST_CHANGES:
        raise BadAnswerError("the answer is out of order", remedy="Load the page again")
    if sequence > 0 and trial != sitting.last:
        raise BadAnswerError("only the last answer can be taken back", remedy="Load the page again")
    return False
