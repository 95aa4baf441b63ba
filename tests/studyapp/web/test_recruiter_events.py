from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from marketplace.models import Notification
from marketplace.sinks import deliver, deliver_due
from studyapp.models import HIT, Assignment, Job
from studyapp.pipeline.publish import publish
from studyapp.tasks import run_job
from studyapp.vocabulary import JobState
from tests.recruiting import Site, a_live_study, new_workers, site, take

__all__ = ["site"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_what_is_handed_in_is_collected_when_the_marketplace_says_so(
    site: Site, settings: Settings
) -> None:
    settings.COLLECT_ON_EVENTS = True
    settings.MARKETPLACE_SINK_HOSTS = [urlsplit(site.url).netloc]
    study = a_live_study(images=3, raters_per_trial=1, accept_at=1, trials_per_hit=1)
    publish(study)
    first, second, third = HIT.objects.order_by("lot")
    ada, bob, eve = new_workers(3)
    take(first, worker=ada)
    assert deliver_due() == (2, 0), "handed in, and all of it"
    assert Job.objects.get().arguments == {"lots": [first.hit_id]}
    take(second, worker=bob)
    assert deliver_due() == (2, 0)
    job = Job.objects.get()
    assert job.arguments == {"lots": sorted([str(first.hit_id), str(second.hit_id)])}
    take(third, worker=eve)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.message
    states = Assignment.objects.order_by("hit__lot").values_list("state", flat=True)
    assert list(states) == ["approved", "approved", "working"], "it asked about those alone"

    # Work that is under way may be past what is told now.
    Job.objects.update(state=JobState.RUNNING, ended_at=None)
    assert deliver(Notification.objects.all()[0]), "told twice"
    assert Job.objects.count() == 2
    # Work on all of a study that waits is enough.
    Job.objects.filter(state=JobState.QUEUED).update(arguments={})
    assert deliver_due() == (2, 0)
    assert Job.objects.count() == 2


def test_whoever_has_not_our_key_starts_nothing(site: Site, settings: Settings) -> None:
    publish(a_live_study(images=1, trials_per_hit=1))
    message = f'{{"Events": [{{"HITId": "{HIT.objects.get().hit_id}"}}]}}'

    def says(signature: str, text: str = message) -> int:
        headers = {"X-Marketplace-Signature": signature}
        return Client().post("/events/", {"MessageBody": text}, headers=headers).status_code

    assert says("") == 404, "switched off"
    settings.COLLECT_ON_EVENTS = True
    assert [says(""), says("AAAA"), says("é"), says("", text="")] == [403, 403, 403, 400]
    settings.MARKETPLACE_CREDENTIALS = settings.QUORUM_VAR / "none"
    assert says("AAAA") == 403
    assert not Job.objects.exists()
