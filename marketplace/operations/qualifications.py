"""Operations on what workers hold of qualification types, and on what they ask for."""

from __future__ import annotations

from marketplace.actions.decide_request import accept_request, reject_request
from marketplace.actions.grant import grant, revoke
from marketplace.errors import RequestRefusedError
from marketplace.models import Qualification, QualificationRequest, Requester
from marketplace.operations.documents import epoch
from marketplace.operations.paging import page_by_key
from marketplace.operations.parameters import Parameters, flag, text
from marketplace.operations.qualification_types import find_own_type, integer_value
from marketplace.operations.workers import find_worker
from marketplace.vocabulary import RequestStatus

LONGEST_REASON = 1_024


def _document(held: Qualification) -> dict[str, object]:
    return {
        "QualificationTypeId": held.qualification_type.qualification_type_id,
        "WorkerId": held.worker.worker_id,
        "GrantTime": epoch(held.granted_at),
        "IntegerValue": held.value,
        "Status": "Granted" if held.revoked_at is None else "Revoked",
    }


def associate_qualification_with_worker(
    requester: Requester, parameters: Parameters
) -> dict[str, object]:
    """Give a worker a qualification, or another value of one."""
    grant(
        find_own_type(requester, parameters=parameters),
        worker=find_worker(parameters),
        value=integer_value(parameters, "IntegerValue"),
        notify=flag(parameters, "SendNotification", default=True),
    )
    return {}


def disassociate_qualification_from_worker(
    requester: Requester, parameters: Parameters
) -> dict[str, object]:
    """Take a qualification from a worker."""
    revoke(
        find_own_type(requester, parameters=parameters),
        worker=find_worker(parameters),
        reason=text(parameters, "Reason", longest=LONGEST_REASON),
    )
    return {}


def get_qualification_score(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """What a worker holds of one of the requester's types."""
    kind = find_own_type(requester, parameters=parameters)
    worker = find_worker(parameters)
    held = kind.grants.select_related("qualification_type", "worker").filter(worker=worker).first()
    if held is None:
        raise RequestRefusedError(
            "QualificationDoesNotExist",
            f"You requested a Qualification that does not exist: worker {worker.worker_id} has "
            f"none of type {kind.qualification_type_id}.",
        )
    if held.revoked_at is not None:
        raise RequestRefusedError(
            "InvalidQualificationState",
            f"The Qualification of worker {worker.worker_id} is Revoked. This operation can be "
            "called with a status of: Granted",
        )
    return {"Qualification": _document(held)}


def list_workers_with_qualification_type(
    requester: Requester, parameters: Parameters
) -> dict[str, object]:
    """Who holds a type, or held it; without a status, both."""
    kind = find_own_type(requester, parameters=parameters)
    status = text(parameters, "Status")
    found = kind.grants.select_related("qualification_type", "worker")
    if status:
        found = found.filter(revoked_at__isnull=status == "Granted")
    return page_by_key(
        found,
        parameters=parameters,
        name="Qualifications",
        requester=requester,
        listing=f"grants:{kind.pk}:{status}",
        documents=lambda grants: [_document(held) for held in grants],
    )


def _request_document(request: QualificationRequest) -> dict[str, object]:
    document: dict[str, object] = {
        "QualificationRequestId": request.request_id,
        "QualificationTypeId": request.qualification_type.qualification_type_id,
        "WorkerId": request.worker.worker_id,
        "SubmitTime": epoch(request.submitted_at or request.started_at),
    }
    if request.test:
        document |= {"Test": request.test, "Answer": request.answer}
    return document


def list_qualification_requests(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Requests that wait for the requester, for one type or for all of theirs."""
    found = QualificationRequest.objects.select_related("qualification_type", "worker").filter(
        qualification_type__requester=requester, status=RequestStatus.PENDING
    )
    type_id = text(parameters, "QualificationTypeId")
    if type_id:
        found = found.filter(qualification_type=find_own_type(requester, parameters=parameters))
    return page_by_key(
        found,
        parameters=parameters,
        name="QualificationRequests",
        requester=requester,
        listing=f"requests:{type_id}",
        documents=lambda requests: [_request_document(request) for request in requests],
    )


def _find_request(requester: Requester, *, parameters: Parameters) -> QualificationRequest:
    request_id = text(parameters, "QualificationRequestId")
    request = (
        QualificationRequest.objects.select_related("qualification_type__requester", "worker")
        .filter(qualification_type__requester=requester, request_id=request_id)
        .exclude(status__in=[RequestStatus.TESTING, RequestStatus.OVERDUE])
        .first()
    )
    if request is None:
        raise RequestRefusedError(
            "QualificationRequestDoesNotExist",
            f"QualificationRequest {request_id:.64} does not exist.",
        )
    return request


def accept_qualification_request(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Grant what a worker asked for."""
    request = _find_request(requester, parameters=parameters)
    accept_request(request, value=integer_value(parameters, "IntegerValue"))
    return {}


def reject_qualification_request(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Turn a worker's request down."""
    request = _find_request(requester, parameters=parameters)
    reject_request(request, reason=text(parameters, "Reason", longest=LONGEST_REASON))
    return {}
