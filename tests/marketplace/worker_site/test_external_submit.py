from __future__ import annotations

import pytest
from django.test import Client

from marketplace.models import Assignment, Requester, Worker
from tests.marketplace.factories import a_hit, an_accepted
from tests.marketplace.worker_site.conftest import signed_in

SUBMIT = "/mturk/externalSubmit"


@pytest.fixture
def held(requester: Requester) -> Assignment:
    return an_accepted(a_hit(requester))


def _post(assignment_id: str, **fields: str) -> tuple[int, str]:
    # As out of a foreign frame: no cookie, no token, a foreign origin.
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "https://lab.example"})
    answer = strict.post(SUBMIT, {"assignmentId": assignment_id} | fields)
    assert not strict.cookies
    return answer.status_code, answer.content.decode()


def _status(assignment: Assignment) -> str:
    assignment.refresh_from_db()
    return assignment.status


def test_the_unguessable_id_is_enough(held: Assignment) -> None:
    status, page = _post(held.assignment_id, votes="[1]")
    assert status == 200
    assert f'data-assignment="{held.assignment_id}"' in page
    assert 'target="_top"' in page
    assert _status(held) == "submitted"


def test_pressed_twice(held: Assignment) -> None:
    first = _post(held.assignment_id, votes="[1]")
    assert _post(held.assignment_id, votes="[1]") == first
    status, page = _post(held.assignment_id, votes="[0]")
    assert (status, 'data-reason="repeated"' in page) == (409, True)
    assert "[1]" in Assignment.objects.get().answer


@pytest.mark.parametrize(
    ("assignment_id", "status", "reason"),
    [
        ("ASSIGNMENT_ID_NOT_AVAILABLE", 400, "preview"),
        ("3" + "A" * 29, 404, "unknown"),
        ("3" + "A" * 5000, 404, "unknown"),
        ("a\x00b", 404, "unknown"),
        ("", 404, "unknown"),
    ],
)
def test_forged_ids(held: Assignment, assignment_id: str, status: int, reason: str) -> None:
    found, page = _post(assignment_id, votes="[1]")
    assert (found, f'data-reason="{reason}"' in page) == (status, True)
    assert _status(held) == "accepted"


def test_a_second_field_is_needed(held: Assignment) -> None:
    for fields in ({}, {"hitId": "3A"}, {"workerId": "A1", "turkSubmitTo": "x"}):
        status, page = _post(held.assignment_id, **fields)
        assert (status, 'data-reason="empty"' in page) == (400, True)
    assert _status(held) == "accepted"


def test_get_is_refused(client: Client, held: Assignment) -> None:
    answer = client.get(SUBMIT, {"assignmentId": held.assignment_id, "votes": "[1]"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert _status(held) == "accepted"


def test_too_much_is_refused(held: Assignment) -> None:
    status, page = _post(held.assignment_id, votes="x" * 1_100_000)
    assert (status, 'data-reason="large"' in page) == (413, True)
    assert _status(held) == "accepted"


def test_a_session_of_somebody_else_changes_nothing(held: Assignment, worker: Worker) -> None:
    answer = signed_in(worker).post(SUBMIT, {"assignmentId": held.assignment_id, "votes": "1"})
    assert answer.status_code == 200
    assert worker.worker_id not in answer.content.decode()
    assert Assignment.objects.get().worker == held.worker


def test_only_the_marketplace_may_frame_the_confirmation(client: Client, held: Assignment) -> None:
    for assignment_id in (held.assignment_id, "3NOSUCH"):
        answer = client.post(SUBMIT, {"assignmentId": assignment_id, "votes": "1"})
        assert "X-Frame-Options" not in answer
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]
