from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from marketplace import ledger
from marketplace.actions.accept import accept
from marketplace.actions.submit import submit
from studyapp.errors import BudgetError, InputError, RecruiterError, StudyError
from studyapp.models import HIT, IntendedCall, Study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.extend_study import extend_study
from studyapp.pipeline.publish import publish
from studyapp.pipeline.set_budget import set_budget
from studyapp.pipeline.stop_study import stop_study
from studyapp.recruiters.spending import spending
from tests.factories.study import TrialFactory
from tests.faulty_proxy import FaultyProxy, lost_after
from tests.recruiting import Site, a_live_study, new_workers, take_here

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(site: Site) -> Study:
    study = a_live_study(images=2, raters_per_trial=3, accept_at=2, trials_per_hit=1)
    publish(study)
    return study


def test_more_raters_and_more_time_are_ends_not_steps(study: Study, site: Site) -> None:
    summary = extend_study(study, raters=5, days=20)
    assert (summary.lots, summary.calls, summary.done) == (2, 4, 4)
    assert summary.cost == Decimal("0.48")  # two lots, two raters more, 0.12 each
    assert [hit.max_assignments for hit in site.offered()] == [5, 5]
    assert list(HIT.objects.values_list("raters", flat=True)) == [5, 5]
    left = site.offered()[0].expires_at - timezone.now()
    assert timedelta(days=19, hours=23) < left <= timedelta(days=20)
    again = extend_study(study, raters=5)
    assert again.calls == 0
    assert "nothing sent" in again.lines()[0]
    assert spending(study).committed * 100 == ledger.balance(site.requester).on_hold == 120


def test_the_step_of_the_fee_is_not_crossed(study: Study, site: Site) -> None:
    with pytest.raises(StudyError, match="40 % instead of 20 %"):
        extend_study(study, raters=10)
    assert not IntendedCall.objects.exists()
    assert [hit.max_assignments for hit in site.offered()] == [3, 3]


def test_the_budget_allows_all_of_it_or_nothing(study: Study, site: Site) -> None:
    set_budget(study, amount=Decimal("0.95"))
    with pytest.raises(BudgetError, match=r"may cost 0\.95 USD"):
        extend_study(study, raters=4)
    assert not IntendedCall.objects.exists()
    set_budget(study, amount=Decimal("0.96"))
    extend_study(study, raters=4)
    assert ledger.balance(site.requester).on_hold == 96


def test_who_accepted_before_the_end_is_counted_on_until_they_cannot_come_back(
    study: Study, site: Site, settings: Settings
) -> None:
    """Nobody has opened our page, so only the marketplace knows of the place.

    Somebody else opened it and gave the place back: from then on theirs costs nothing.
    """
    first, _ = site.offered()
    accepted = accept(new_workers(1)[0], hit=first)
    take_here(HIT.objects.get(lot=1), worker_id="A1GAVEITBACK", assignment_id="3RETURNED")
    stop_study(study)
    stand = spending(study)
    assert (stand.committed, stand.may_be_held) == (Decimal("0.72"), Decimal("0.60"))
    assert "0.60 USD are for places of HITs that have ended" in stand.lines()[2]
    set_budget(study, amount=Decimal("0.72"))
    TrialFactory.create(condition=study.conditions.get())
    with pytest.raises(BudgetError, match="whoever accepted one just before may still hand in"):
        publish(study)
    assert Study.objects.get().stopped_at, "what was refused took no stop back"
    collect_votes(study)
    assert spending(study).committed == Decimal("0.72"), "their time is not over"
    submit(accepted.assignment_id, fields={"done": "1"})
    settings.MARKETPLACE_CLOCK_OFFSET_S = 36 * 60
    assert spending(study).committed == Decimal("0.72"), "nobody has asked since"
    collect_votes(study)
    stand = spending(study)
    assert stand.paid == stand.committed == Decimal("0.12")
    assert not stand.may_be_held
    publish(study)
    assert spending(study).committed == Decimal("0.48")


def test_a_lot_that_may_be_on_offer_for_longer_is_counted_on(
    study: Study, site: Site, proxy: FaultyProxy, settings: Settings
) -> None:
    """It was meant while the lot was on offer, so the call has no money of its own."""
    proxy.plan("UpdateExpirationForHIT", lost_after)
    with pytest.raises(RecruiterError):
        extend_study(study, days=20, recruiter=site.gateway())
    settings.MARKETPLACE_CLOCK_OFFSET_S = 15 * 24 * 3600
    collect_votes(study)
    assert set(HIT.objects.values_list("state", flat=True)) == {"expired"}
    assert spending(study).committed == Decimal("0.72")
    set_budget(study, amount=Decimal("0.95"))
    with pytest.raises(BudgetError):
        extend_study(study, raters=4, days=20)
    set_budget(study, amount=Decimal("0.72"))
    assert extend_study(study, days=20).done == 2
    assert spending(study).committed * 100 == ledger.balance(site.requester).on_hold == 72


def test_what_was_stopped_comes_back(study: Study, site: Site, settings: Settings) -> None:
    stop_study(study)
    settings.MARKETPLACE_CLOCK_OFFSET_S = 36 * 60
    collect_votes(study)
    assert ledger.balance(site.requester).on_hold == spending(study).committed == 0
    waits = extend_study(study, raters=4)
    assert waits.calls == 0
    assert "off the list: it needs --days" in waits.lines()[1]
    set_budget(study, amount=Decimal("0.95"))
    with pytest.raises(BudgetError):
        extend_study(study, raters=4, days=3)
    set_budget(study, amount=Decimal("0.96"))
    extend_study(study, raters=4, days=3)
    assert ledger.balance(site.requester).on_hold == spending(study).committed * 100 == 96
    assert set(HIT.objects.values_list("state", flat=True)) == {"open"}


@pytest.mark.parametrize(("days", "words"), [(None, "neither"), (0, "0 days"), (366, "366 days")])
def test_what_cannot_be_is_told(study: Study, days: int | None, words: str) -> None:
    with pytest.raises(InputError, match=words):
        extend_study(study, days=days)
