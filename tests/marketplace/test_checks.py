from __future__ import annotations

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings


def _ids() -> set[str | None]:
    return {message.id for message in run_checks() if str(message.id).startswith("marketplace.")}


@pytest.fixture(autouse=True)
def by_invitation(settings: Settings) -> None:
    settings.MARKETPLACE_ALLOW_SIGNUP = False


def test_a_moved_clock_is_refused_where_people_work(settings: Settings) -> None:
    settings.MARKETPLACE_CLOCK_OFFSET_S = 60
    settings.MARKETPLACE_URL = "http://127.0.0.1:8000"
    assert _ids() == set()
    settings.MARKETPLACE_URL = "https://work.example"
    assert _ids() == {"marketplace.E001"}
    settings.MARKETPLACE_CLOCK_OFFSET_S = 0
    assert _ids() == set()


def test_plain_http_is_refused_beyond_this_machine(settings: Settings) -> None:
    settings.MARKETPLACE_URL = "http://work.example"
    assert _ids() == {"marketplace.E002"}
    settings.DEBUG = True
    assert _ids() == set()


def test_open_sign_up_is_said_where_strangers_come(settings: Settings) -> None:
    settings.MARKETPLACE_ALLOW_SIGNUP = True
    settings.MARKETPLACE_URL = "http://127.0.0.1:8000"
    assert _ids() == set()
    settings.MARKETPLACE_URL = "https://work.example"
    assert _ids() == {"marketplace.W003"}
    settings.MARKETPLACE_ALLOW_SIGNUP = False
    assert _ids() == set()


def test_faults_are_refused_where_people_work_and_where_they_cannot_be_read(
    settings: Settings,
) -> None:
    settings.MARKETPLACE_FAULTS = [{"operation": "CreateHIT", "fault": "lost"}]
    settings.MARKETPLACE_URL = "http://127.0.0.1:8000"
    assert _ids() == set()
    settings.MARKETPLACE_URL = "https://work.example"
    assert _ids() == {"marketplace.E004"}
    settings.MARKETPLACE_URL = "http://127.0.0.1:8000"
    settings.MARKETPLACE_FAULTS = [{"fault": "fire"}, "lost"]
    assert _ids() == {"marketplace.E005"}
