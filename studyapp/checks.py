"""System checks: mixes of settings that would cost money, answers or secrets are refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error

from studyapp.addresses import host_of, is_loopback, is_safe_transport
from studyapp.recruiters.mturk.endpoints import HOSTS
from studyapp.vocabulary import Environment

SHORTEST_SECRET = 32


def check_settings(*_args: object, **_kwargs: object) -> list[CheckMessage]:
    """All checks of this module, in the shape Django calls."""
    return [*check_debug(), *check_transport(), *check_hosts(), *check_secrets()]


def check_debug() -> list[CheckMessage]:
    """DEBUG belongs to this machine alone."""
    found: list[CheckMessage] = []
    if not settings.DEBUG:
        return found
    endpoint = os.environ.get("AWS_ENDPOINT_URL_MTURK", "")
    if host_of(endpoint) == HOSTS[Environment.PRODUCTION]:
        found.append(
            Error(
                "AWS_ENDPOINT_URL_MTURK is MTurk's production address while DEBUG is on.",
                hint="Unset DEBUG before real people are paid, or use the sandbox's address.",
                id="quorum.E001",
            )
        )
    if not is_loopback(settings.QUORUM_URL):
        found.append(
            Error(
                f"DEBUG is on for a site that others reach at {settings.QUORUM_URL}.",
                hint="Unset DEBUG: its error pages show settings and rows to anybody.",
                id="quorum.E002",
            )
        )
    return found


def check_transport() -> list[CheckMessage]:
    """Answers and signatures travel encrypted unless they stay on this machine."""
    found: list[CheckMessage] = []
    endpoint = os.environ.get("AWS_ENDPOINT_URL_MTURK")
    if endpoint and not is_safe_transport(endpoint):
        found.append(
            Error(
                f"AWS_ENDPOINT_URL_MTURK is {endpoint}: MTurk calls would not be encrypted.",
                hint="Use an https address; http is taken for this machine only.",
                id="quorum.E003",
            )
        )
    if not is_safe_transport(settings.QUORUM_URL):
        found.append(
            Error(
                f"QUORUM_URL is {settings.QUORUM_URL}: raters' answers would not be encrypted, "
                "and marketplaces show https pages only.",
                hint="Serve the site over https and set QUORUM_URL to that address.",
                id="quorum.E004",
            )
        )
    return found


def check_hosts() -> list[CheckMessage]:
    """The addresses we give to others must be ones we answer to."""
    host = host_of(settings.QUORUM_URL)
    allowed = settings.ALLOWED_HOSTS
    dotted = [name for name in allowed if name.startswith(".")]
    known = host in [name.strip("[]") for name in allowed] or "*" in allowed
    if known or any(f".{host}".endswith(name) for name in dotted):
        return []
    return [
        Error(
            f"QUORUM_URL is {settings.QUORUM_URL}, but ALLOWED_HOSTS has no {host}.",
            hint=f"Add {host} to ALLOWED_HOSTS, or every rater page answers 400.",
            id="quorum.E005",
        )
    ]


def check_secrets() -> list[CheckMessage]:
    """Keys are long and nobody else's to read."""
    found: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        found.append(
            Error(
                f"SECRET_KEY has {len(settings.SECRET_KEY)} characters.",
                hint=(
                    f"Set one of {SHORTEST_SECRET} random characters or more, or unset it: then "
                    "one is made and kept in QUORUM_VAR."
                ),
                id="quorum.E006",
            )
        )
    path = Path(settings.MARKETPLACE_CREDENTIALS)
    if path.is_file() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        found.append(
            checks.Warning(
                f"Other accounts of this machine can read the marketplace's keys in {path}.",
                hint=f"chmod 600 {path}",
                id="quorum.W007",
            )
        )
    return found
