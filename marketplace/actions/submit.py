"""Submit: the answers of an accepted assignment arrive, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from marketplace import clock
from marketplace.actions.locking import lock_hit
from marketplace.actions.settle import settle_hit
from marketplace.answers import answer_xml
from marketplace.errors import WorkRefusedError
from marketplace.events import note, note_if_reviewable
from marketplace.form_answers import FormAnswers
from marketplace.ids import is_entity_id
from marketplace.models import HIT, Assignment
from marketplace.question_form import is_question_form, read_question_form
from marketplace.vocabulary import REVIEWABLE, AssignmentStatus, EventType

PREVIEW_ID = "ASSIGNMENT_ID_NOT_AVAILABLE"
RESERVED = frozenset({"assignmentId", "hitId", "workerId", "turkSubmitTo"})


def _find(assignment_id: str) -> Assignment:
    if assignment_id == PREVIEW_ID:
        raise WorkRefusedError(
            "preview", "This was only a preview: accept the task first, then do it and submit."
        )
    known = None
    if is_entity_id(assignment_id):
        found = Assignment.objects.select_related("hit").filter(assignment_id=assignment_id)
        known = found.first()
    if known is None:
        raise WorkRefusedError(
            "unknown", "We know no such assignment. Open the task again from the task list."
        )
    return known


def _answer(hit: HIT, *, fields: Mapping[str, list[str]]) -> str:
    """The answers as a document; those to a QuestionForm are checked against its questions."""
    answers = {name: values for name, values in fields.items() if name not in RESERVED and values}
    if not answers:
        raise WorkRefusedError(
            "empty", "The task sent no answers with the assignment: tell the requester."
        )
    if not hit.frame_url and is_question_form(hit.question):
        return FormAnswers.from_fields(read_question_form(hit.question), fields=answers).xml()
    # Of several fields of one name the last counts, as on Mechanical Turk.
    return answer_xml({name: values[-1] for name, values in answers.items()})


def submit(assignment_id: str, *, fields: Mapping[str, str | list[str]]) -> Assignment:
    """Store the fields as the assignment's answer.

    Whoever knows the unguessable assignment id may submit it once, before its deadline (see
    docs/adr/0004). The same answer again changes nothing and is no error; another one is.
    """
    found = _find(assignment_id)
    lists = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    answer = _answer(found.hit, fields=lists)
    at = clock.now()
    with transaction.atomic():
        hit = lock_hit(found.hit)
        settle_hit(hit, at=at)
        assignment = Assignment.objects.select_for_update(no_key=True).get(pk=found.pk)
        if assignment.status in REVIEWABLE:
            if assignment.answer == answer:
                return assignment
            raise WorkRefusedError(
                "repeated", "You have already handed this in; your first answers count."
            )
        if assignment.status == AssignmentStatus.ACCEPTED:
            delay = timedelta(seconds=hit.hit_type.auto_approval_delay_s)
            assignment.status = AssignmentStatus.SUBMITTED
            assignment.submitted_at = at
            assignment.auto_approval_at = at + delay
            assignment.answer = answer
            assignment.save()
            note(hit, event_type=EventType.SUBMITTED, at=at, assignment=assignment)
            note_if_reviewable(hit, at=at)
            settle_hit(hit, at=at)
            assignment.refresh_from_db()
            return assignment
    if assignment.status == AssignmentStatus.RETURNED:
        raise WorkRefusedError(
            "returned", "You have returned this task, so it cannot be handed in."
        )
    raise WorkRefusedError("late", "The time for this task is over, so it cannot be handed in.")
