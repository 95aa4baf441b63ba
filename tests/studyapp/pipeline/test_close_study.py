from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connections
from django.utils import timezone

from marketplace.models import HIT as Offered  # noqa: N811
from studyapp.errors import RecruiterError, RecruiterUnavailableError, StudyError
from studyapp.models import HIT, AuditEntry, Study
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.publish import publish
from studyapp.vocabulary import HITState, StudyState
from tests.faulty_proxy import Answer, FaultyProxy, lost_after, lost_before
from tests.recruiting import Site, a_draft, a_live_study

pytestmark = pytest.mark.django_db(transaction=True)
EXPIRE = "UpdateExpirationForHIT"


def test_every_open_hit_is_taken_off_the_list(site: Site) -> None:
    study = a_live_study(images=12)
    publish(study)
    before = site.gateway().balance()
    summary = close_study(study)
    assert (summary.expired, summary.never_sent) == (3, 0)
    assert study.state == StudyState.CLOSED
    assert study.closed_at is not None
    assert set(HIT.objects.values_list("state", flat=True)) == {HITState.EXPIRED}
    assert all(hit.expires_at <= timezone.now() for hit in site.offered())
    assert site.gateway().balance() > before
    assert "collect_votes" in summary.lines()[-1]
    assert AuditEntry.objects.get(verb="close_study").summary == {"expired": 3}


def test_it_goes_on_where_it_stopped(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=12)
    publish(study)
    proxy.plan(EXPIRE, None, lost_before)
    with pytest.raises(RecruiterError, match="closed here, but 2 HITs may still be on the list"):
        close_study(study, recruiter=site.gateway())
    study.refresh_from_db()
    assert study.state == StudyState.CLOSED
    assert close_study(study).expired == 2
    assert close_study(study).expired == 0


def test_a_hit_of_unknown_outcome_is_found_and_expired(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=12)
    proxy.plan("CreateHITWithHITType", None, lost_after)
    with pytest.raises(RecruiterUnavailableError):
        publish(study, recruiter=site.gateway())
    assert len(site.offered()) == 2
    summary = close_study(study)
    assert (summary.expired, summary.never_sent) == (2, 1)
    assert site.gateway().balance() == 1000
    rows = HIT.objects.order_by("lot").values_list("state", flat=True)
    assert list(rows) == ["expired", "expired", "planned"]


def test_a_hit_that_was_never_made_is_planned_again(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=3)
    proxy.plan("CreateHITWithHITType", lost_before)
    with pytest.raises(RecruiterUnavailableError):
        publish(study, recruiter=site.gateway())
    summary = close_study(study)
    assert HIT.objects.get().state == HITState.PLANNED
    assert summary.never_sent == 1


def test_a_hit_opened_while_we_looked_for_it_stays_known(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=3)
    proxy.plan("CreateHITWithHITType", lost_before)
    with pytest.raises(RecruiterUnavailableError):
        publish(study, recruiter=site.gateway())

    def opened_meanwhile(forward: Callable[[], Answer]) -> Answer:
        HIT.objects.update(state=HITState.OPEN, hit_id="3HIT")
        connections.close_all()
        return forward()

    proxy.plan("ListHITs", opened_meanwhile)
    close_study(study)
    assert HIT.objects.values_list("state", "hit_id").get() == (HITState.OPEN, "3HIT")


def test_a_hit_deleted_over_there_is_done_with(site: Site) -> None:
    study = a_live_study(images=3)
    publish(study)
    HIT.objects.update(hit_id="3NOSUCHHITNOSUCHHITNOSUCHHIT0")
    close_study(study)
    assert HIT.objects.get().state == HITState.EXPIRED
    assert Offered.objects.count() == 1


def test_without_hits_no_call_is_needed() -> None:
    study = a_live_study(images=1)
    assert close_study(study).expired == 0


def test_a_draft_cannot_be_closed() -> None:
    study = a_draft(images=1)
    with pytest.raises(StudyError, match="it is draft"):
        close_study(study)
    Study.objects.filter(pk=study.pk).update(imported=True)
    study.refresh_from_db()
    with pytest.raises(StudyError, match="votes gathered elsewhere"):
        close_study(study)
