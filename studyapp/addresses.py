"""Addresses: which are local, and where a rater's page is."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings


def host_of(url: str) -> str:
    """The host of a URL in lower case; empty where there is none."""
    return (urlsplit(url).hostname or "").lower()


def is_loopback(url: str) -> bool:
    """Whether the address can only be reached from this machine."""
    host = host_of(url)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def by_both_names(url: str) -> list[str]:
    """The address; on this machine also under the other of its two names, at the same port."""
    for name, other in (("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")):
        if host_of(url) == name:
            return [url, url.replace(name, other, 1)]
    return [url]


def is_safe_transport(url: str) -> bool:
    """https, or plain http that never leaves this machine."""
    return url.startswith("https://") or (url.startswith("http://") and is_loopback(url))


def events_address() -> str:
    """Where a marketplace sends word of what happened to our lots."""
    return f"{settings.QUORUM_URL}/events/"


def rater_page(public_id: UUID) -> str:
    """The address of a HIT's rater page; the marketplace adds who takes it."""
    return f"{settings.QUORUM_URL}/rate/{public_id}/"
