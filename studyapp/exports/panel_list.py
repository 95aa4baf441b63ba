"""Who took part by link and what they are owed: the list a panel is paid by. Personal data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO

from django.contrib.auth.base_user import AbstractBaseUser

from studyapp import audit
from studyapp.errors import InputError, StudyError
from studyapp.exports.tables import plain_cell
from studyapp.models import HIT, LinkPlace, Study
from studyapp.plurals import counted
from studyapp.private_file import open_private
from studyapp.vocabulary import Environment, LinkPlaceState

HEADER = (
    "participant",
    "session",
    "lot",
    "state",
    "code",
    "taken_at",
    "handed_in_at",
    "reward",
    "bonus",
    "said",
)
ZERO = Decimal("0.00")
_FORGOTTEN = ""


@dataclass(frozen=True)
class PanelListSummary:
    study: str
    out: str
    rows: int
    reward: Decimal
    bonus: Decimal
    undecided: int

    def lines(self) -> list[str]:
        lines = [
            (
                f"{self.study}: {counted(self.rows, 'row')} in {self.out}; to pay: rewards "
                f"{self.reward:,.2f} USD, bonuses {self.bonus:,.2f} USD."
            ),
            "It names people: keep it apart, and delete it when they are paid.",
        ]
        if self.undecided:
            lines.append(
                f"{counted(self.undecided, 'place')} handed in and not decided on: run "
                f"`manage.py collect_votes {self.study}` first, which approves them."
            )
        return lines


@dataclass(frozen=True)
class Owed:
    """One place in words, and the money of it."""

    participant: str
    session: str
    state: LinkPlaceState
    cells: tuple[str, ...]
    reward: Decimal
    bonus: Decimal


def owed(study: Study) -> Iterator[Owed]:
    """Every place anybody had, in the order of the lots. A forgotten person has no name."""
    if study.environment != Environment.LINK:
        raise StudyError(
            f"its raters come from {study.environment}, which pays them itself",
            item=f"study {study.name}",
        )
    lots = dict(HIT.objects.filter(study=study).values_list("request_token", "lot"))
    fixed = study.link.completion_code if hasattr(study, "link") else ""
    tokens = HIT.objects.filter(study=study).values("request_token")
    rows = LinkPlace.objects.filter(lot__token__in=tokens)
    rows = rows.select_related("lot", "rater__identity", "session").prefetch_related("bonuses")
    for place in sorted(rows, key=lambda place: (lots[place.lot.token], place.number, place.pk)):
        state = LinkPlaceState(place.state)
        identity = getattr(place.rater, "identity", None)
        session = getattr(place, "session", None)
        bonuses = list(place.bonuses.all())
        reward = study.reward if state == LinkPlaceState.APPROVED else ZERO
        bonus = sum((one.amount for one in bonuses), ZERO)
        said = "; ".join(filter(None, [place.reason, *(one.reason for one in bonuses)]))
        name = identity.worker_id if identity else _FORGOTTEN
        participation = session.session_id if session else ""
        yield Owed(
            participant=name,
            session=participation,
            state=state,
            cells=(
                name,
                participation,
                str(lots[place.lot.token]),
                state.label,
                (fixed or place.code) if place.handed_in_at else "",
                place.taken_at.isoformat(timespec="seconds"),
                place.handed_in_at.isoformat(timespec="seconds") if place.handed_in_at else "",
                f"{reward:.2f}",
                f"{bonus:.2f}",
                said,
            ),
            reward=reward,
            bonus=bonus,
        )


def write_panel_list(
    study: Study, *, file: IO[str], bonuses: bool = False, actor: AbstractBaseUser | None = None
) -> list[Owed]:
    """The list as CSV; with `bonuses` the two columns that panels take in bulk, without a header.

    Those are the session, else the participant, and the sum in dollars. That somebody took the
    list is written down: it names people.
    """
    rows, writer = list(owed(study)), csv.writer(file)
    if not bonuses:
        writer.writerow(HEADER)
    for row in rows:
        if not bonuses:
            writer.writerow([plain_cell(cell) for cell in row.cells])
        elif row.bonus and row.participant:
            # Letter by letter, for a panel finds people by it. Ids that come by a link hold
            # letters, digits and ._@+:~- alone, of which a spreadsheet can make no call.
            writer.writerow([row.session or row.participant, f"{row.bonus:.2f}"])
    audit.record("panel_list", study=study, actor=actor, summary={"rows": len(rows)})
    return rows


def panel_list(study: Study, *, out: Path, bonuses: bool = False) -> PanelListSummary:
    """Write the list into a file only its owner may read."""
    try:
        with open_private(out) as file:
            rows = write_panel_list(study, file=file, bonuses=bonuses)
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror})", item=str(out), remedy="Choose another --out"
        ) from error
    return PanelListSummary(
        study=study.name,
        out=str(out),
        rows=len(rows),
        reward=sum((row.reward for row in rows), ZERO),
        bonus=sum((row.bonus for row in rows), ZERO),
        undecided=sum(row.state == LinkPlaceState.SUBMITTED for row in rows),
    )
