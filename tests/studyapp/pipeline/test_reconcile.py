from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from marketplace.actions.extend_hit import extend_hit
from studyapp.errors import RecruiterError
from studyapp.models import HIT, Assignment, IntendedCall, Study
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.pipeline.publish import publish
from studyapp.pipeline.reconcile import reconcile
from studyapp.vocabulary import CallState, HITState, StudyState
from tests.faulty_proxy import Fault, FaultyProxy, lost_after, lost_before
from tests.recruiting import Site, a_live_study, new_workers, take

pytestmark = pytest.mark.django_db(transaction=True)
CREATE, BONUS = "CreateHITWithHITType", "SendBonus"


@pytest.mark.parametrize(("fault", "arrived"), [(lost_after, True), (lost_before, False)])
def test_lots_and_calls_of_unknown_outcome(
    site: Site, proxy: FaultyProxy, fault: Fault, arrived: bool
) -> None:
    study = a_live_study(images=2, trials_per_hit=1, raters_per_trial=1, accept_at=1)
    proxy.plan(CREATE, None, fault)
    with pytest.raises(RecruiterError):
        publish(study, recruiter=site.gateway())
    take(HIT.objects.get(state=HITState.OPEN), worker=new_workers(1)[0])
    collect_votes(study)
    proxy.plan(BONUS, fault)
    work = Assignment.objects.get()
    with pytest.raises(RecruiterError):
        pay_bonus(
            study, work.pk, amount=Decimal("0.10"), reason="Thanks.", recruiter=site.gateway()
        )
    HIT.objects.filter(state=HITState.SENDING).update(sent_at=timezone.now() - timedelta(hours=25))
    bonus = IntendedCall.objects.get(kind="bonus")
    assert bonus.state == CallState.UNKNOWN
    writing = len([name for name in proxy.calls if name in (CREATE, BONUS)])
    summary = reconcile(study)
    assert len([name for name in proxy.calls if name in (CREATE, BONUS)]) == writing
    # Collecting had found the lot already, if it was there.
    assert summary.done == arrived
    assert (summary.not_there, summary.not_done) == (not arrived, not arrived)
    bonus.refresh_from_db()
    assert bonus.state == (CallState.DONE if arrived else CallState.PLANNED)
    assert HIT.objects.filter(state=HITState.OPEN).count() == 1 + arrived
    assert summary.differences == []


def test_differences_are_named(site: Site) -> None:
    study = a_live_study(images=1, raters_per_trial=2, accept_at=1)
    publish(study)
    take(HIT.objects.get(), worker=new_workers(1)[0])
    collect_votes(study)
    extend_hit(site.offered()[0], additional=1, token="by hand")
    Assignment.objects.update(state="submitted")
    found = "\n".join(reconcile(study).lines())
    assert "lot 0: asked of 3 raters there, 2 here" in found
    assert "lot 0: 1 approved there, 0 here" in found


def test_a_young_lot_is_waited_for(site: Site, proxy: FaultyProxy) -> None:
    study: Study = a_live_study(images=1)
    proxy.plan(CREATE, lost_before)
    with pytest.raises(RecruiterError):
        publish(study, recruiter=site.gateway())
    summary = reconcile(study)
    assert (summary.waiting, summary.not_there) == (1, 0)
    assert "publishing again is safe" in summary.lines()[1]


def test_a_hit_that_arrived_after_its_study_was_closed_is_found(
    site: Site, proxy: FaultyProxy
) -> None:
    study = a_live_study(images=1)
    proxy.plan("CreateHITWithHITType", lost_after)
    with pytest.raises(RecruiterError):
        publish(study, recruiter=site.gateway())
    # Closing looked a moment before it was there, and whoever published it died meanwhile.
    HIT.objects.update(state=HITState.PLANNED)
    Study.objects.update(state=StudyState.CLOSED)
    study.refresh_from_db()
    (told,) = reconcile(study).differences
    assert told.startswith("1 HIT still on the list although the study is closed: ")
    assert close_study(study).expired == 1
    assert site.gateway().balance() == 1000
