"""Where the people stand who came by a study's link."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum

from studyapp.models import HIT, LinkLot, LinkPlace, Study
from studyapp.study_link import address_to_hand_out, link_of
from studyapp.vocabulary import LinkPlaceState


@dataclass(frozen=True)
class LinkProgress:
    """address: to hand out. wanted: places in all. states: how many places are in which state."""

    address: str
    wanted: int
    states: tuple[tuple[str, int], ...]


def link_progress(study: Study) -> LinkProgress:
    tokens = HIT.objects.filter(study=study).values("request_token")
    lots = LinkLot.objects.filter(token__in=tokens)
    rows = LinkPlace.objects.filter(lot__in=lots.values("pk")).values("state")
    counts = dict(rows.annotate(n=Count("pk")).values_list("state", "n"))
    return LinkProgress(
        address=address_to_hand_out(link_of(study)),
        wanted=lots.aggregate(n=Sum("raters"))["n"] or 0,
        states=tuple((state.label, counts.get(state, 0)) for state in LinkPlaceState),
    )
