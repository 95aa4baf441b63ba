"""Request: a worker asks for a qualification and takes its test where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from marketplace import clock
from marketplace.actions.grant import grant
from marketplace.actions.locking import lock_requester
from marketplace.answer_key import read_answer_key
from marketplace.errors import WorkRefusedError
from marketplace.form_answers import FormAnswers
from marketplace.models import QualificationRequest, QualificationType, Worker
from marketplace.question_form import read_question_form
from marketplace.vocabulary import OPEN_REQUESTS, RequestStatus


def settle_tests(*, worker: Worker, at: datetime) -> None:
    """End tests whose time has run out, at the time it did."""
    overdue = QualificationRequest.objects.filter(
        worker=worker, status=RequestStatus.TESTING, deadline__lte=at
    )
    for request in overdue:
        QualificationRequest.objects.filter(pk=request.pk, status=RequestStatus.TESTING).update(
            status=RequestStatus.OVERDUE, decided_at=request.deadline
        )


def _refuse_too_soon(
    qualification_type: QualificationType, *, worker: Worker, at: datetime
) -> None:
    last = qualification_type.requests.filter(worker=worker).last()
    if last is None:
        return
    if qualification_type.retry_delay_s is None:
        raise WorkRefusedError("once", "This qualification can be asked for once only.")
    again = (last.submitted_at or last.started_at) + timedelta(
        seconds=qualification_type.retry_delay_s
    )
    if again > at:
        raise WorkRefusedError(
            "soon", f"You can ask for this qualification again from {again:%Y-%m-%d %H:%M} UTC on."
        )


def request_qualification(
    qualification_type: QualificationType, *, worker: Worker
) -> QualificationRequest:
    """Ask: granted at once, waiting for the requester, or with a test under way.

    A request that is open is given back as it is.
    """
    at = clock.now()
    settle_tests(worker=worker, at=at)
    with transaction.atomic():
        lock_requester(qualification_type.requester_id)
        current = QualificationType.objects.get(pk=qualification_type.pk)
        if not worker.active:
            raise WorkRefusedError("inactive", "Your account is closed.")
        if not current.active or current.deleted_at is not None:
            raise WorkRefusedError("closed", "This qualification is given out no more.")
        own = current.requests.filter(worker=worker, status__in=OPEN_REQUESTS).first()
        if own is not None:
            return own
        if (
            not current.test
            and current.grants.filter(worker=worker, revoked_at__isnull=True).exists()
        ):
            raise WorkRefusedError("held", "You have this qualification.")
        _refuse_too_soon(current, worker=worker, at=at)
        request = QualificationRequest(
            qualification_type=current, worker=worker, started_at=at, test=current.test
        )
        if current.test:
            request.answer_key = current.answer_key
            request.status = RequestStatus.TESTING
            request.deadline = at + timedelta(seconds=current.test_duration_s or 0)
        elif current.auto_granted:
            request.status = RequestStatus.GRANTED
            request.submitted_at = request.decided_at = at
            grant(current, worker=worker, value=current.auto_granted_value, notify=False)
        else:
            request.status = RequestStatus.PENDING
            request.submitted_at = at
        request.save()
    return request


def hand_in_test(
    request: QualificationRequest, *, fields: Mapping[str, list[str]]
) -> QualificationRequest:
    """Take the answers of a test once; with an answer key they are marked at once."""
    at = clock.now()
    settle_tests(worker=request.worker, at=at)
    with transaction.atomic():
        lock_requester(request.qualification_type.requester_id)
        current = QualificationRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if current.status == RequestStatus.OVERDUE:
            raise WorkRefusedError("late", "The time for this test is over.")
        if current.status != RequestStatus.TESTING:
            raise WorkRefusedError("repeated", "You have handed this test in already.")
        answers = FormAnswers.from_fields(read_question_form(current.test), fields=fields)
        current.answer = answers.xml()
        current.submitted_at = at
        current.status = RequestStatus.PENDING
        if current.answer_key:
            current.status = RequestStatus.GRANTED
            current.decided_at = at
            grant(
                current.qualification_type,
                worker=current.worker,
                value=read_answer_key(current.answer_key).value(answers),
                notify=False,
            )
        current.save()
    return current
