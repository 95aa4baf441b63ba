"""System checks that refuse dangerous settings of the marketplace."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning

from marketplace import conf, faults


def moved_clock(**_kwargs: object) -> list[CheckMessage]:
    """Refuse a moved clock where real people work."""
    if not conf.clock_offset_s() or settings.DEBUG or conf.is_loopback(conf.base_url()):
        return []
    return [
        Error(
            f"MARKETPLACE_CLOCK_OFFSET_S is {conf.clock_offset_s():g} on {conf.base_url()}.",
            hint="A moved clock ends real workers' assignments early: remove the setting.",
            id="marketplace.E001",
        )
    ]


def faults_on_purpose(**_kwargs: object) -> list[CheckMessage]:
    """Refuse rules that cannot be read, and any rule where real people work."""
    messages: list[CheckMessage] = []
    for number, values in enumerate(conf.faults(), start=1):
        try:
            faults.read_rule(values)
        except (ValueError, AttributeError, TypeError) as error:
            messages.append(
                Error(
                    f"Rule {number} of MARKETPLACE_FAULTS cannot be used: {error}.",
                    hint="marketplace/faults.py says what a rule may hold.",
                    id="marketplace.E005",
                )
            )
    if conf.faults() and not settings.DEBUG and not conf.is_loopback(conf.base_url()):
        messages.append(
            Error(
                f"MARKETPLACE_FAULTS breaks calls on purpose on {conf.base_url()}.",
                hint="Remove the setting: requesters would lose answers about their money.",
                id="marketplace.E004",
            )
        )
    return messages


def plain_http(**_kwargs: object) -> list[CheckMessage]:
    """Refuse an unencrypted public marketplace: passwords and assignment ids would be readable."""
    url = conf.base_url()
    if settings.DEBUG or url.startswith("https://") or conf.is_loopback(url):
        return []
    return [
        Error(
            f"MARKETPLACE_URL is {url}: workers' passwords would travel unencrypted.",
            hint="Serve the marketplace over https and set MARKETPLACE_URL to that address.",
            id="marketplace.E002",
        )
    ]


def open_signup(**_kwargs: object) -> list[CheckMessage]:
    """Say where anybody can be paid, and be several raters, by making accounts."""
    if not conf.signup_open() or settings.DEBUG or conf.is_loopback(conf.base_url()):
        return []
    return [
        CheckWarning(
            f"Anybody can become a worker at {conf.base_url()}, as often as they like: one person "
            "may answer a question several times and is paid for each.",
            hint="Set MARKETPLACE_ALLOW_SIGNUP=false and add people with "
            "`manage.py marketplace_worker NAME`, unless you mean it.",
            id="marketplace.W003",
        )
    ]
