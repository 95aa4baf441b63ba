"""The link of a study: what panels call things, the address to hand out, personal invitations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

from studyapp.models import Study, StudyLink

#: The parameter of an invitation that proves it.
PROOF_FIELD = "proof"
#: What every panel uses in its ids, e-mail addresses too.
PARTICIPANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+:~-]{0,99}")


def participant_id(text: str) -> str:
    """An id as it is stored: a mailbox is the same however it is typed or copied from a list."""
    return text.lower() if "@" in text else text


#: Said wherever somebody might think that money has moved.
NOBODY_PAID = (
    "A link pays nobody: this is a record, and `manage.py panel_list {study}` what to pay by"
)


@dataclass(frozen=True)
class Panel:
    """What a panel puts into addresses. placeholders: its own words for the values."""

    participant_field: str
    session_field: str = ""
    return_url: str = ""
    placeholders: Mapping[str, str] = field(default_factory=dict)


#: Names as the panels document them; any of them can be changed for a study.
PANELS: Mapping[str, Panel] = {
    "prolific": Panel(
        participant_field="PROLIFIC_PID",
        session_field="SESSION_ID",
        return_url="https://app.prolific.com/submissions/complete?cc={code}",
        placeholders={
            "PROLIFIC_PID": "{{%PROLIFIC_PID%}}",
            "STUDY_ID": "{{%STUDY_ID%}}",
            "SESSION_ID": "{{%SESSION_ID%}}",
        },
    ),
    # Appends its parameters to the address by itself.
    "connect": Panel(
        participant_field="participantId",
        session_field="assignmentId",
        return_url="https://connect.cloudresearch.com/participant/project/{code}/complete",
    ),
    # Gives no ids: people are asked for the name they take part under.
    "surveycircle": Panel(
        participant_field="participant",
        return_url="https://www.surveycircle.com/{code}/",
    ),
    "own": Panel(participant_field="participant", placeholders={"participant": "ID"}),
}


def link_of(study: Study) -> StudyLink:
    """The study's link; made with defaults where there is none yet."""
    panel = study.name[: StudyLink._meta.get_field("panel").max_length]
    link, _ = StudyLink.objects.get_or_create(study=study, defaults={"panel": panel})
    return link


def study_address(link: StudyLink) -> str:
    """The address without anybody's id."""
    return f"{settings.QUORUM_URL}/join/{link.public_id}/"


def address_to_hand_out(link: StudyLink) -> str:
    """The address as the panel wants it, its placeholders in it; else with a word to replace."""
    panel = next(
        (
            panel
            for panel in PANELS.values()
            if panel.participant_field == link.participant_field
            and panel.session_field == link.session_field
        ),
        PANELS["own"],
    )
    pairs = dict(panel.placeholders)
    if panel is PANELS["own"]:
        pairs = {link.participant_field: "ID"}
        if link.session_field:
            pairs[link.session_field] = "SESSION"
    query = "&".join(f"{name}={value}" for name, value in pairs.items())
    return study_address(link) + (f"?{query}" if query else "")


def invitation(link: StudyLink, *, participant: str) -> str:
    """The address of one person, with the proof that we made it."""
    query = {link.participant_field: participant, PROOF_FIELD: _proof(link, participant)}
    return f"{study_address(link)}?{urlencode(query)}"


def is_invited(link: StudyLink, *, participant: str, proof: str) -> bool:
    return constant_time_compare(proof, _proof(link, participant))


def _proof(link: StudyLink, participant: str) -> str:
    salt = f"quorum.join.invited/{link.public_id.hex}"
    return signing.Signer(salt=salt).signature(participant)
