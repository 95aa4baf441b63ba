"""SendBonus and ListBonusPayments."""

from __future__ import annotations

from marketplace.actions.send_bonus import send_bonus as pay_bonus
from marketplace.errors import InvalidParameterError
from marketplace.models import BonusPayment, Requester
from marketplace.operations.assignments import find_assignment
from marketplace.operations.documents import epoch
from marketplace.operations.hits import find_hit
from marketplace.operations.paging import page_by_key
from marketplace.operations.parameters import Parameters, filled, money, text

LONGEST_REASON = 4_096


def send_bonus(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Pay a worker more for one assignment."""
    pay_bonus(
        find_assignment(requester, parameters=parameters),
        worker_id=text(parameters, "WorkerId"),
        amount=money(parameters, "BonusAmount"),
        reason=filled(parameters, "Reason", longest=LONGEST_REASON),
        token=text(parameters, "UniqueRequestToken"),
    )
    return {}


def _document(bonus: BonusPayment) -> dict[str, object]:
    return {
        "WorkerId": bonus.assignment.worker.worker_id,
        "BonusAmount": f"{bonus.amount:.2f}",
        "AssignmentId": bonus.assignment.assignment_id,
        "Reason": bonus.reason,
        "GrantTime": epoch(bonus.granted_at),
    }


def list_bonus_payments(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Bonuses of one HIT or of one assignment, oldest first."""
    found = BonusPayment.objects.select_related("assignment__worker")
    if text(parameters, "AssignmentId"):
        assignment = find_assignment(requester, parameters=parameters)
        found, listing = found.filter(assignment=assignment), f"bonuses:a{assignment.pk}"
    elif text(parameters, "HITId"):
        hit = find_hit(requester, parameters=parameters)
        found, listing = found.filter(assignment__hit=hit), f"bonuses:h{hit.pk}"
    else:
        raise InvalidParameterError("Give a HITId or an AssignmentId.")
    return page_by_key(
        found,
        parameters=parameters,
        name="BonusPayments",
        requester=requester,
        listing=listing,
        documents=lambda bonuses: [_document(bonus) for bonus in bonuses],
    )
