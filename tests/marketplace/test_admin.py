from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory

from marketplace.models import HIT, Assignment, HITType, Requester, Transaction, Worker
from tests.marketplace.factories import a_hit, a_submitted

NAMES = ("requester", "worker", "hittype", "hit", "assignment", "transaction")


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("boss", password="x"))
    return client


def test_everything_can_be_looked_at(operator: Client, requester: Requester) -> None:
    a_submitted(a_hit(requester))
    rows = {
        "requester": requester,
        "worker": Worker.objects.get(),
        "hittype": HITType.objects.get(),
        "hit": HIT.objects.get(),
        "assignment": Assignment.objects.get(),
        "transaction": Transaction.objects.latest("number"),
    }
    for name in NAMES:
        assert operator.get(f"/admin/marketplace/{name}/").status_code == 200
        assert operator.get(f"/admin/marketplace/{name}/{rows[name].pk}/change/").status_code == 200


def test_nothing_but_a_requesters_switches_can_be_changed(
    operator: Client, requester: Requester
) -> None:
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.get(username="boss")
    for model in (Requester, Worker, HITType, HIT, Assignment, Transaction):
        page = admin.site.get_model_admin(model)
        assert not page.has_add_permission(request)
        assert not page.has_delete_permission(request)
        assert page.has_change_permission(request) is (model is Requester)
    path = f"/admin/marketplace/requester/{requester.pk}/change/"
    operator.post(path, {"key_version": "2", "name": "other", "access_key_id": "X"})
    requester.refresh_from_db()
    assert (requester.key_version, requester.active) == (2, False)
    assert requester.access_key_id.startswith("AKIQ")
