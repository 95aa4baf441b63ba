"""Fixtures of a small toy world and a site on two host names."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from demo.world.write import WorldFiles, write_world

PER_CLASS = 3


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> WorldFiles:
    folder = tmp_path_factory.mktemp("world")
    return write_world(folder, seed=3, per_class=PER_CLASS, workers=1)


@pytest.fixture
def two_hosts(live_server: LiveServer, settings: LazySettings) -> str:
    """The rater pages and the marketplace on the two names of one machine."""
    port = live_server.url.rsplit(":", 1)[1]
    settings.QUORUM_URL = f"http://127.0.0.1:{port}"
    settings.MARKETPLACE_URL = f"http://localhost:{port}"
    settings.FRAME_ANCESTORS = [settings.MARKETPLACE_URL]
    settings.CSRF_TRUSTED_ORIGINS = [settings.QUORUM_URL, settings.MARKETPLACE_URL]
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    return str(settings.MARKETPLACE_URL)
