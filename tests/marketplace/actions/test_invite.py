from __future__ import annotations

import pytest

from marketplace.actions.invite import invitation_of, invite, join
from marketplace.errors import EnrolmentError
from marketplace.models import Invitation, Worker
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import PASSWORD, at_once


def test_one_invitation_makes_one_worker(db: None) -> None:
    code = invite(note="course 3")
    worker = join(code, name="ada", password=PASSWORD)
    assert Invitation.objects.get().worker == worker
    assert code not in str(Invitation.objects.values())
    assert invitation_of(code) is None
    with pytest.raises(EnrolmentError, match="has been used"):
        join(code, name="bob", password=PASSWORD)


def test_a_name_that_is_taken_leaves_the_invitation_good(db: None) -> None:
    join(invite(), name="ada", password=PASSWORD)
    code = invite()
    with pytest.raises(EnrolmentError, match="taken"):
        join(code, name="ada", password=PASSWORD)
    assert join(code, name="bob", password=PASSWORD).user.get_username() == "bob"


def test_it_runs_out(db: None, moved: MovedClock) -> None:
    code = invite(days=2)
    moved.forward(2 * 86_400 + 1)
    for wrong in (code, "", "x" * 500):
        assert invitation_of(wrong) is None
        with pytest.raises(EnrolmentError):
            join(wrong, name="ada", password=PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_link_at_once() -> None:
    code = invite()
    results = at_once(
        *[lambda n=n: join(code, name=f"person-{n}", password=PASSWORD) for n in range(3)]
    )
    assert sum(isinstance(found, Worker) for found in results) == 1
    assert Worker.objects.count() == 1
