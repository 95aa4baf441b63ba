"""Operations on qualification types."""

from __future__ import annotations

import hashlib
from functools import reduce

from django.db.models import Q

from marketplace import builtin
from marketplace.actions import qualification_types as types
from marketplace.actions.settle import settle_due
from marketplace.answer_key import read_answer_key
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.models import QualificationType, Requester
from marketplace.operations.documents import type_document
from marketplace.operations.hits import hit_documents, hits_of
from marketplace.operations.paging import page_by_key
from marketplace.operations.parameters import Parameters, filled, flag, text, whole
from marketplace.question_form import read_question_form

LONGEST_S = 31_536_000
_INTEGERS = 2**31


def _does_not_exist(type_id: str) -> RequestRefusedError:
    return RequestRefusedError(
        "QualificationTypeDoesNotExist", f"QualificationType {type_id} does not exist."
    )


def find_own_type(requester: Requester, *, parameters: Parameters) -> QualificationType:
    """The requester's own type named by QualificationTypeId."""
    type_id = text(parameters, "QualificationTypeId")
    found = QualificationType.objects.filter(
        requester=requester, qualification_type_id=type_id, deleted_at__isnull=True
    ).first()
    if found is None:
        raise _does_not_exist(type_id)
    return found


def integer_value(parameters: Parameters, name: str, *, default: int = 1) -> int:
    """A qualification's value."""
    return whole(parameters, name, low=-_INTEGERS, high=_INTEGERS - 1, default=default)


def _short(query: str) -> str:
    """Stands for a query in a page token, which has 255 characters in all."""
    return hashlib.sha256(query.encode()).hexdigest()[:16]


def _seconds(parameters: Parameters, name: str) -> int | None:
    return whole(parameters, name, low=0, high=LONGEST_S) if name in parameters else None


def _test(parameters: Parameters) -> tuple[str, str]:
    """Test and answer key, both looked through before anybody has to take them."""
    test, key = text(parameters, "Test"), text(parameters, "AnswerKey")
    if test:
        asked = {question.identifier for question in read_question_form(test).questions}
        unknown = set(read_answer_key(key).marks) - asked if key else set()
        if unknown:
            raise InvalidParameterError(
                f"AnswerKey marks questions the Test does not ask: {', '.join(sorted(unknown))}."
            )
    return test, key


def create_qualification_type(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """A new type of the requester's."""
    test, key = _test(parameters)
    made = types.create(
        requester,
        name=filled(parameters, "Name", longest=200),
        keywords=text(parameters, "Keywords", longest=1000),
        terms=types.Terms(
            description=filled(parameters, "Description", longest=2000),
            active=text(parameters, "QualificationTypeStatus") == "Active",
            retry_delay_s=_seconds(parameters, "RetryDelayInSeconds"),
            test=test,
            answer_key=key,
            test_duration_s=_seconds(parameters, "TestDurationInSeconds"),
            auto_granted=flag(parameters, "AutoGranted"),
            auto_granted_value=integer_value(parameters, "AutoGrantedValue"),
        ),
    )
    return {"QualificationType": type_document(made, owner=True)}


def update_qualification_type(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Change what is given; a test comes with all its parts, and retries are never disabled."""
    kind = find_own_type(requester, parameters=parameters)
    test, key, duration = kind.test, kind.answer_key, kind.test_duration_s
    if "Test" in parameters:
        test, key = _test(parameters)
        duration = _seconds(parameters, "TestDurationInSeconds")
        if not test:
            raise InvalidParameterError("A Test can be replaced but not taken away.")
    elif {"AnswerKey", "TestDurationInSeconds"} & set(parameters):
        raise InvalidParameterError("Give Test and TestDurationInSeconds with what belongs to it.")
    retry = _seconds(parameters, "RetryDelayInSeconds")
    status = text(parameters, "QualificationTypeStatus")
    changed = types.update(
        kind,
        terms=types.Terms(
            description=filled(parameters, "Description", longest=2000)
            if "Description" in parameters
            else kind.description,
            active=status == "Active" if status else kind.active,
            retry_delay_s=kind.retry_delay_s if retry is None else retry,
            test=test,
            answer_key=key,
            test_duration_s=duration,
            auto_granted=flag(parameters, "AutoGranted", default=kind.auto_granted),
            auto_granted_value=integer_value(
                parameters, "AutoGrantedValue", default=kind.auto_granted_value
            ),
        ),
    )
    return {"QualificationType": type_document(changed, owner=True)}


def get_qualification_type(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """A type of anybody's, or one that is built in."""
    type_id = text(parameters, "QualificationTypeId")
    if type_id in builtin.NAMES:
        name = builtin.NAMES[type_id]
        built_in: dict[str, object] = {
            "QualificationTypeId": type_id,
            "CreationTime": 0,
            "Name": name,
            "Description": name,
            "QualificationTypeStatus": "Active",
            "IsRequestable": False,
            "AutoGranted": False,
        }
        return {"QualificationType": built_in}
    kind = QualificationType.objects.filter(
        qualification_type_id=type_id, deleted_at__isnull=True
    ).first()
    if kind is None:
        raise _does_not_exist(type_id)
    return {"QualificationType": type_document(kind, owner=kind.requester_id == requester.pk)}


def delete_qualification_type(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Delete a type and the HIT types that ask for it."""
    types.delete(find_own_type(requester, parameters=parameters))
    return {}


def list_qualification_types(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Types that hold every word of the query in name, description or keywords."""
    query = text(parameters, "Query", longest=1000)
    words = [
        Q(name__icontains=word) | Q(description__icontains=word) | Q(keywords__icontains=word)
        for word in query.split()
    ]
    found = QualificationType.objects.filter(deleted_at__isnull=True)
    found = found.filter(reduce(Q.__and__, words, Q()))
    owned = flag(parameters, "MustBeOwnedByCaller")
    if owned:
        found = found.filter(requester=requester)
    if requestable := flag(parameters, "MustBeRequestable"):
        found = found.filter(active=True)
    return page_by_key(
        found,
        parameters=parameters,
        name="QualificationTypes",
        requester=requester,
        listing=f"types:{owned:d}{requestable:d}:{_short(query)}",
        documents=lambda kinds: [
            type_document(kind, owner=kind.requester_id == requester.pk) for kind in kinds
        ],
    )


def list_hits_for_qualification_type(
    requester: Requester, parameters: Parameters
) -> dict[str, object]:
    """The requester's HITs that ask for a type, without those disposed of."""
    settle_due(requester=requester)
    type_id = text(parameters, "QualificationTypeId")
    if type_id not in builtin.NAMES:
        get_qualification_type(requester, parameters)
    found = hits_of(requester).filter(disposed_at__isnull=True)
    return page_by_key(
        found.filter(hit_type__requirements__qualification_type_id=type_id).distinct(),
        parameters=parameters,
        name="HITs",
        requester=requester,
        listing=f"type:{type_id}",
        documents=hit_documents,
    )
