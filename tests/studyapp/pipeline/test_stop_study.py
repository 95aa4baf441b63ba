from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings

from studyapp import queue
from studyapp.errors import RecruiterError, StudyError
from studyapp.models import HIT, IntendedCall, Study
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.extend_study import extend_study
from studyapp.pipeline.publish import publish
from studyapp.pipeline.stop_study import stop_study
from studyapp.tasks import VERBS, run_job
from studyapp.vocabulary import CallState, HITState, StudyState
from tests.faulty_proxy import Answer, FaultyProxy, lost_after, throttled
from tests.recruiting import Site, a_live_study

pytestmark = pytest.mark.django_db(transaction=True)


def test_nobody_new_is_asked_and_the_study_lives_on(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=2, trials_per_hit=1)
    publish(study)
    proxy.plan("UpdateExpirationForHIT", None, throttled)
    with pytest.raises(RecruiterError, match="1 HIT may still be on the list"):
        stop_study(study, recruiter=site.gateway())
    summary = stop_study(study)
    assert summary.off == 1
    assert "asks nobody new" in summary.lines()[0]
    assert site.gateway().balance() == 1000
    assert set(HIT.objects.values_list("state", flat=True)) == {HITState.EXPIRED}
    assert set(IntendedCall.objects.values_list("state", flat=True)) == {CallState.DONE}
    study.refresh_from_db()
    assert study.state == StudyState.LIVE
    calls = len(proxy.calls)
    assert stop_study(study).off == 0
    assert len(proxy.calls) == calls
    close_study(study)
    with pytest.raises(StudyError, match="it is closed"):
        stop_study(study)


def test_a_hit_of_unknown_outcome_is_found_and_taken_off(site: Site, proxy: FaultyProxy) -> None:
    study = a_live_study(images=1)
    proxy.plan("CreateHITWithHITType", lost_after)
    with pytest.raises(RecruiterError):
        publish(study, recruiter=site.gateway())
    assert HIT.objects.get().state == HITState.SENDING
    assert stop_study(study).off == 1
    assert site.gateway().balance() == 1000
    # So is one that an extension of unknown outcome has put back.
    proxy.plan("UpdateExpirationForHIT", lost_after)
    with pytest.raises(RecruiterError):
        extend_study(study, days=2, recruiter=site.gateway())
    assert site.gateway().balance() < 1000
    assert stop_study(study).off == 1
    assert site.gateway().balance() == 1000
    assert HIT.objects.get().state == HITState.EXPIRED


def test_a_publication_under_way_sends_no_more_once_it_is_stopped(
    site: Site, proxy: FaultyProxy, settings: Settings, admin_client: Client
) -> None:
    study = a_live_study(images=3, trials_per_hit=1)

    def stop_after_the_first(done: int, total: int | None = None, message: str = "") -> None:
        if done == 1:
            stop_study(Study.objects.get(pk=study.pk))

    def press_stop(done: int, total: int | None = None, message: str = "") -> None:
        admin_client.post(f"/admin/studyapp/study/{study.pk}/act/", {"verb": "stop_study"})

    job = queue.enqueue("publish", study=study)
    told = publish(study, progress=stop_after_the_first).lines()[0]
    assert "2 HITs not sent, for asking was stopped; 1 sent before" in told
    states = list(HIT.objects.filter(study=study).order_by("lot").values_list("state", flat=True))
    assert states == [HITState.EXPIRED, HITState.PLANNED, HITState.PLANNED]
    assert site.gateway().balance() == 1000
    # A call that was on its way is taken back when it arrives.
    third = a_live_study(images=1)

    def stopped_meanwhile(forward: Callable[[], Answer]) -> Answer:
        stop_study(third, recruiter=site.gateway())
        connections.close_all()
        return forward()

    proxy.plan("CreateHITWithHITType", stopped_meanwhile)
    publish(third)
    assert HIT.objects.get(study=third).state == HITState.EXPIRED
    assert site.gateway().balance() == 1000
    # Asked for before the stop, and begun after it: by another worker, where the first one died.
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, HIT.objects.filter(state=HITState.PLANNED).count()) == ("done", 2)
    # By the button, while trials are looked through, which can take long: the worker is busy.
    Study.objects.filter(pk=study.pk).update(stopped_at=None)
    job = queue.enqueue("publish", study=study)
    VERBS["publish"](job, press_stop)
    run_job(job.pk)
    assert HIT.objects.filter(state=HITState.PLANNED).count() == 2
    # Asked for after it, the button goes on; also where studies go by a clock that is days ahead.
    settings.MARKETPLACE_CLOCK_OFFSET_S = 3 * 24 * 3600
    stop_study(study)
    run_job(queue.enqueue("publish", study=study).pk)
    assert not HIT.objects.filter(state=HITState.PLANNED).exists()
