"""A recruiter without a provider: lots are offered at the study's own link, places kept here.

It pays nobody. An approval, a rejection and a bonus are records, by which the panel is paid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from studyapp import clock
from studyapp.errors import RecruiterError
from studyapp.link_places import is_offered, new_id, settle_overdue
from studyapp.models import LinkBonus, LinkGroup, LinkLot, LinkPlace
from studyapp.recruiters.contract import (
    Lot,
    LotGoneError,
    LotNow,
    PaidBonus,
    PublishedLot,
    Submission,
    SubmissionState,
    Terms,
)
from studyapp.vocabulary import USED_PLACE_STATES, LinkPlaceState

_STATES = {
    LinkPlaceState.SUBMITTED: SubmissionState.SUBMITTED,
    LinkPlaceState.APPROVED: SubmissionState.APPROVED,
    LinkPlaceState.REJECTED: SubmissionState.REJECTED,
}


class LinkRecruiter:
    """A Recruiter whose books are tables of ours."""

    #: Its tokens are never forgotten.
    token_life = timedelta(days=36_500)

    def balance(self) -> Decimal | None:
        return None

    def prepare(self, terms: Terms) -> str:
        said = {
            "title": terms.title,
            "description": terms.description,
            "keywords": terms.keywords,
            "reward": f"{terms.reward:.2f}",
            "seconds_allowed": int(terms.time_allowed.total_seconds()),
        }
        text = json.dumps(said, sort_keys=True)
        group_id = f"LINK{hashlib.sha256(text.encode()).hexdigest()[:40].upper()}"
        LinkGroup.objects.get_or_create(group_id=group_id, defaults={"terms": said})
        return group_id

    def publish(self, lot: Lot, *, group_id: str) -> PublishedLot:
        group = LinkGroup.objects.filter(group_id=group_id).first()
        if group is None:
            raise RecruiterError("there are no such terms", item=f"group {group_id}")
        row, made = LinkLot.objects.get_or_create(
            token=lot.token,
            defaults={
                "lot_id": new_id(),
                "group": group,
                "address": lot.address,
                "raters": lot.raters,
                "expires_at": clock.now() + lot.open_for,
            },
        )
        return _published(row, was_there=not made)

    def find(self, tokens: Collection[str]) -> dict[str, PublishedLot]:
        rows = LinkLot.objects.filter(token__in=list(tokens)).select_related("group")
        return {row.token: _published(row, was_there=True) for row in rows}

    def submissions(self, lot_id: str) -> Iterator[Submission]:
        lot = _lot(lot_id)
        settle_overdue(lot, now=clock.now())
        places = lot.places.filter(state__in=USED_PLACE_STATES).order_by("handed_in_at", "pk")
        for place in places.select_related("rater__identity"):
            yield _submission(place)

    def submission(self, submission_id: str) -> Submission:
        return _submission(_place(submission_id))

    def approve(self, submission: Submission, *, override: bool = False) -> None:
        before = [LinkPlaceState.SUBMITTED, *([LinkPlaceState.REJECTED] if override else ())]
        _review(submission, to=LinkPlaceState.APPROVED, before=before)

    def reject(self, submission: Submission, *, reason: str) -> None:
        before = [LinkPlaceState.SUBMITTED]
        _review(submission, to=LinkPlaceState.REJECTED, before=before, reason=reason)

    def bonus(self, submission: Submission, *, amount: Decimal, reason: str, token: str) -> None:
        place = _place(submission.submission_id)
        LinkBonus.objects.get_or_create(
            token=token, defaults={"place": place, "amount": amount, "reason": reason}
        )

    def bonuses(self, submission_id: str) -> list[PaidBonus]:
        rows = LinkBonus.objects.filter(place__place_id=submission_id).order_by("pk")
        return [PaidBonus(row.amount, row.reason) for row in rows]

    def lot(self, lot_id: str) -> LotNow:
        lot, now = _lot(lot_id), clock.now()
        settle_overdue(lot, now=now)
        free = lot.places.held(now=now).count() < lot.raters
        return LotNow(
            raters=lot.raters,
            expires_at=lot.expires_at,
            takes_new=free and is_offered(lot, now=now),
            disposed=lot.disposed_at is not None,
        )

    def add_raters(self, lot_id: str, *, more: int, token: str) -> None:
        with transaction.atomic():
            lot = _lot(lot_id, lock=True)
            if token in lot.extended_by:
                return
            lot.raters += more
            lot.extended_by = [*lot.extended_by, token]
            lot.save(update_fields=["raters", "extended_by"])

    def prolong(self, lot_id: str, *, until: datetime) -> None:
        with transaction.atomic():
            lot = _lot(lot_id, lock=True)
            _refuse_disposed(lot)
            lot.expires_at = until
            lot.save(update_fields=["expires_at"])

    def expire(self, lot_id: str) -> None:
        with transaction.atomic():
            lot = _lot(lot_id, lock=True)
            lot.expires_at = min(lot.expires_at, clock.now())
            lot.save(update_fields=["expires_at"])

    def dispose(self, lot_id: str) -> None:
        with transaction.atomic():
            lot, now = _lot(lot_id, lock=True), clock.now()
            settle_overdue(lot, now=now)
            waiting = lot.places.held(now=now).filter(
                state__in=[LinkPlaceState.TAKEN, LinkPlaceState.SUBMITTED]
            )
            if lot.expires_at > now or waiting.exists():
                raise RecruiterError(
                    "it is on offer, somebody is at work, or work is not decided on",
                    item=f"lot {lot_id}",
                    remedy="Close the study, wait until their time is over, and review the work",
                )
            LinkLot.objects.filter(pk=lot.pk, disposed_at__isnull=True).update(disposed_at=now)


def _lot(lot_id: str, *, lock: bool = False) -> LinkLot:
    rows = LinkLot.objects.select_for_update(no_key=True) if lock else LinkLot.objects.all()
    lot = rows.filter(lot_id=lot_id).first()
    if lot is None:
        raise LotGoneError("no lot of this name is offered by link", item=f"lot {lot_id}")
    return lot


def _refuse_disposed(lot: LinkLot) -> None:
    if lot.disposed_at is not None:
        raise LotGoneError("it was disposed of", item=f"lot {lot.lot_id}")


def _place(place_id: str) -> LinkPlace:
    rows = LinkPlace.objects.select_related("rater__identity")
    place = rows.filter(place_id=place_id).first()
    if place is None:
        raise RecruiterError("nobody handed this in by link", item=f"submission {place_id}")
    return place


def _review(
    submission: Submission,
    *,
    to: LinkPlaceState,
    before: list[LinkPlaceState],
    reason: str = "",
) -> None:
    """Move the place on, once; already there is fine, anything else is said."""
    row = LinkPlace.objects.filter(place_id=submission.submission_id)
    said = {"reason": reason} if to == LinkPlaceState.REJECTED else {}
    if row.filter(state__in=before).update(state=to, reviewed_at=clock.now(), **said):
        return
    now = _place(submission.submission_id)
    if now.state != to:
        raise RecruiterError(
            f"it is {now.get_state_display().lower()}, so it cannot become {to}",
            item=f"submission {submission.submission_id}",
        )


def _published(lot: LinkLot, *, was_there: bool) -> PublishedLot:
    return PublishedLot(
        lot_id=lot.lot_id,
        group_id=lot.group.group_id,
        expires_at=lot.expires_at,
        was_there=was_there,
    )


def _submission(place: LinkPlace) -> Submission:
    if place.state not in _STATES:
        raise RecruiterError("it is not handed in", item=f"submission {place.place_id}")
    identity = getattr(place.rater, "identity", None)
    return Submission(
        submission_id=place.place_id,
        # Forgotten people have none; their work is known by its proof.
        worker_id=identity.worker_id if identity else "",
        state=_STATES[LinkPlaceState(place.state)],
        accepted_at=place.taken_at,
        submitted_at=place.handed_in_at,
        reviewed_at=place.reviewed_at,
        fields={name: tuple(values) for name, values in place.fields.items()},
    )
