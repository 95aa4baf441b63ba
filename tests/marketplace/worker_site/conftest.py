from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from marketplace.models import Worker
from marketplace.worker_site.cookies import PREFIX
from tests.marketplace.factories import a_worker


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Counted sign-in failures of other tests do not count here."""
    cache.clear()


def signed_in(worker: Worker) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(worker.user)
    client.cookies[f"{PREFIX}sessionid"] = client.cookies.pop("sessionid").value
    return client


@pytest.fixture
def worker(db: None) -> Worker:
    return a_worker()


@pytest.fixture
def browser(worker: Worker) -> Client:
    return signed_in(worker)
