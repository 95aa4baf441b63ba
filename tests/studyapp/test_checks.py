from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from studyapp.checks import check_settings

PRODUCTION = "https://mturk-requester.us-east-1.amazonaws.com"


@pytest.fixture(autouse=True)
def good(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_MTURK", raising=False)
    settings.DEBUG = False
    settings.QUORUM_URL = settings.MARKETPLACE_URL = "https://lab.example"
    settings.ALLOWED_HOSTS = ["lab.example"]
    settings.SECRET_KEY = "k" * 50
    settings.MARKETPLACE_CREDENTIALS = tmp_path / "keys"


def found() -> list[str | None]:
    return [message.id for message in check_settings()]


def test_good_settings_pass_and_the_checks_are_registered(settings: Settings) -> None:
    assert found() == []
    settings.SECRET_KEY = "short"
    assert "quorum.E006" in [message.id for message in run_checks()]


def test_debug_towards_real_people(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEBUG = True
    assert found() == ["quorum.E002"]
    monkeypatch.setenv("AWS_ENDPOINT_URL_MTURK", PRODUCTION)
    assert found() == ["quorum.E001", "quorum.E002"]
    settings.QUORUM_URL, settings.ALLOWED_HOSTS = "http://127.0.0.1:8000", ["127.0.0.1"]
    assert found() == ["quorum.E001"]


def test_plain_http(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_MTURK", "http://mturk.example")
    settings.QUORUM_URL = "http://lab.example"
    assert found() == ["quorum.E003", "quorum.E004"]


@pytest.mark.parametrize(
    ("allowed", "answered"),
    [
        (["lab.example"], True),
        (["*"], True),
        ([".example"], True),
        ([".lab.example"], True),
        (["other.example"], False),
        ([".b.example"], False),
        ([], False),
    ],
)
def test_our_own_address_is_answered(
    allowed: list[str], answered: bool, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = allowed
    assert found() == ([] if answered else ["quorum.E005"])


def test_ipv6_of_this_machine(settings: Settings) -> None:
    settings.QUORUM_URL, settings.ALLOWED_HOSTS = "http://[::1]:8000", ["[::1]"]
    assert found() == []


def test_keys_others_can_read(settings: Settings) -> None:
    path = Path(settings.MARKETPLACE_CREDENTIALS)
    path.write_text("keys")
    os.chmod(path, 0o600)  # noqa: PTH101
    assert found() == []
    path.chmod(0o640)
    assert found() == ["quorum.W007"]
