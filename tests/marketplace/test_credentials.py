from __future__ import annotations

import stat
from pathlib import Path

import boto3
import pytest
from pytest_django.fixtures import Settings

from marketplace.credentials import secret_access_key, secret_for, write_profile
from marketplace.models import Requester


def test_the_secret_is_derived_and_changes_with_version_and_site_key(
    requester: Requester, settings: Settings
) -> None:
    first = secret_access_key(requester)
    assert secret_for(requester.access_key_id) == first
    requester.key_version += 1
    assert secret_access_key(requester) != first
    requester.key_version -= 1
    settings.SECRET_KEY = "another"
    assert secret_access_key(requester) != first


def test_unknown_and_switched_off_requesters_have_no_secret(requester: Requester) -> None:
    assert secret_for("AKIQNOBODY") is None
    requester.active = False
    requester.save()
    assert secret_for(requester.access_key_id) is None


def test_boto3_reads_the_written_profile_and_others_stay(
    requester: Requester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "credentials"
    path.parent.mkdir()
    path.write_text("[mine]\naws_access_key_id = KEPT\naws_secret_access_key = kept%secret\n")
    write_profile(path, requester=requester)
    write_profile(path, requester=requester)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["credentials"]
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    keys = boto3.Session(profile_name="default").get_credentials()
    assert keys is not None
    assert (keys.access_key, keys.secret_key) == (
        requester.access_key_id,
        secret_access_key(requester),
    )
    kept = boto3.Session(profile_name="mine").get_credentials()
    assert kept is not None
    assert kept.secret_key == "kept%secret"
