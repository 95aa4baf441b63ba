from __future__ import annotations

import pytest

from studyapp.errors import RecruiterError
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import Recruiter
from studyapp.vocabulary import Environment


@pytest.mark.parametrize("environment", [Environment.SANDBOX, "production"])
def test_a_recruiter_for_every_environment_without_a_call(
    environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without keys boto3 would look for them on the cloud machine it may run on.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    recruiter: Recruiter = connect(environment)
    assert recruiter.token_life.total_seconds() < 24 * 3600


def test_the_marketplace_needs_keys(settings: object, tmp_path: object) -> None:
    settings.MARKETPLACE_CREDENTIALS = f"{tmp_path}/none"  # type: ignore[attr-defined]
    with pytest.raises(RecruiterError, match="no keys"):
        connect(Environment.MARKETPLACE)


def test_a_profile_that_is_nowhere_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nosuch")
    with pytest.raises(RecruiterError, match="nosuch"):
        connect(Environment.SANDBOX)


def test_an_unknown_environment_is_an_error() -> None:
    with pytest.raises(ValueError, match="moon"):
        connect("moon")
