"""Who is at the browser, and how often a password may be guessed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from marketplace import conf
from marketplace.models import Worker

P = ParamSpec("P")
FAILURES_PER_NAME = 10
FAILURES_PER_ADDRESS = 100
WINDOW_S = 900


def current_worker(request: HttpRequest) -> Worker | None:
    """The signed-in worker; other users of the site (researchers, say) are none."""
    if not request.user.is_authenticated:
        return None
    return Worker.objects.filter(user=request.user, active=True).first()


def own_address(request: HttpRequest) -> str:
    """This page at the marketplace's address, if it was opened by the machine's other name.

    A session holds for one name alone, and tasks are handed in at the marketplace's own.
    """
    own, here = urlsplit(conf.base_url()), urlsplit(f"//{request.get_host()}")
    both_local = conf.is_loopback(conf.base_url()) and conf.is_loopback(here.geturl())
    if not both_local or here.port != own.port or here.hostname == own.hostname:
        return ""
    return f"{conf.base_url()}{request.get_full_path()}"


def worker_required(
    view: Callable[Concatenate[HttpRequest, Worker, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a view see signed-in workers only; others are asked to sign in."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        worker = current_worker(request)
        if worker is None:
            # A form cannot be repeated after signing in: go on at the board instead.
            target = request.get_full_path() if request.method == "GET" else ""
            target = target or resolve_url("marketplace:board")
            return redirect_to_login(target, resolve_url("marketplace:sign_in"))
        return view(request, worker, *args, **kwargs)

    return guarded


def _address(request: HttpRequest) -> str:
    """Where the request comes from; behind our own proxy, what the proxy says it saw.

    Without this, all the world behind the proxy is one address, and one stranger's wrong
    passwords would lock everybody out.
    """
    seen = request.headers.get("X-Forwarded-For", "") if conf.behind_proxy() else ""
    # The proxy adds its own finding at the end; what stands before it, anybody can claim.
    return seen.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def _keys(request: HttpRequest, *, name: str) -> dict[str, int]:
    address = _address(request)

    def key(kind: str, value: str) -> str:
        return f"marketplace:failures:{kind}:{hashlib.sha256(value.encode()).hexdigest()}"

    return {
        key("name", f"{name.lower()}\n{address}"): FAILURES_PER_NAME,
        key("address", address): FAILURES_PER_ADDRESS,
    }


def may_try(request: HttpRequest, *, name: str) -> bool:
    """Whether another password for this name may be tried from this address now."""
    return all(cache.get(key, 0) < most for key, most in _keys(request, name=name).items())


def note_failure(request: HttpRequest, *, name: str) -> None:
    """Count a wrong password."""
    for key in _keys(request, name=name):
        cache.add(key, 0, WINDOW_S)
        try:
            cache.incr(key)
        except ValueError:
            # It ran out between the two calls: this failure starts a new window.
            cache.set(key, 1, WINDOW_S)
