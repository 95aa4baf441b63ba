"""What a recruiter may offer besides: to say that something happened to a lot, so that we look.

Nothing hangs on it: collecting goes by what the recruiter lists, asked for by a clock or a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from django.conf import settings

from studyapp.addresses import events_address
from studyapp.recruiters.contract import Recruiter
from studyapp.vocabulary import Environment


@runtime_checkable
class TellsOfEvents(Protocol):
    def tell(self, group_id: str, *, address: str) -> None:
        """Send word of lots under these terms to the address. Safe to repeat."""


def ask_for_events(
    groups: Iterable[str], *, environment: Environment | str, recruiter: Recruiter
) -> None:
    """Have our own marketplace tell this site. Raises RecruiterErrors."""
    own = environment == Environment.MARKETPLACE
    if settings.COLLECT_ON_EVENTS and own and isinstance(recruiter, TellsOfEvents):
        for group_id in groups:
            recruiter.tell(group_id, address=events_address())
