"""Requesters' keys: the secret is derived from the site's own, so no table holds it."""

from __future__ import annotations

import base64
import configparser
import hashlib
import hmac
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils.encoding import force_bytes

from marketplace.models import Requester


def secret_access_key(requester: Requester) -> str:
    """The secret that goes with the requester's access key id and key version."""
    message = f"marketplace-credential:{requester.access_key_id}:{requester.key_version}"
    digest = hmac.new(force_bytes(settings.SECRET_KEY), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def secret_for(access_key_id: str) -> str | None:
    """The secret of an active requester's access key; None for any other key."""
    requester = Requester.objects.filter(access_key_id=access_key_id, active=True).first()
    return None if requester is None else secret_access_key(requester)


def write_profile(path: Path, *, requester: Requester, profile: str = "default") -> None:
    """Put the requester's keys into one profile of an AWS-style file, readable by us alone.

    Other profiles stay. The file is replaced in one step: a reader sees the old or the new one.
    """
    parser = configparser.RawConfigParser()
    parser.read(path, encoding="utf-8")
    if not parser.has_section(profile):
        parser.add_section(profile)
    parser.set(profile, "aws_access_key_id", requester.access_key_id)
    parser.set(profile, "aws_secret_access_key", secret_access_key(requester))
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes the file with mode 0600 from the start.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            parser.write(file)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
