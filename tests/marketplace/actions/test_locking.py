from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.actions.locking import lock_hit
from marketplace.models import Requester
from tests.marketplace.factories import a_hit


def test_the_requester_is_locked_before_the_hit(requester: Requester) -> None:
    hit = a_hit(requester)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        assert lock_hit(hit).requester == requester
    tables = [query["sql"].split(' FROM "')[1].split('"')[0] for query in queries]
    assert tables == ["marketplace_requester", "marketplace_hit"]


@pytest.mark.postgres
def test_both_rows_are_locked_where_the_database_can(requester: Requester) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite locks the whole database instead")
    hit = a_hit(requester)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        lock_hit(hit)
    assert all("FOR NO KEY UPDATE" in query["sql"] for query in queries)
