from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from marketplace import conf


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9/x", True),
        ("http://localhost:8000/", True),
        ("http://[::1]:8000", True),
        ("http://10.0.0.1", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("https://lab.example", False),
        ("", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert conf.is_loopback(url) is loopback


def test_base_url_has_no_trailing_slash(settings: Settings) -> None:
    settings.MARKETPLACE_URL = "https://work.example/"
    assert conf.base_url() == "https://work.example"


def test_hosts_of_sinks_have_a_port(settings: Settings) -> None:
    settings.MARKETPLACE_SINK_HOSTS = ["lab.example", "127.0.0.1:9324"]
    assert conf.sink_hosts() == {"lab.example:443", "127.0.0.1:9324"}
