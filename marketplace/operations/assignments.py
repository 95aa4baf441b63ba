"""Operations on submitted assignments; work in progress is invisible to requesters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from marketplace import clock
from marketplace.actions import review
from marketplace.actions.settle import settle_due
from marketplace.counters import counters_of
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.models import Assignment, Requester
from marketplace.operations.documents import assignment_document, hit_document
from marketplace.operations.hits import find_hit
from marketplace.operations.paging import page, page_size, position
from marketplace.operations.parameters import Parameters, feedback, filled, flag, text
from marketplace.vocabulary import REVIEWABLE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _assignments(requester: Requester) -> QuerySet[Assignment]:
    return Assignment.objects.filter(hit__requester=requester).select_related(
        "hit", "hit__hit_type", "worker"
    )


def find_assignment(requester: Requester, *, parameters: Parameters) -> Assignment:
    """The assignment named by AssignmentId; another requester's does not exist for them."""
    assignment_id = text(parameters, "AssignmentId")
    assignment = _assignments(requester).filter(assignment_id=assignment_id).first()
    if assignment is None:
        raise RequestRefusedError(
            "AssignmentDoesNotExist", f"Assignment {assignment_id} does not exist."
        )
    return assignment


def _statuses(parameters: Parameters) -> list[str]:
    asked = parameters.get("AssignmentStatuses")
    names = {str(name).lower() for name in asked} if isinstance(asked, list) else set()
    return [status.value for status in REVIEWABLE if not names or status.value in names]


def list_assignments_for_hit(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """A HIT's submitted, approved and rejected assignments in the order of submission."""
    hit = find_hit(requester, parameters=parameters)
    settle_due(hit=hit)
    statuses = _statuses(parameters)
    listing = f"assignments:{hit.pk}:{','.join(statuses)}"
    found = _assignments(requester).filter(hit=hit, status__in=statuses)
    start = position(parameters, requester=requester, listing=listing)
    if start is not None:
        # By time of submission: one submitted between two pages is never skipped.
        seen = _EPOCH + start[0] * _MICROSECOND
        found = found.filter(Q(submitted_at__gt=seen) | Q(submitted_at=seen, pk__gt=start[1]))
    assignments = list(found.order_by("submitted_at", "pk")[: page_size(parameters)])
    key: list[int] = []
    if assignments:
        last = assignments[-1]
        key = [((last.submitted_at or _EPOCH) - _EPOCH) // _MICROSECOND, last.pk]
    return page(
        [assignment_document(assignment) for assignment in assignments],
        name="Assignments",
        last_key=key,
        requester=requester,
        listing=listing,
    )


def get_assignment(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """One submitted assignment and its HIT."""
    settle_due(hit=find_assignment(requester, parameters=parameters).hit)
    assignment = find_assignment(requester, parameters=parameters)
    if assignment.status not in REVIEWABLE:
        raise RequestRefusedError(
            "InvalidAssignmentState",
            f"This Assignment {assignment.assignment_id} is currently in a state other than "
            "those this operation can be called with: Reviewable,Approved,Rejected",
        )
    progress = counters_of(assignment.hit, at=clock.now())
    return {
        "Assignment": assignment_document(assignment),
        "HIT": hit_document(assignment.hit, counters=progress),
    }


def get_file_upload_url(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Refuse: no task here can ask for a file, as on the service since it withdrew them."""
    assignment = find_assignment(requester, parameters=parameters)
    question = filled(parameters, "QuestionIdentifier", longest=1024)
    raise InvalidParameterError(
        f"Assignment {assignment.assignment_id} has no uploaded file for the question "
        f"{question}: FileUploadAnswer is offered no more. Ask for files on a page of your own."
    )


def approve_assignment(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Pay a submitted assignment."""
    review.approve(
        find_assignment(requester, parameters=parameters),
        feedback=feedback(parameters, required=False),
        override_rejection=flag(parameters, "OverrideRejection"),
    )
    return {}


def reject_assignment(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Refuse to pay a submitted assignment, with a reason."""
    review.reject(
        find_assignment(requester, parameters=parameters),
        feedback=feedback(parameters, required=True),
    )
    return {}
