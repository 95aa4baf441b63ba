"""Cookies of the worker's pages, apart from those of the site around them.

Somebody who runs studies and rates in the same browser stays signed in as both, and a worker's
session opens nothing outside the marketplace.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

PREFIX = "marketplace_"


def _names() -> tuple[str, ...]:
    """What Django's own parts read and set."""
    return settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, CookieStorage.cookie_name


class OwnCookiesMiddleware:
    """Below the marketplace's address, exchanges the site's cookies for those with a prefix.

    It stands before the middleware of sessions, forms and messages, which notice nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        root = reverse("marketplace:board")
        if not request.path.startswith(root):
            return self.get_response(request)
        for name in _names():
            request.COOKIES.pop(name, None)
            if PREFIX + name in request.COOKIES:
                request.COOKIES[name] = request.COOKIES[PREFIX + name]
        response = self.get_response(request)
        for name in _names():
            if cookie := response.cookies.pop(name, None):
                cookie.set(PREFIX + name, cookie.value, cookie.coded_value)
                cookie["path"] = root
                response.cookies[PREFIX + name] = cookie
        return response
