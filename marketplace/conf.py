"""The marketplace's settings, read in one place and typed."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings


def base_url() -> str:
    """Address workers' browsers use, without a trailing slash: turkSubmitTo is this value."""
    return str(getattr(settings, "MARKETPLACE_URL", "http://127.0.0.1:8000")).rstrip("/")


def credentials_path() -> Path:
    """AWS-style credentials file that `marketplace_requester` writes."""
    return Path(settings.MARKETPLACE_CREDENTIALS)


def signup_open() -> bool:
    """Whether anybody may make a worker account."""
    return bool(getattr(settings, "MARKETPLACE_ALLOW_SIGNUP", False))


def behind_proxy() -> bool:
    """Whether a proxy of ours stands before the site and can be believed."""
    return getattr(settings, "SECURE_PROXY_SSL_HEADER", None) is not None


def clock_offset_s() -> float:
    """Seconds the marketplace's clock runs ahead of real time (tests and demos only)."""
    return float(getattr(settings, "MARKETPLACE_CLOCK_OFFSET_S", 0) or 0)


def calls_per_second() -> float:
    """How many calls a requester may make per second in the long run; 0: any number."""
    return float(getattr(settings, "MARKETPLACE_CALLS_PER_SECOND", 0) or 0)


def sink_hosts() -> frozenset[str]:
    """Where notifications may be sent, as host:port; a host alone means https."""
    listed = getattr(settings, "MARKETPLACE_SINK_HOSTS", ())
    return frozenset(host if ":" in host else f"{host}:443" for host in listed)


def faults() -> list[dict[str, object]]:
    """Faults to inject, for tests and demonstrations; see marketplace.faults."""
    return list(getattr(settings, "MARKETPLACE_FAULTS", ()) or ())


def is_loopback(url: str) -> bool:
    """Whether the address can only be reached from this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
