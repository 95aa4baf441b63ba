"""What browsers are told about the worker's pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.http import HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt

from marketplace import conf

P = ParamSpec("P")
View = Callable[P, HttpResponse]
_COMMON = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; "
)
WITH_FRAME = _COMMON + "frame-src https: http:; frame-ancestors 'none'"
WITH_PICTURES = (
    _COMMON.replace("img-src 'self'", "img-src 'self' https:") + "frame-ancestors 'none'"
)
IN_FRAME = _COMMON + "frame-ancestors 'self'"
# On one machine the same site goes by two names; the frame shall not stay blank for that.
LOOPBACK = " http://localhost:* http://127.0.0.1:*"


def with_frame(view: View[P]) -> View[P]:
    """The page holds a task of any requester in a frame; nobody may frame the page itself."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["Content-Security-Policy"] = WITH_FRAME
        return response

    return wrapped


def with_pictures(view: View[P]) -> View[P]:
    """The page shows pictures of any requester."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["Content-Security-Policy"] = WITH_PICTURES
        return response

    return wrapped


def in_own_frame(view: View[P]) -> View[P]:
    """The page may stand in a frame of the marketplace's own pages."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        names = LOOPBACK if conf.is_loopback(conf.base_url()) else ""
        response.headers.setdefault("Content-Security-Policy", IN_FRAME + names)
        return response

    return xframe_options_exempt(wrapped)
