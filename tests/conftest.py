from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

# How long an example takes is the machine's business: a loaded one must not fail a true property.
settings.register_profile("quorum", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quorum")

REPOSITORY = Path(__file__).resolve().parent.parent


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
