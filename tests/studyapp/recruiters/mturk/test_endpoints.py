from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from studyapp.errors import RecruiterError
from studyapp.recruiters.mturk.endpoints import Keys, endpoint_for, read_keys
from studyapp.vocabulary import Environment

PRODUCTION = "https://mturk-requester.us-east-1.amazonaws.com"
SANDBOX = "https://mturk-requester-sandbox.us-east-1.amazonaws.com"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Path:
    for name in (
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_MTURK",
        "AWS_ACCESS_KEY_ID",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ):
        monkeypatch.delenv(name, raising=False)
    settings.MARKETPLACE_URL = "http://127.0.0.1:8000"
    settings.MARKETPLACE_CREDENTIALS = tmp_path / "keys"
    settings.MARKETPLACE_CREDENTIALS.write_text(
        "[default]\naws_access_key_id = AKIA%1\naws_secret_access_key = se%cret\n"
    )
    return tmp_path / "keys"


def test_each_environment_has_its_address() -> None:
    ours = endpoint_for(Environment.MARKETPLACE)
    assert ours.url == "http://127.0.0.1:8000/marketplace/api/"
    assert ours.keys == Keys("AKIA%1", "se%cret")
    assert (ours.rate, ours.amazon) == (None, False)
    for environment, url in ((Environment.SANDBOX, SANDBOX), (Environment.PRODUCTION, PRODUCTION)):
        endpoint = endpoint_for(environment)
        assert (endpoint.url, endpoint.keys, endpoint.rate) == (url, None, 3.0)
        assert endpoint.amazon


def test_boto3s_own_variables_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1/all")
    assert endpoint_for(Environment.MARKETPLACE).url == "http://localhost:1/all"
    monkeypatch.setenv("AWS_ENDPOINT_URL_MTURK", "http://localhost:2/mturk")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")
    endpoint = endpoint_for(Environment.MARKETPLACE)
    assert (endpoint.url, endpoint.keys) == ("http://localhost:2/mturk", None)
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert endpoint_for(Environment.MARKETPLACE).url == "http://127.0.0.1:8000/marketplace/api/"


def test_an_endpoint_for_every_service_does_not_move_amazons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://minio.example")
    assert endpoint_for(Environment.SANDBOX).url == SANDBOX


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        (Environment.PRODUCTION, SANDBOX),
        (Environment.PRODUCTION, "http://127.0.0.1:8000"),
        (Environment.SANDBOX, PRODUCTION),
        (Environment.SANDBOX, "https://lab.example"),
        (Environment.MARKETPLACE, PRODUCTION),
        (Environment.MARKETPLACE, SANDBOX.upper().replace("HTTPS", "https")),
        (Environment.PRODUCTION, "https://mturk-requester.us-east-1.amazonaws.com.evil.example"),
        (Environment.PRODUCTION, "https://mturk-requester.us-east-1.amazonaws.com@evil.example"),
    ],
)
def test_real_money_and_play_are_never_mixed(
    environment: Environment, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_MTURK", url)
    with pytest.raises(RecruiterError, match="never mixed"):
        endpoint_for(environment)


def test_production_needs_debug_off(settings: Settings) -> None:
    settings.DEBUG = True
    with pytest.raises(RecruiterError, match="DEBUG is on"):
        endpoint_for(Environment.PRODUCTION)
    assert endpoint_for(Environment.SANDBOX).url == SANDBOX


@pytest.mark.parametrize("url", ["http://lab.example", "ftp://127.0.0.1", "http://10.0.0.7:8000"])
def test_plain_http_stays_on_this_machine(url: str, settings: Settings) -> None:
    settings.MARKETPLACE_URL = url
    with pytest.raises(RecruiterError, match="not https"):
        endpoint_for(Environment.MARKETPLACE)


def test_the_rate_can_be_set(settings: Settings) -> None:
    settings.MTURK_CALLS_PER_SECOND = 1.5
    assert endpoint_for(Environment.SANDBOX).rate == 1.5
    assert endpoint_for(Environment.MARKETPLACE).rate == 1.5


@pytest.mark.parametrize("content", ["", "[other]\na=1", "[default]\na=1", "no ini", "[default"])
def test_a_file_without_keys_names_the_command(content: str, clean: Path) -> None:
    clean.write_text(content)
    with pytest.raises(RecruiterError, match="marketplace_requester NAME") as caught:
        read_keys()
    assert str(clean) in str(caught.value)


def test_no_file_names_the_command(clean: Path) -> None:
    clean.unlink()
    with pytest.raises(RecruiterError, match="no keys to the marketplace"):
        read_keys()


def test_a_secret_is_not_shown() -> None:
    assert "se%cret" not in repr(endpoint_for(Environment.MARKETPLACE))
