"""The structures of the protocol; absent values are left out."""

from __future__ import annotations

from datetime import datetime

from marketplace.counters import Counters
from marketplace.models import HIT, Assignment, QualificationType, Requirement
from marketplace.vocabulary import ActionsGuarded


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970, the service's resolution."""
    return int(moment.timestamp())


def requirement_document(requirement: Requirement) -> dict[str, object]:
    """The QualificationRequirement structure, with the deprecated flag as it follows."""
    document: dict[str, object] = {
        "QualificationTypeId": requirement.qualification_type_id,
        "Comparator": requirement.comparator,
        "RequiredToPreview": requirement.actions_guarded != ActionsGuarded.ACCEPT,
        "ActionsGuarded": requirement.actions_guarded,
    }
    if requirement.integer_values:
        document["IntegerValues"] = requirement.integer_values
    if requirement.locale_values:
        document["LocaleValues"] = [
            {"Country": country} | ({"Subdivision": subdivision} if subdivision else {})
            for country, subdivision in requirement.locale_values
        ]
    return document


def hit_document(hit: HIT, *, counters: Counters) -> dict[str, object]:
    """The HIT structure."""
    kind = hit.hit_type
    document: dict[str, object] = {
        "HITId": hit.hit_id,
        "HITTypeId": kind.hit_type_id,
        "HITGroupId": kind.group_id,
        "CreationTime": epoch(hit.created_at),
        "Title": kind.title,
        "Description": kind.description,
        "Question": hit.question,
        "HITStatus": counters.status.value,
        "MaxAssignments": hit.max_assignments,
        "Reward": f"{hit.reward:.2f}",
        "AutoApprovalDelayInSeconds": kind.auto_approval_delay_s,
        "Expiration": epoch(hit.expires_at),
        "AssignmentDurationInSeconds": kind.assignment_duration_s,
        "QualificationRequirements": [
            requirement_document(requirement) for requirement in kind.requirements.all()
        ],
        "HITReviewStatus": "NotReviewed",
        "NumberOfAssignmentsPending": counters.pending,
        "NumberOfAssignmentsAvailable": counters.available,
        "NumberOfAssignmentsCompleted": counters.completed,
    }
    if kind.keywords:
        document["Keywords"] = kind.keywords
    if hit.requester_annotation:
        document["RequesterAnnotation"] = hit.requester_annotation
    return document


def assignment_document(assignment: Assignment) -> dict[str, object]:
    """The Assignment structure."""
    document: dict[str, object] = {
        "AssignmentId": assignment.assignment_id,
        "WorkerId": assignment.worker.worker_id,
        "HITId": assignment.hit.hit_id,
        "AssignmentStatus": assignment.status.capitalize(),
        "AcceptTime": epoch(assignment.accepted_at),
        "Deadline": epoch(assignment.deadline),
        "Answer": assignment.answer,
    }
    times = {
        "SubmitTime": assignment.submitted_at,
        "AutoApprovalTime": assignment.auto_approval_at,
        "ApprovalTime": assignment.approved_at,
        "RejectionTime": assignment.rejected_at,
    }
    document |= {name: epoch(moment) for name, moment in times.items() if moment is not None}
    if assignment.requester_feedback:
        document["RequesterFeedback"] = assignment.requester_feedback
    return document


def type_document(kind: QualificationType, *, owner: bool) -> dict[str, object]:
    """The QualificationType structure; how a test is marked is its owner's alone."""
    document: dict[str, object] = {
        "QualificationTypeId": kind.qualification_type_id,
        "CreationTime": epoch(kind.created_at),
        "Name": kind.name,
        "Description": kind.description,
        "QualificationTypeStatus": "Active" if kind.active else "Inactive",
        "IsRequestable": True,
        "AutoGranted": kind.auto_granted,
    }
    if kind.keywords:
        document["Keywords"] = kind.keywords
    if kind.retry_delay_s is not None:
        document["RetryDelayInSeconds"] = kind.retry_delay_s
    if kind.auto_granted:
        document["AutoGrantedValue"] = kind.auto_granted_value
    if kind.test and owner:
        document["Test"] = kind.test
        document["TestDurationInSeconds"] = kind.test_duration_s
        if kind.answer_key:
            document["AnswerKey"] = kind.answer_key
    return document
