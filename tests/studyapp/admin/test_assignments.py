from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from marketplace import models as offers
from studyapp.models import HIT, Assignment, IntendedCall, RaterIdentity, Study
from studyapp.people import make_researcher
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.publish import publish
from tests.recruiting import Site, a_live_study, new_workers, proxy, site, take

__all__ = ["proxy", "site"]
pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Every answer within a second."


@pytest.fixture
def study(site: Site, client: Client) -> Study:
    """Mara's, with one submission that nobody has paid."""
    mara = make_researcher("mara", password="a long secret")
    client.force_login(mara)
    study = a_live_study(images=1, raters_per_trial=2, accept_at=1, owner=mara)
    publish(study)
    take(HIT.objects.get(), worker=new_workers(1)[0])
    collect_votes(study, pays=False)
    return study


def decided(client: Client, **values: str) -> str:
    url = reverse("admin:studyapp_assignment_decide", args=[Assignment.objects.get().pk])
    return client.post(url, values, follow=True).content.decode()


def test_work_is_rejected_only_with_words_and_a_second_yes(study: Study, client: Client) -> None:
    values = {"verb": "reject", "reject-reason": WORDS}
    assert "This field is required" in decided(client, verb="reject")
    assert "asked twice" in decided(client, **values)
    assert offers.Assignment.objects.get().status == "submitted"
    page = decided(client, **values, **{"reject-confirmed": "on"})
    assert "is rejected" in page
    assert f"“{WORDS}” (by mara)" in page
    assert offers.Assignment.objects.get().requester_feedback == WORDS
    assert "after all" in decided(client, verb="override")
    assert offers.Assignment.objects.get().status == "approved"


def test_a_bonus_is_paid_once(study: Study, client: Client) -> None:
    values = {"verb": "bonus", "bonus-amount": "0.50", "bonus-reason": "Careful work."}
    assert "0.50 USD + fee 0.10 USD paid" in decided(client, **values)
    assert "was paid before" in decided(client, **values)
    assert "Ensure this value is greater" in decided(client, **values | {"bonus-amount": "-1"})
    assert offers.BonusPayment.objects.count() == 1
    assert "is approved" in decided(client, verb="approve")
    assert "no such decision" in decided(client, verb="drop")


def test_other_peoples_studies_do_not_exist(study: Study, client: Client) -> None:
    make_researcher("eve", password="a long secret")
    client.force_login(User.objects.get(username="eve"))
    work = Assignment.objects.get().pk
    url = reverse("admin:studyapp_assignment_decide", args=[work])
    assert client.get(url).status_code == 404
    assert client.post(url, {"verb": "approve"}).status_code == 404
    money = reverse("admin:studyapp_study_money", args=[study.pk])
    assert client.post(money, {"limit": "1", "budget": "5"}).status_code == 404
    page = client.get(reverse("admin:studyapp_assignment_changelist")).content.decode()
    assert study.name not in page
    client.force_login(User.objects.create(username="desk", is_staff=True))
    assert client.post(url, {"verb": "approve"}).status_code == 403
    assert not IntendedCall.objects.exists()


def test_lists_show_no_ids_of_the_marketplace(study: Study, client: Client) -> None:
    decided(client, verb="approve")
    work = Assignment.objects.get()
    secrets = [RaterIdentity.objects.get().worker_id, work.assignment_id, str(work.nonce)]
    pages = [
        reverse("admin:studyapp_assignment_changelist"),
        reverse("admin:studyapp_assignment_change", args=[work.pk]),
        reverse("admin:studyapp_assignment_decide", args=[work.pk]),
        reverse("admin:studyapp_intendedcall_changelist"),
        reverse("admin:studyapp_intendedcall_change", args=[IntendedCall.objects.get().pk]),
        reverse("admin:studyapp_study_money", args=[study.pk]),
    ]
    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200
        assert [secret for secret in secrets if secret in answer.content.decode()] == []


def test_the_page_of_money(study: Study, client: Client, site: Site) -> None:
    url = reverse("admin:studyapp_study_money", args=[study.pk])
    page = client.get(url).content.decode()
    assert "ApproveAssignment: lot 0" in page
    assert "The most it can come to as it stands: 0.24 USD; no limit is set." in page
    assert (
        "The limit is set"
        in client.post(url, {"limit": "1", "budget": "0.30"}, follow=True).content.decode()
    )
    answer = client.post(url, {"extend": "1", "raters": "3"}, follow=True).content.decode()
    assert "the study may cost 0.30 USD" in answer
    client.post(url, {"limit": "1", "budget": ""})
    answer = client.post(url, {"extend": "1", "raters": "3"}, follow=True).content.decode()
    assert "1 of 1 call done" in answer
    assert site.offered()[0].max_assignments == 3
    assert (
        "less than or equal to 99"
        in client.post(url, {"extend": "1", "raters": "1000"}).content.decode()
    )
    act = reverse("admin:studyapp_study_act", args=[study.pk])
    client.post(act, {"verb": "reconcile"})
    assert study.jobs.get().verb == "reconcile"
