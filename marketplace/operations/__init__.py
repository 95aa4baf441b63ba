"""The operations a requester calls: each takes checked parameters and returns a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from marketplace.models import Requester
from marketplace.operations import (
    account,
    assignments,
    bonuses,
    hit_life,
    hit_types,
    hits,
    notifications,
    qualification_types,
    qualifications,
    workers,
)

Handler = Callable[[Requester, Mapping[str, object]], dict[str, object]]

OPERATIONS: Mapping[str, Handler] = MappingProxyType(
    {
        "AcceptQualificationRequest": qualifications.accept_qualification_request,
        "ApproveAssignment": assignments.approve_assignment,
        "AssociateQualificationWithWorker": qualifications.associate_qualification_with_worker,
        "CreateAdditionalAssignmentsForHIT": hit_life.create_additional_assignments_for_hit,
        "CreateHIT": hits.create_hit,
        "CreateHITType": hit_types.create_hit_type,
        "CreateHITWithHITType": hits.create_hit_with_hit_type,
        "CreateQualificationType": qualification_types.create_qualification_type,
        "CreateWorkerBlock": workers.create_worker_block,
        "DeleteHIT": hit_life.delete_hit,
        "DeleteQualificationType": qualification_types.delete_qualification_type,
        "DeleteWorkerBlock": workers.delete_worker_block,
        "DisassociateQualificationFromWorker": (
            qualifications.disassociate_qualification_from_worker
        ),
        "GetAccountBalance": account.get_account_balance,
        "GetAssignment": assignments.get_assignment,
        "GetFileUploadURL": assignments.get_file_upload_url,
        "GetHIT": hits.get_hit,
        "GetQualificationScore": qualifications.get_qualification_score,
        "GetQualificationType": qualification_types.get_qualification_type,
        "ListAssignmentsForHIT": assignments.list_assignments_for_hit,
        "ListBonusPayments": bonuses.list_bonus_payments,
        "ListHITs": hits.list_hits,
        "ListHITsForQualificationType": qualification_types.list_hits_for_qualification_type,
        "ListQualificationRequests": qualifications.list_qualification_requests,
        "ListQualificationTypes": qualification_types.list_qualification_types,
        "ListReviewPolicyResultsForHIT": hit_life.list_review_policy_results_for_hit,
        "ListReviewableHITs": hit_life.list_reviewable_hits,
        "ListWorkerBlocks": workers.list_worker_blocks,
        "ListWorkersWithQualificationType": qualifications.list_workers_with_qualification_type,
        "NotifyWorkers": workers.notify_workers,
        "RejectAssignment": assignments.reject_assignment,
        "RejectQualificationRequest": qualifications.reject_qualification_request,
        "SendBonus": bonuses.send_bonus,
        "SendTestEventNotification": notifications.send_test_event_notification,
        "UpdateExpirationForHIT": hits.update_expiration_for_hit,
        "UpdateHITReviewStatus": hit_life.update_hit_review_status,
        "UpdateHITTypeOfHIT": hit_life.update_hit_type_of_hit,
        "UpdateNotificationSettings": notifications.update_notification_settings,
        "UpdateQualificationType": qualification_types.update_qualification_type,
    }
)


def handler_for(name: str) -> Handler:
    """The operation's function; the service description has made sure that there is one."""
    return OPERATIONS[name]
