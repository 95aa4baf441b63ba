"""Names for raters that say who is who within an export and nothing beyond it."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from studyapp.analytics import Exclusion
from studyapp.models import Study
from studyapp.reports import Analysis
from studyapp.selectors.votes import VoteTable

#: 64 bits: two of a million raters share a name with a chance below one in ten million.
HEX_DIGITS = 16

#: The key of the API. Its pages are read while votes come in, so their names cannot follow from the
#: votes there are; an export with this pseudonym key has the same names.
API_KEY = "api"


class Pseudonyms:
    """The pseudonyms of one export of one study.

    Keyed by SECRET_KEY, the study and `key`, so that nobody without the first can go from a name
    to a rater, and the same rater in two studies, or under two keys, has two names.
    """

    def __init__(self, study: Study, *, key: str) -> None:
        message = f"rater pseudonyms of study {study.pk}\n{key}"
        self._key = hmac.digest(settings.SECRET_KEY.encode(), message.encode(), hashlib.sha256)
        self._known: dict[UUID, str] = {}

    def of(self, public_id: UUID) -> str:
        """The rater's name in this export, such as `r1f0c2a...`."""
        name = self._known.get(public_id)
        if name is None:
            digest = hmac.new(self._key, public_id.bytes, hashlib.sha256).hexdigest()
            name = self._known[public_id] = f"r{digest[:HEX_DIGITS]}"
        return name


def asked_key(asked: str) -> str:
    """The key of everything that is to name raters alike, by the word somebody chose for it."""
    return f"asked for: {asked}"


def key_of(analysis: Analysis, *, asked: str | None, public: bool = False) -> str:
    """The key that was asked for, or one of this very state of the study's votes.

    The same votes exported twice are the same bytes; once a vote has come in, the names are
    others, and the two exports cannot be joined rater by rater unless a key says that they may.
    A public export shares its names with no other.
    """
    if asked is not None:
        key = asked_key(asked)
    else:
        key = key_of_votes(analysis.votes, analysis.exclusion)
    return f"public, {key}" if public else key


def key_of_votes(votes: VoteTable, exclusion: Exclusion) -> str:
    """The key of these votes, and of what counts among them."""
    digest = hashlib.sha256(votes.vote.tobytes())
    digest.update(exclusion.reason.tobytes())
    return f"these votes: {digest.hexdigest()}"
