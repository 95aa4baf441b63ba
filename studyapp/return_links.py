"""Where a participant is sent when they are done: an address of their panel, from a template."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

#: What a template may have in braces.
SLOTS = ("code", "participant", "session")
_BRACED = re.compile(r"\{([^{}]*)\}")
_PLAIN = re.compile(r"[!-~]+")


def check_template(template: str) -> None:
    """Refuse what is no https address of a listed host, or would fill in what we do not have.

    Raises ValidationError.
    """
    if not _PLAIN.fullmatch(template) or "\\" in template:
        raise ValidationError("An address has no blanks, control codes or backslashes.")
    others = [name for name in _BRACED.findall(template) if name not in SLOTS]
    rest = _BRACED.sub("", template)
    if others or "{" in rest or "}" in rest:
        known = ", ".join(f"{{{name}}}" for name in SLOTS)
        raise ValidationError(f"Braces may hold only these: {known}.")
    try:
        parts = urlsplit(template)
    except ValueError as error:
        raise ValidationError("This is no address.") from error
    if parts.scheme != "https":
        raise ValidationError("The address must begin with https://.")
    # The whole of what stands before the path: no account, no port, nothing filled in.
    if parts.netloc not in settings.LINK_RETURN_HOSTS:
        known = ", ".join(settings.LINK_RETURN_HOSTS)
        raise ValidationError(
            f"{parts.netloc or 'no host'} is not among the hosts people may be sent to: {known}. "
            "Whoever runs the site can add one (LINK_RETURN_HOSTS)."
        )


def filled(template: str, *, code: str, participant: str = "", session: str = "") -> str:
    """The address of one participant; empty where the template is, or is no longer allowed."""
    try:
        check_template(template)
    except ValidationError:
        return ""
    values = {"code": code, "participant": participant, "session": session}
    return _BRACED.sub(lambda found: quote(values[found[1]], safe=""), template)
