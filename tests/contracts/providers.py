"""Recruiters under the contract, each with what happens on its other side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

from django.utils import timezone

from marketplace import models as offers
from marketplace.actions.accept import accept
from marketplace.actions.submit import submit
from studyapp import link_places
from studyapp.models import LinkLot
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import Recruiter
from studyapp.vocabulary import Environment
from tests.factories.crowd import RaterFactory
from tests.recruiting import Site, new_workers


@dataclass(frozen=True)
class Offered:
    """A lot as those see it who could take it."""

    lot_id: str
    address: str
    raters: int
    title: str
    reward: Decimal


class Provider(Protocol):
    @property
    def recruiter(self) -> Recruiter: ...

    def offered(self) -> list[Offered]:
        """Every lot, oldest first."""

    def hand_in(self, lot_id: str, fields: Mapping[str, str], *, n: int = 1) -> list[str]:
        """So many people take the lot and submit these fields; ids of their submissions."""


class AtMarketplace:
    """Our marketplace over real HTTP."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.recruiter = connect(Environment.MARKETPLACE)

    def offered(self) -> list[Offered]:
        return [
            Offered(
                lot_id=hit.hit_id,
                address=hit.frame_url,
                raters=hit.max_assignments,
                title=hit.hit_type.title,
                reward=hit.reward,
            )
            for hit in self.site.offered()
        ]

    def hand_in(self, lot_id: str, fields: Mapping[str, str], *, n: int = 1) -> list[str]:
        hit = offers.HIT.objects.get(hit_id=lot_id)
        ids = []
        for worker in new_workers(n):
            accepted = accept(worker, hit=hit)
            submit(accepted.assignment_id, fields=dict(fields))
            ids.append(accepted.assignment_id)
        return ids


class ByLink:
    """The recruiter of links, and the places people take."""

    def __init__(self, _: Site) -> None:
        self.recruiter = connect(Environment.LINK)

    def offered(self) -> list[Offered]:
        return [
            Offered(
                lot_id=lot.lot_id,
                address=lot.address,
                raters=lot.raters,
                title=lot.group.terms["title"],
                reward=Decimal(lot.group.terms["reward"]),
            )
            for lot in LinkLot.objects.order_by("pk")
        ]

    def hand_in(self, lot_id: str, fields: Mapping[str, str], *, n: int = 1) -> list[str]:
        lot = LinkLot.objects.get(lot_id=lot_id)
        ids = []
        for _ in range(n):
            until = timezone.now() + timedelta(minutes=30)
            place = link_places.take_place(lot, rater=RaterFactory.create().pk, until=until)
            assert place is not None, "no place left"
            posted = {name: [value] for name, value in fields.items()}
            link_places.hand_in(place.place_id, fields=posted)
            ids.append(place.place_id)
        return ids
