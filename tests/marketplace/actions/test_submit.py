from __future__ import annotations

import pytest

from marketplace import ledger
from marketplace.actions.give_back import give_back
from marketplace.actions.submit import PREVIEW_ID, RESERVED, submit
from marketplace.errors import WorkRefusedError
from marketplace.models import Assignment, Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_requester, an_accepted, at_once


def _reason(assignment_id: str, **fields: str) -> str:
    with pytest.raises(WorkRefusedError) as refused:
        submit(assignment_id, fields=fields or {"q": "1"})
    return refused.value.reason


def test_answers_are_kept_without_the_reserved_names(requester: Requester) -> None:
    held = an_accepted(a_hit(requester))
    fields = dict.fromkeys(RESERVED, "x") | {"votes": "a&b"}
    assert submit(held.assignment_id, fields=fields).status == "submitted"
    answer = Assignment.objects.get().answer
    assert "a&amp;b" in answer
    assert answer.count("<Answer>") == 1


def test_the_same_again_is_fine_and_another_answer_is_not(requester: Requester) -> None:
    held = an_accepted(a_hit(requester))
    first = submit(held.assignment_id, fields={"q": "1"})
    again = submit(held.assignment_id, fields={"q": "1"})
    assert (again.pk, again.submitted_at) == (first.pk, first.submitted_at)
    assert _reason(held.assignment_id, q="2") == "repeated"
    assert Assignment.objects.get().answer == first.answer


def test_strangers(requester: Requester) -> None:
    held = an_accepted(a_hit(requester)).assignment_id
    assert _reason(PREVIEW_ID) == "preview"
    assert _reason("") == "unknown"
    assert _reason(held + "A") == "unknown"
    assert _reason(held.lower()) == "unknown"
    assert _reason(held, assignmentId=held, hitId="3A") == "empty"
    assert Assignment.objects.get().status == "accepted"


def test_after_expiry_but_before_the_deadline(requester: Requester, moved: MovedClock) -> None:
    held = an_accepted(a_hit(requester, lifetime_s=60, duration_s=600))
    moved.forward(599)
    assert submit(held.assignment_id, fields={"q": "1"}).status == "submitted"


def test_after_the_deadline_or_a_return(requester: Requester, moved: MovedClock) -> None:
    hit = a_hit(requester, max_assignments=2, lifetime_s=60, duration_s=600)
    late, returned = an_accepted(hit), an_accepted(hit)
    give_back(returned)
    assert _reason(returned.assignment_id) == "returned"
    moved.forward(601)
    assert _reason(late.assignment_id) == "late"
    late.refresh_from_db()
    assert (late.status, late.ended_at) == ("abandoned", late.deadline)
    assert ledger.balance(requester).on_hold == 0


def test_a_delay_of_zero_approves_and_pays_at_once(requester: Requester) -> None:
    held = an_accepted(a_hit(requester, auto_approval_delay_s=0))
    assert submit(held.assignment_id, fields={"q": "1"}).status == "approved"
    assert ledger.balance(requester).paid == 12


@pytest.mark.django_db(transaction=True)
def test_two_different_posts_at_once_keep_one() -> None:
    held = an_accepted(a_hit(a_requester()))
    posts = [lambda n=n: submit(held.assignment_id, fields={"q": str(n)}) for n in range(4)]
    results = at_once(*posts)
    assert sum(isinstance(found, Assignment) for found in results) == 1
