"""Operations on HITs."""

from __future__ import annotations

from django.db.models import QuerySet

from marketplace import clock
from marketplace.actions import create_hit as create
from marketplace.actions.expire_hit import expire_hit
from marketplace.actions.extend_hit import MOST_ASSIGNMENTS
from marketplace.actions.settle import settle_due
from marketplace.counters import counters, counters_of
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.models import HIT, HITType, Requester
from marketplace.operations.documents import hit_document
from marketplace.operations.hit_types import (
    SHORTEST_S,
    YEAR_S,
    find_hit_type,
    hit_type_values,
)
from marketplace.operations.paging import page_by_key
from marketplace.operations.parameters import (
    Parameters,
    moment,
    refuse_unsupported,
    text,
    whole,
)
from marketplace.operations.questions import read_question

_NOT_OFFERED = ("AssignmentReviewPolicy", "HITReviewPolicy")


def hits_of(requester: Requester) -> QuerySet[HIT]:
    """The requester's HITs with all that their documents need."""
    found = HIT.objects.filter(requester=requester).select_related("hit_type")
    return found.prefetch_related("hit_type__requirements")


def find_hit(requester: Requester, *, parameters: Parameters) -> HIT:
    """The requester's HIT named by HITId; another requester's does not exist for them."""
    hit_id = text(parameters, "HITId")
    hit = hits_of(requester).filter(hit_id=hit_id).first()
    if hit is None:
        raise RequestRefusedError("HITDoesNotExist", f"Hit {hit_id} does not exist.")
    return hit


def _refuse_layout(parameters: Parameters) -> None:
    """Layouts are made on the service's own pages, which this marketplace has none of."""
    layout = text(parameters, "HITLayoutId")
    if layout:
        raise RequestRefusedError(
            "HITLayoutDoesNotExist",
            f"HITLayout {layout} does not exist: there are none here. Give a Question.",
        )
    if parameters.get("HITLayoutParameters"):
        raise InvalidParameterError("HITLayoutParameters need a HITLayoutId.")


def _hit_values(parameters: Parameters) -> create.HITValues:
    refuse_unsupported(parameters, names=_NOT_OFFERED)
    _refuse_layout(parameters)
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
    hit_type = find_hit_type(requester, parameters=parameters)
    return _created(requester, parameters=parameters, hit_type=hit_type)


def get_hit(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """One HIT with its counters as they are now."""
    at = clock.now()
    hit = find_hit(requester, parameters=parameters)
    if settle_due(hit=hit, at=at):
        hit = find_hit(requester, parameters=parameters)
    return {"HIT": hit_document(hit, counters=counters_of(hit, at=at))}


def hit_documents(hits: list[HIT]) -> list[dict[str, object]]:
    """The HITs of one page with their counters."""
    progress = counters(hits, at=clock.now())
    return [hit_document(hit, counters=progress[hit.pk]) for hit in hits]


def list_hits(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """The requester's HITs, oldest first, without those disposed of."""
    settle_due(requester=requester)
    return page_by_key(
        hits_of(requester).filter(disposed_at__isnull=True),
        parameters=parameters,
        name="HITs",
        requester=requester,
        listing="hits",
        documents=hit_documents,
    )


def update_expiration_for_hit(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Expire or extend a HIT."""
    hit = find_hit(requester, parameters=parameters)
    expire_hit(hit, expire_at=moment(parameters, "ExpireAt"))
    return {}
