"""Set how people come to a study by its link, and invite them one by one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction

from studyapp import audit
from studyapp.errors import InputError, StudyError
from studyapp.models import HIT, LinkPlace, Study, StudyLink
from studyapp.plurals import counted
from studyapp.private_file import open_private
from studyapp.study_link import (
    PANELS,
    PARTICIPANT,
    address_to_hand_out,
    invitation,
    link_of,
    participant_id,
)
from studyapp.vocabulary import Environment

#: What may be set, by the name of the column.
FIELDS = (
    "panel",
    "participant_field",
    "session_field",
    "tasks_each",
    "invited_only",
    "completion_code",
    "screen_out_code",
    "full_code",
    "return_url",
    "fee_percent",
)
MOST_INVITED = 100_000
LARGEST_BYTES = 20_000_000


@dataclass(frozen=True)
class SetLinkSummary:
    study: str
    changed: tuple[str, ...]
    address: str
    said: tuple[str, ...] = ()
    invited: int = 0
    out: str = ""

    def lines(self) -> list[str]:
        done = f"changed: {', '.join(self.changed)}" if self.changed else "nothing changed"
        lines = [f"{self.study}: {done}.", *self.said]
        if self.out:
            lines.append(f"{counted(self.invited, 'link')} for one person each in {self.out}.")
        else:
            lines += ["The link to hand out:", f"  {self.address}"]
        return lines


def set_link(
    study: Study,
    *,
    kind: str | None = None,
    values: Mapping[str, Any] | None = None,
    actor: AbstractBaseUser | None = None,
) -> SetLinkSummary:
    """Change what is given and tell the rest; `kind` names a panel whose words are known.

    Codes and the way back can be changed while the study runs; whose participants they are not,
    once somebody took part: they would be taken for new people.
    """
    _require_link(study)
    wanted = {**_known(kind), **(values or {})}
    with transaction.atomic():
        link = StudyLink.objects.select_for_update(no_key=True).get(pk=link_of(study).pk)
        changed = tuple(name for name in FIELDS if name in wanted and _differs(link, name, wanted))
        for name in changed:
            setattr(link, name, wanted[name])
        try:
            link.full_clean()
        except ValidationError as error:
            raise _invalid(error, item=f"link of {study.name}") from error
        if "panel" in changed:
            refuse_new_panel(link)
        if changed:
            link.save()
            audit.record("set_link", study=study, actor=actor, summary={"changed": [*changed]})
    return SetLinkSummary(
        study=study.name, changed=changed, address=address_to_hand_out(link), said=_said(link)
    )


def refuse_new_panel(link: StudyLink) -> None:
    """Whoever took part would be somebody else under another panel's name."""
    tokens = HIT.objects.filter(study=link.study_id).values("request_token")
    if LinkPlace.objects.filter(lot__token__in=tokens).exists():
        raise StudyError(
            "people have taken part already, and under another panel they would be new people",
            item=f"study {link.study.name}",
            remedy="Leave the panel as it is, or make a new study",
        )


def invite(study: Study, *, path: Path, out: Path) -> SetLinkSummary:
    """Write a link of their own for every id of the file, which has one in its first column."""
    _require_link(study)
    link = link_of(study)
    ids = _ids(path)
    rows = [(participant, invitation(link, participant=participant)) for participant in ids]
    try:
        with open_private(out) as file:
            writer = csv.writer(file)
            writer.writerow(["participant", "link"])
            writer.writerows(rows)
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror})", item=str(out), remedy="Choose another --out"
        ) from error
    said = (
        ()
        if link.invited_only
        else ("Mind: links without an invitation work as well; --invited-only ends that.",)
    )
    return SetLinkSummary(
        study=study.name,
        changed=(),
        address=address_to_hand_out(link),
        said=said,
        invited=len(rows),
        out=str(out),
    )


def _require_link(study: Study) -> None:
    if study.environment != Environment.LINK:
        raise StudyError(
            f"its raters come from {study.environment}",
            item=f"study {study.name}",
            remedy="Set environment: link in a draft, by new_study or in the admin",
        )


def _known(kind: str | None) -> dict[str, Any]:
    if kind is None:
        return {}
    panel = PANELS.get(kind)
    if panel is None:
        raise InputError(
            "there is no such panel among those we know the words of",
            item=kind,
            remedy=f"Use {', '.join(PANELS)}, and set the rest by its own option",
        )
    named = {} if kind == "own" else {"panel": kind}
    return {
        **named,
        "participant_field": panel.participant_field,
        "session_field": panel.session_field,
        "return_url": panel.return_url,
    }


def _differs(link: StudyLink, name: str, wanted: Mapping[str, Any]) -> bool:
    return bool(getattr(link, name) != wanted[name])


def _said(link: StudyLink) -> tuple[str, ...]:
    code = link.completion_code or "one of their own for everybody"
    way = link.return_url or "none: people are shown the code"
    who = "by invitation only" if link.invited_only else "whoever has it"
    tasks = counted(link.tasks_each, "HIT")
    return (
        f"People of {link.panel}, {who}; {tasks} each. Completion code: {code}. Way back: {way}.",
    )


def _ids(path: Path) -> list[str]:
    """The ids of the first column, each once; a heading `participant` or `id` is none."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"more than {LARGEST_BYTES:,} bytes", item=str(path))
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [row[0].strip() for row in csv.reader(file) if row and row[0].strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            "cannot be read", item=str(path), remedy="Give a text file with one id a line"
        ) from error
    ids: dict[str, None] = {}
    for number, cell in enumerate(cells, 1):
        participant = participant_id(cell)
        if number == 1 and participant in ("participant", "id"):
            continue
        if not PARTICIPANT.fullmatch(participant):
            raise InputError(
                f"{cell[:40]!r} is no id",
                item=f"{path}, line {number}",
                remedy="An id has letters, digits and . _ @ + : ~ -, 100 at most, and no blanks",
            )
        ids[participant] = None
    if not 0 < len(ids) <= MOST_INVITED:
        raise InputError(f"{len(ids):,} ids", item=str(path), remedy=f"Give 1 to {MOST_INVITED:,}")
    return list(ids)


def _invalid(error: ValidationError, *, item: str) -> InputError:
    told = [
        f"{name}: {message.rstrip('.')}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]
    return InputError("; ".join(told), item=item, remedy="Correct these and run it again")
