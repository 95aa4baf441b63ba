from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from tests.flushing import delete_instead_of_truncate

# How long an example takes is the machine's business: a loaded one must not fail a true property.
settings.register_profile("quorum", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quorum")

REPOSITORY = Path(__file__).resolve().parent.parent

_USES_DATABASE = {"db", "transactional_db", "live_server", "client", "admin_client"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what reads or writes the database: nothing else need run on a second one."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & _USES_DATABASE:
            item.add_marker("database")


def skip_or_fail(reason: str) -> None:
    """Skip where something is missing; under CI a missing part is a failure, not a skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (under CI this may not be skipped)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs, votes and weights: $QUORUM_SHARED/data or ../shared/data."""
    folder = Path(os.environ.get("QUORUM_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        skip_or_fail(f"no real data in {folder}: set QUORUM_SHARED to the folder that has it")
    return folder


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """What one test did, such as failing to sign in, is not remembered in the next."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        delete_instead_of_truncate(patch)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End, when all is done, the sessions that threads of live servers may still hold open.

    PostgreSQL drops no database that anybody is connected to.
    """
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
