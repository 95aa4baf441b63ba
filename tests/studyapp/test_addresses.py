from __future__ import annotations

import uuid

import pytest
from pytest_django.fixtures import Settings

from studyapp.addresses import by_both_names, host_of, is_loopback, is_safe_transport, rater_page


@pytest.mark.parametrize(
    ("url", "loopback", "safe"),
    [
        ("http://localhost:8000", True, True),
        ("http://LOCALHOST", True, True),
        ("http://127.0.0.1:1/x", True, True),
        ("http://127.8.9.1", True, True),
        ("http://[::1]:8000", True, True),
        ("https://lab.example", False, True),
        ("http://lab.example", False, False),
        ("http://10.0.0.1", False, False),
        ("http://localhost.evil.example", False, False),
        ("http://127.0.0.1@evil.example", False, False),
        ("ftp://127.0.0.1", True, False),
        ("", False, False),
    ],
)
def test_what_stays_on_this_machine(url: str, loopback: bool, safe: bool) -> None:
    assert is_loopback(url) is loopback
    assert is_safe_transport(url) is safe


def test_the_host_is_what_the_browser_would_call() -> None:
    assert host_of("https://user@LAB.example:443/x") == "lab.example"
    assert host_of("nonsense") == ""


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("http://localhost:8000", ["http://localhost:8000", "http://127.0.0.1:8000"]),
        ("http://127.0.0.1:81", ["http://127.0.0.1:81", "http://localhost:81"]),
        ("https://lab.example", ["https://lab.example"]),
        ("https://localhost.lab.example", ["https://localhost.lab.example"]),
    ],
)
def test_one_machine_has_two_names(url: str, names: list[str]) -> None:
    assert by_both_names(url) == names


def test_a_marketplace_opened_by_either_name_may_frame_the_task(settings: Settings) -> None:
    assert by_both_names(settings.MARKETPLACE_URL) == settings.FRAME_ANCESTORS
    assert len(settings.FRAME_ANCESTORS) == 2


def test_the_rater_page_is_under_the_sites_address(settings: Settings) -> None:
    settings.QUORUM_URL = "https://lab.example"
    name = uuid.UUID(int=1)
    assert rater_page(name) == f"https://lab.example/rate/{name}/"
