from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace import models as offers
from studyapp.errors import InputError
from studyapp.models import HIT, Assignment, Job
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.pay_lost_work import pay_lost_work
from studyapp.pipeline.publish import publish
from studyapp.tasks import run_job
from studyapp.vocabulary import AssignmentState
from tests.factories.crowd import VoteFactory
from tests.recruiting import Site, a_live_study, new_workers, take, take_here

pytestmark = pytest.mark.django_db(transaction=True)


def paid() -> list[Decimal]:
    return list(offers.BonusPayment.objects.order_by("pk").values_list("amount", flat=True))


def test_work_that_could_not_be_handed_in_is_paid_by_name_alone(site: Site, client: Client) -> None:
    study = a_live_study(images=4, trials_per_hit=2, raters_per_trial=2, accept_at=1)
    publish(study)
    first, second = HIT.objects.order_by("lot")
    worker, stranger = new_workers(2)
    take(first, worker=worker)
    collect_votes(study)
    lost, unknown = (
        take_here(second, worker_id=one.worker_id, assignment_id=f"3LOST{n}")
        for n, one in enumerate((worker, stranger))
    )
    for work in (lost, unknown):
        for trial in second.trials.all():
            VoteFactory.create(trial=trial, rater=work.rater, assignment=work, import_key=None)
    Assignment.objects.filter(pk__in=[lost.pk, unknown.pk]).update(state=AssignmentState.FINISHED)
    assert pay_lost_work(study).found == [], "there is time left"
    Assignment.objects.filter(pk__in=[lost.pk, unknown.pk]).update(
        started_at=timezone.now() - timedelta(hours=2)
    )
    HIT.objects.update(asked_at=timezone.now() - timedelta(minutes=90))
    told = "\n".join(pay_lost_work(study).lines())
    assert "not collected yet" in told, "paid with the others if it was handed in"
    collect_votes(study)
    told = "\n".join(pay_lost_work(study).lines())
    assert f"assignment {lost.pk}, lot 1: all answers saved: 0.10 USD" in told
    assert "no other work to pay it with" in told
    with pytest.raises(InputError, match="not said"):
        pay_lost_work(study, pays=True)
    with pytest.raises(InputError, match=f"assignment {unknown.pk}"):
        pay_lost_work(study, only=[lost.pk, unknown.pk], pays=True)
    assert paid() == [], "all of them or none"
    # The page offers what can be paid, and takes a word that somebody has looked at it.
    client.force_login(User.objects.create_superuser("root"))
    url = reverse("admin:studyapp_study_money", args=[study.pk])
    page = client.get(url).content.decode()
    assert f"Assignment {lost.pk}</a>, lot 1, all answers saved: 0.10 USD" in page
    assert f"Assignment {unknown.pk}</a>" not in page
    chosen = {"lost_work": "1", "lost": lost.pk}
    assert "may be made up" in client.post(url, chosen).content.decode()
    refused = client.post(url, {**chosen, "lost": unknown.pk, "looked": "on"})
    assert "is not one of the available choices" in refused.content.decode()
    assert not Job.objects.exists()
    assert client.post(url, {**chosen, "looked": "on"}).status_code == 302
    run_job(Job.objects.get().pk)
    assert "1 of 1 bonus paid" in Job.objects.get().message
    assert pay_lost_work(study, only=[lost.pk], pays=True).paid == 1, "paid before"
    assert paid() == [Decimal("0.10")]
    # The same person had that lot under another id too: it was done once, so it is paid once.
    take_here(second, worker_id=worker.worker_id, assignment_id="3LOST9")
    other = Assignment.objects.get(assignment_id="3LOST9")
    for trial in second.trials.all():
        VoteFactory.create(trial=trial, rater=other.rater, assignment=other, import_key=None)
    Assignment.objects.filter(pk=other.pk).update(
        state=AssignmentState.FINISHED, started_at=timezone.now() - timedelta(hours=2)
    )
    with pytest.raises(InputError, match="paid for"):
        pay_lost_work(study, only=[other.pk], pays=True)
    assert paid() == [Decimal("0.10")]
