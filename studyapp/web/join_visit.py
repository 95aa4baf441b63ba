"""What a panel puts into a study's link, checked: all of it comes from the browser."""

from __future__ import annotations

import re

from django.http import QueryDict

from studyapp.models import StudyLink
from studyapp.study_link import PARTICIPANT, PROOF_FIELD, is_invited, participant_id
from studyapp.voting.errors import BadLinkError
from studyapp.web.rate_tokens import Arrival

_SESSION = re.compile(r"[A-Za-z0-9._:~-]{1,100}")


def read_visit(query: QueryDict, *, link: StudyLink) -> Arrival | None:
    """Who comes; None where the address does not say. Raises BadLinkError."""
    participant = _one(query, name=link.participant_field)
    if not participant:
        if link.invited_only:
            raise BadLinkError("it is not the link of your own that you were sent")
        return None
    if "%" in participant or "{" in participant:
        raise BadLinkError("your panel has not put your id into it")
    if not PARTICIPANT.fullmatch(participant):
        raise BadLinkError("the id in it is not one we can read")
    participant = participant_id(participant)
    proof = _one(query, name=PROOF_FIELD)
    if link.invited_only and not is_invited(link, participant=participant, proof=proof):
        raise BadLinkError("it is not the link of your own that you were sent")
    session = _one(query, name=link.session_field) if link.session_field else ""
    if session and not _SESSION.fullmatch(session):
        raise BadLinkError("the session in it is not one we can read")
    return Arrival(participant, session=session)


def _one(query: QueryDict, *, name: str) -> str:
    """The one value of a parameter. Some browsers arrive with names like "amp;session"."""
    values = [*query.getlist(name), *query.getlist(f"amp;{name}")]
    if len(values) > 1:
        raise BadLinkError(f"it says {name} more than once")
    return str(values[0]).strip() if values else ""
