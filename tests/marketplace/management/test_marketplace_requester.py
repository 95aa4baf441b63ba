from __future__ import annotations

import configparser
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from marketplace import ledger
from marketplace.models import Requester


@pytest.fixture(autouse=True)
def credentials(settings: Settings, tmp_path: Path) -> Path:
    settings.MARKETPLACE_CREDENTIALS = tmp_path / "marketplace.credentials"
    return tmp_path / "marketplace.credentials"


def _run(*args: str) -> str:
    out = io.StringIO()
    call_command("marketplace_requester", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_again_and_again_is_the_same(credentials: Path) -> None:
    assert "Deposited 250.00 USD." in _run("Vision lab", "--deposit", "250")
    assert "Already deposited" in _run("Vision lab", "--deposit", "250")
    said = _run("Vision lab", "--deposit", "10", "--reference", "march")
    assert "260.00 USD available" in said
    assert "Next: manage.py publish STUDY" in said
    lab = Requester.objects.get()
    assert ledger.balance(lab).deposited == 26_000
    parser = configparser.RawConfigParser()
    parser.read(credentials)
    assert parser["default"]["aws_access_key_id"] == lab.access_key_id
    assert parser["default"]["aws_secret_access_key"] not in said
    assert credentials.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["abc", "NaN", "Infinity", "-5", "0", "0.001", "1e40"])
def test_amounts_that_are_refused(amount: str, credentials: Path) -> None:
    with pytest.raises(CommandError, match="deposit"):
        _run("Vision lab", f"--deposit={amount}")
    assert not credentials.exists()


@pytest.mark.django_db
def test_keys_for_somebody_else_leave_the_sites_own_alone(
    credentials: Path, tmp_path: Path
) -> None:
    _run("Vision lab")
    own = credentials.read_text()
    theirs = tmp_path / "guest.credentials"
    assert str(theirs) in _run("Guest lab", "--file", str(theirs))
    assert credentials.read_text() == own
    assert theirs.stat().st_mode & 0o777 == 0o600
    parser = configparser.RawConfigParser()
    parser.read(theirs)
    guest = Requester.objects.get(name="Guest lab")
    assert parser["default"]["aws_access_key_id"] == guest.access_key_id
