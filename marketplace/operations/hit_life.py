"""Operations on a HIT after it was made: extend, change its type, mark, list for review, delete."""

from __future__ import annotations

from django.db.models import Count, F, Q

from marketplace import clock
from marketplace.actions.change_hit_type import change_hit_type
from marketplace.actions.dispose_hit import dispose_hit
from marketplace.actions.extend_hit import MOST_ASSIGNMENTS, extend_hit
from marketplace.actions.mark_reviewing import mark_reviewing
from marketplace.actions.settle import settle_due
from marketplace.models import Requester
from marketplace.operations.hit_types import find_hit_type
from marketplace.operations.hits import find_hit, hits_of
from marketplace.operations.paging import page_by_key
from marketplace.operations.parameters import Parameters, flag, text, whole
from marketplace.vocabulary import CLAIMING, AssignmentStatus


def create_additional_assignments_for_hit(
    requester: Requester, parameters: Parameters
) -> dict[str, object]:
    """Ask for more assignments of a HIT."""
    extend_hit(
        find_hit(requester, parameters=parameters),
        additional=whole(parameters, "NumberOfAdditionalAssignments", low=1, high=MOST_ASSIGNMENTS),
        token=text(parameters, "UniqueRequestToken"),
    )
    return {}


def update_hit_type_of_hit(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Give a HIT another HIT type."""
    hit = find_hit(requester, parameters=parameters)
    change_hit_type(hit, hit_type=find_hit_type(requester, parameters=parameters))
    return {}


def update_hit_review_status(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Mark a reviewable HIT as under review, or take the mark back."""
    hit = find_hit(requester, parameters=parameters)
    mark_reviewing(hit, revert=flag(parameters, "Revert"))
    return {}


def delete_hit(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Dispose of a HIT whose work is all reviewed."""
    dispose_hit(find_hit(requester, parameters=parameters))
    return {}


def list_reviewable_hits(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """HITs whose work is all in; as on the service, nothing but their ids."""
    settle_due(requester=requester)
    claimed, held = (
        Count("assignments", filter=Q(assignments__status__in=statuses))
        for statuses in (CLAIMING, [AssignmentStatus.ACCEPTED])
    )
    status = text(parameters, "Status", default="Reviewable")
    found = (
        hits_of(requester)
        .filter(disposed_at__isnull=True, reviewing=status == "Reviewing")
        .annotate(claimed=claimed, held=held)
        .filter(Q(expires_at__lte=clock.now()) | Q(claimed__gte=F("max_assignments")), held=0)
    )
    kind = text(parameters, "HITTypeId")
    if kind:
        found = found.filter(hit_type__hit_type_id=kind)
    return page_by_key(
        found,
        parameters=parameters,
        name="HITs",
        requester=requester,
        listing=f"reviewable:{status}:{kind}",
        documents=lambda hits: [{"HITId": hit.hit_id} for hit in hits],
    )


def list_review_policy_results_for_hit(
    requester: Requester, parameters: Parameters
) -> dict[str, object]:
    """The results of a HIT without review policies: there can be no other HIT here."""
    hit = find_hit(requester, parameters=parameters)
    levels = parameters.get("PolicyLevels") or ["Assignment", "HIT"]
    empty: dict[str, object] = {"ReviewResults": [], "ReviewActions": []}
    names = {"Assignment": "AssignmentReviewReport", "HIT": "HITReviewReport"}
    reports = {
        report: empty
        for level, report in names.items()
        if isinstance(levels, list) and level in levels
    }
    return {"HITId": hit.hit_id, **reports}
