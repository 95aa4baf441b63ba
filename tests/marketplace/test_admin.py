from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.test import Client, RequestFactory

from marketplace import models
from marketplace.actions.block import block
from marketplace.actions.contest import contest
from marketplace.actions.grant import grant
from marketplace.actions.invite import invite
from marketplace.actions.request_qualification import request_qualification
from marketplace.actions.review import reject
from marketplace.actions.send_bonus import send_bonus
from marketplace.events import event_document, put
from marketplace.models import Dispute, Requester, Worker
from marketplace.vocabulary import EventType
from tests.marketplace.factories import (
    a_hit,
    a_qualification_type,
    a_requester,
    a_submitted,
    a_worker,
    asking,
)

SHOWN: list[type[Model]] = [
    getattr(models, name) for name in models.__all__ if name not in {"RequestToken", "Requirement"}
]
CHANGED = {Requester, Worker, Dispute}


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("boss", password="x"))
    return client


@pytest.fixture
def dispute(requester: Requester) -> Dispute:
    done = a_submitted(a_hit(requester))
    reject(done, feedback="Too quick.")
    return contest(done, text="I looked at each.")


def _one_of_each(requester: Requester, dispute: Dispute) -> None:
    done = dispute.assignment
    send_bonus(done, worker_id=done.worker.worker_id, amount=Decimal("0.05"), reason="-", token="")
    kind = a_qualification_type(requester)
    asking(done.hit.hit_type, kind.qualification_type_id, "Exists")
    grant(kind, worker=done.worker, value=3, notify=True)
    request_qualification(kind, worker=a_worker())
    block(requester, worker=a_worker(), reason="-")
    invite(note="course 3")
    setting = models.NotificationSetting.objects.create(
        hit_type=done.hit.hit_type, destination="https://x.example", transport="SQS", version="1"
    )
    event = event_document(EventType.PING, at=done.accepted_at, hit_type_id="3T", hit_id="3H")
    put(setting, requester=requester, event_type=EventType.PING, event=event, at=done.accepted_at)


@pytest.mark.slow
def test_everything_can_be_looked_at_and_found(
    operator: Client, requester: Requester, dispute: Dispute
) -> None:
    _one_of_each(requester, dispute)
    for model in SHOWN:
        row = model._default_manager.latest("pk")
        base = f"/admin/marketplace/{model._meta.model_name}/"
        assert operator.get(base).status_code == 200, model
        assert operator.get(f"{base}{row.pk}/change/").status_code == 200, model
        if admin.site.get_model_admin(model).search_fields:
            assert operator.get(base, {"q": "x"}).status_code == 200, model
    invitation = models.Invitation.objects.get()
    page = operator.get(f"/admin/marketplace/invitation/{invitation.pk}/change/")
    assert invitation.code_hash not in page.content.decode()


def test_nothing_but_a_few_switches_can_be_changed(operator: Client, requester: Requester) -> None:
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.get(username="boss")
    for model in SHOWN:
        page = admin.site.get_model_admin(model)
        assert not page.has_add_permission(request)
        assert not page.has_delete_permission(request)
        assert page.has_change_permission(request) is (model in CHANGED), model
    path = f"/admin/marketplace/requester/{requester.pk}/change/"
    operator.post(path, {"key_version": "2", "name": "other", "access_key_id": "X"})
    requester.refresh_from_db()
    assert (requester.key_version, requester.active) == (2, False)
    assert requester.access_key_id.startswith("AKIQ")
    worker = a_worker()
    path = f"/admin/marketplace/worker/{worker.pk}/change/"
    operator.post(path, {"masters": "on", "country": "DE", "worker_id": "AX"})
    fresh = Worker.objects.get()
    assert (fresh.masters, fresh.active, fresh.country) == (True, False, "")
    assert fresh.worker_id == worker.worker_id


def test_money_is_shown_to_the_cent(
    operator: Client, requester: Requester, dispute: Dispute
) -> None:
    a_hit(requester)
    page = operator.get("/admin/marketplace/requester/").content.decode()
    assert "99.88" in page
    assert "0.12" in page
    path = f"/admin/marketplace/requester/{requester.pk}/change/"
    assert "100.00 USD deposited = 99.88 available" in operator.get(path).content.decode()
    assert "99.88" in operator.get("/admin/marketplace/transaction/").content.decode()


def test_a_dispute_is_decided_once(operator: Client, dispute: Dispute) -> None:
    path = f"/admin/marketplace/dispute/{dispute.pk}/change/"
    page = operator.get(path).content.decode()
    for text in ("I looked at each.", "Too quick.", "QuestionFormAnswers", "0.10"):
        assert text in page
    for incomplete in ({"decision": "pay"}, {"answer": "Yes."}, {"decision": "x", "answer": "y"}):
        operator.post(path, incomplete)
        dispute.refresh_from_db()
        assert dispute.status == "open"
    operator.post(path, {"decision": "pay", "answer": "You are right."})
    dispute.refresh_from_db()
    assert (dispute.status, dispute.answer) == ("paid", "You are right.")
    assert dispute.assignment.hit.requester.transactions.filter(kind="reward").count() == 1
    assert b'name="decision"' not in operator.get(path).content
    assert operator.post(path, {"decision": "dismiss", "answer": "No."}).status_code == 403
    dispute.refresh_from_db()
    assert dispute.status == "paid"


def test_what_stands_in_the_way_of_a_decision_is_said(operator: Client) -> None:
    poor = a_requester(deposited="0.12")
    done = a_submitted(a_hit(poor))
    reject(done, feedback="Too quick.")
    a_hit(poor)
    dispute = contest(done, text="I looked at each.")
    path = f"/admin/marketplace/dispute/{dispute.pk}/change/"
    answer = operator.post(path, {"decision": "pay", "answer": "Yes."}, follow=True)
    page = answer.content.decode()
    assert "Nothing was decided." in page
    assert "was changed" not in page
    assert not LogEntry.objects.exists()
    dispute.refresh_from_db()
    assert (dispute.status, dispute.answer) == ("open", "")
