"""Operations on HITs."""

from __future__ import annotations

from django.db.models import QuerySet

from marketplace import clock
from marketplace.actions import create_hit as create
from marketplace.actions.expire_hit import expire_hit
from marketplace.actions.settle import settle_due
from marketplace.counters import counters, counters_of
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.models import HIT, HITType, Requester
from marketplace.operations.documents import hit_document
from marketplace.operations.hit_types import SHORTEST_S, YEAR_S, hit_type_values
from marketplace.operations.paging import page, page_size, position
from marketplace.operations.parameters import (
    Parameters,
    moment,
    refuse_unsupported,
    text,
    whole,
)
from marketplace.operations.questions import read_question

MOST_ASSIGNMENTS = 1_000_000_000
_NOT_OFFERED = ("HITLayoutId", "HITLayoutParameters", "AssignmentReviewPolicy", "HITReviewPolicy")


def _hits(requester: Requester) -> QuerySet[HIT]:
    return HIT.objects.filter(requester=requester).select_related("hit_type")


def find_hit(requester: Requester, *, parameters: Parameters) -> HIT:
    """The requester's HIT named by HITId; another requester's does not exist for them."""
    hit_id = text(parameters, "HITId")
    hit = _hits(requester).filter(hit_id=hit_id).first()
    if hit is None:
        raise RequestRefusedError("HITDoesNotExist", f"Hit {hit_id} does not exist.")
    return hit


def _hit_values(parameters: Parameters) -> create.HITValues:
    refuse_unsupported(parameters, names=_NOT_OFFERED)
    annotation = text(parameters, "RequesterAnnotation", longest=255)
    if not annotation.isascii():
        raise InvalidParameterError("RequesterAnnotation must be ASCII.")
    question = text(parameters, "Question")
    shown = read_question(question)
    return create.HITValues(
        question=question,
        frame_url=shown.url,
        frame_height=shown.frame_height,
        max_assignments=whole(
            parameters, "MaxAssignments", low=1, high=MOST_ASSIGNMENTS, default=1
        ),
        lifetime_s=whole(parameters, "LifetimeInSeconds", low=SHORTEST_S, high=YEAR_S),
        requester_annotation=annotation,
    )


def _created(
    requester: Requester, *, parameters: Parameters, hit_type: HITType | create.HITTypeValues
) -> dict[str, object]:
    hit = create.create_hit(
        requester,
        hit_type=hit_type,
        values=_hit_values(parameters),
        token=text(parameters, "UniqueRequestToken"),
    )
    return {"HIT": hit_document(hit, counters=counters_of(hit, at=clock.now()))}


def create_hit(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Create a HIT, finding or making its HIT type."""
    return _created(requester, parameters=parameters, hit_type=hit_type_values(parameters))


def create_hit_with_hit_type(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Create a HIT of a known HIT type."""
    hit_type_id = text(parameters, "HITTypeId")
    hit_type = HITType.objects.filter(requester=requester, hit_type_id=hit_type_id).first()
    if hit_type is None:
        raise RequestRefusedError("HITTypeDoesNotExist", f"HITType {hit_type_id} does not exist.")
    return _created(requester, parameters=parameters, hit_type=hit_type)


def get_hit(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """One HIT with its counters as they are now."""
    at = clock.now()
    hit = find_hit(requester, parameters=parameters)
    settle_due(hit=hit, at=at)
    return {"HIT": hit_document(hit, counters=counters_of(hit, at=at))}


def list_hits(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """The requester's HITs, oldest first."""
    at = clock.now()
    settle_due(requester=requester, at=at)
    start = position(parameters, requester=requester, listing="hits")
    found = _hits(requester).order_by("pk")
    if start is not None:
        found = found.filter(pk__gt=start[0])
    hits = list(found[: page_size(parameters)])
    progress = counters(hits, at=at)
    return page(
        [hit_document(hit, counters=progress[hit.pk]) for hit in hits],
        name="HITs",
        last_key=[hits[-1].pk] if hits else [],
        requester=requester,
        listing="hits",
    )


def update_expiration_for_hit(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Expire or extend a HIT."""
    hit = find_hit(requester, parameters=parameters)
    expire_hit(hit, expire_at=moment(parameters, "ExpireAt"))
    return {}
