"""Names for raters that say who is who within a study and nothing beyond it."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from studyapp.models import Study

#: 64 bits: two of a million raters share a name with a chance below one in ten million.
HEX_DIGITS = 16


class Pseudonyms:
    """The pseudonyms of one study.

    Keyed by SECRET_KEY and the study, so that nobody without the key can go from a name to a
    rater, and the same rater in two studies has two names.
    """

    def __init__(self, study: Study) -> None:
        message = f"rater pseudonyms of study {study.pk}"
        self._key = hmac.digest(settings.SECRET_KEY.encode(), message.encode(), hashlib.sha256)
        self._known: dict[UUID, str] = {}

    def of(self, public_id: UUID) -> str:
        """The rater's name in this study, such as `r1f0c2a...`."""
        name = self._known.get(public_id)
        if name is None:
            digest = hmac.new(self._key, public_id.bytes, hashlib.sha256).hexdigest()
            name = self._known[public_id] = f"r{digest[:HEX_DIGITS]}"
        return name
