from __future__ import annotations

import pytest

from marketplace.actions import qualification_types
from marketplace.actions.decide_request import reject_request
from marketplace.actions.request_qualification import (
    hand_in_test,
    request_qualification,
)
from marketplace.errors import AnswersRefusedError, WorkRefusedError
from marketplace.models import Qualification, QualificationRequest, QualificationType, Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.exams import HALF, RIGHT, a_form, a_key
from tests.marketplace.factories import a_qualification_type, a_requester, a_worker, at_once


def _exam(requester: Requester, *, key: str = "", retry: int | None = None) -> QualificationType:
    return a_qualification_type(
        requester, test=a_form(), answer_key=key, test_duration_s=300, retry_delay_s=retry
    )


def _refusal(kind: QualificationType, worker: object) -> str:
    with pytest.raises(WorkRefusedError) as refused:
        request_qualification(kind, worker=worker)  # type: ignore[arg-type]
    return refused.value.reason


def test_granted_at_once_with_the_types_value(requester: Requester) -> None:
    kind = a_qualification_type(requester, auto_granted=True, auto_granted_value=7)
    worker = a_worker()
    assert request_qualification(kind, worker=worker).status == "granted"
    assert Qualification.objects.get().value == 7
    assert _refusal(kind, worker) == "held"


def test_a_test_with_a_key_is_marked_at_once(requester: Requester) -> None:
    worker = a_worker()
    request = request_qualification(_exam(requester, key=a_key()), worker=worker)
    assert (request.status, request.test) == ("testing", a_form())
    with pytest.raises(AnswersRefusedError):
        hand_in_test(request, fields={})
    assert hand_in_test(request, fields=RIGHT).status == "granted"
    assert Qualification.objects.get().value == 15
    with pytest.raises(WorkRefusedError, match="already"):
        hand_in_test(request, fields=HALF)
    assert Qualification.objects.get().value == 15


def test_without_a_key_the_requester_marks(requester: Requester) -> None:
    request = request_qualification(_exam(requester), worker=a_worker())
    assert hand_in_test(request, fields=HALF).status == "pending"
    assert not Qualification.objects.exists()


def test_a_test_under_way_is_marked_by_the_key_it_began_with(requester: Requester) -> None:
    kind = _exam(requester, key=a_key())
    request = request_qualification(kind, worker=a_worker())
    harder = a_key().replace(">10<", ">1<")
    qualification_types.update(
        kind,
        terms=qualification_types.Terms(
            description="-",
            active=True,
            retry_delay_s=None,
            test=kind.test,
            answer_key=harder,
            test_duration_s=1,
            auto_granted=False,
            auto_granted_value=1,
        ),
    )
    hand_in_test(request, fields=RIGHT)
    assert Qualification.objects.get().value == 15


def test_time_runs_out(requester: Requester, moved: MovedClock) -> None:
    kind, worker = _exam(requester, key=a_key()), a_worker()
    request = request_qualification(kind, worker=worker)
    moved.forward(301)
    with pytest.raises(WorkRefusedError) as refused:
        hand_in_test(request, fields=RIGHT)
    assert refused.value.reason == "late"
    request.refresh_from_db()
    assert (request.status, request.decided_at) == ("overdue", request.deadline)
    assert not Qualification.objects.exists()
    assert _refusal(kind, worker) == "once"


def test_again_only_after_the_delay(requester: Requester, moved: MovedClock) -> None:
    kind, worker = _exam(requester, key=a_key(), retry=3600), a_worker()
    hand_in_test(request_qualification(kind, worker=worker), fields=HALF)
    assert _refusal(kind, worker) == "soon"
    moved.forward(3601)
    hand_in_test(request_qualification(kind, worker=worker), fields=RIGHT)
    assert Qualification.objects.get().value == 15
    assert QualificationRequest.objects.count() == 2


def test_once_where_there_are_no_retries(requester: Requester) -> None:
    kind, worker = a_qualification_type(requester), a_worker()
    request = request_qualification(kind, worker=worker)
    assert request_qualification(kind, worker=worker) == request
    reject_request(request, reason="No.")
    assert _refusal(kind, worker) == "once"


def test_what_is_not_given_out(requester: Requester) -> None:
    worker = a_worker()
    assert _refusal(a_qualification_type(requester, active=False), worker) == "closed"
    gone = a_qualification_type(requester)
    qualification_types.delete(gone)
    assert _refusal(gone, worker) == "closed"
    worker.active = False
    assert _refusal(a_qualification_type(requester), worker) == "inactive"


@pytest.mark.django_db(transaction=True)
def test_asking_many_times_at_once_is_one_request() -> None:
    kind, worker = a_qualification_type(a_requester()), a_worker()
    results = at_once(*[lambda: request_qualification(kind, worker=worker)] * 4)
    assert set(results) == {QualificationRequest.objects.get()}
