from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from pytest_django.fixtures import Settings

from marketplace.worker_site.security import in_own_frame, with_frame


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x")


def test_pages_with_a_frame_may_not_be_framed() -> None:
    response = with_frame(_view)(HttpRequest())
    policy = response.headers["Content-Security-Policy"]
    assert "frame-src https: http:" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "default-src 'self'" in policy


@pytest.mark.parametrize(
    ("url", "ancestors"),
    [
        ("https://work.example", "frame-ancestors 'self'"),
        (
            "http://127.0.0.1:8000",
            "frame-ancestors 'self' http://localhost:* http://127.0.0.1:*",
        ),
    ],
)
def test_the_confirmation_may_be_framed_by_its_own_site_alone(
    settings: Settings, url: str, ancestors: str
) -> None:
    settings.MARKETPLACE_URL = url
    response = in_own_frame(_view)(HttpRequest())
    assert response.headers["Content-Security-Policy"].endswith(ancestors)
    assert getattr(response, "xframe_options_exempt", False) is True
