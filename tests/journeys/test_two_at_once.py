"""Two processes do the same step of the same study at once: one of everything, nothing lost."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from marketplace import ledger
from marketplace import models as offers
from studyapp.models import HIT, Assignment, IntendedCall, Study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.publish import publish
from studyapp.pipeline.reconcile import reconcile
from studyapp.recruiters.spending import spending
from studyapp.vocabulary import CallState, HITState
from tests.processes import Process, started
from tests.recruiting import Site, a_live_study, new_workers, take

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LOTS, RATERS = 8, 3


@pytest.fixture
def study(site: Site) -> Study:
    return a_live_study(
        images=LOTS, trials_per_hit=1, raters_per_trial=RATERS, accept_at=2, name="shared"
    )


def both(*command: str) -> None:
    """The command twice at once, each to a good end."""
    with ExitStack() as stack:
        processes: list[Process] = [stack.enter_context(started(*command)) for _ in range(2)]
        for process in processes:
            process.wait(240)
        assert [process.returncode for process in processes] == [0, 0], [
            process.said() for process in processes
        ]


def assert_money_adds_up(site: Site, study: Study) -> None:
    books, ours = ledger.balance(site.requester), spending(study)
    assert books.deposited == books.available + books.on_hold + books.paid
    assert ours.paid * 100 == books.paid
    assert ours.committed * 100 == books.paid + books.on_hold
    assert not IntendedCall.objects.exclude(state=CallState.DONE).exists()
    assert reconcile(study).differences == []


def hand_in_everything() -> None:
    workers = new_workers(RATERS)
    for hit in HIT.objects.order_by("lot"):
        for worker in workers:
            take(hit, worker=worker)


def test_published_and_collected_by_two(study: Study, site: Site) -> None:
    both("publish", "shared")
    assert len(site.offered()) == LOTS
    assert set(HIT.objects.values_list("state", flat=True)) == {HITState.OPEN}
    assert_money_adds_up(site, study)
    hand_in_everything()
    both("collect_votes", "shared")
    assert set(Assignment.objects.values_list("state", flat=True)) == {"approved"}
    assert set(offers.Assignment.objects.values_list("status", flat=True)) == {"approved"}
    assert IntendedCall.objects.count() == LOTS * RATERS
    assert_money_adds_up(site, study)


def test_approved_and_paid_more_by_two(study: Study, site: Site) -> None:
    publish(study)
    hand_in_everything()
    collect_votes(study, pays=False)
    both("review", "shared", "--approve-valid")
    assert set(offers.Assignment.objects.values_list("status", flat=True)) == {"approved"}
    work = str(Assignment.objects.order_by("pk")[0].pk)
    both("bonus", "shared", work, "0.50", "--reason", "Careful work.")
    assert offers.BonusPayment.objects.count() == 1
    assert_money_adds_up(site, study)
