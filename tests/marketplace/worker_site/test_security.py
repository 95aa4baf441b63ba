from __future__ import annotations

from django.http import HttpRequest, HttpResponse

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


def test_the_confirmation_may_be_framed_by_its_own_site_alone() -> None:
    response = in_own_frame(_view)(HttpRequest())
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    assert response.xframe_options_exempt is True
