"""Qualifications on MTurk's wire: what a lot asks of people, and lists made of granted types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studyapp.recruiters.mturk.endpoints import Endpoint
from studyapp.recruiters.mturk.failures import MTurkRefusedError
from studyapp.recruiters.mturk.wire import Wire
from studyapp.recruiters.requirements import Quality, Requirement
from studyapp.vocabulary import Environment

#: Types that MTurk keeps itself.
_BUILT_IN = {
    Quality.APPROVED_PERCENT: "000000000000000000L0",
    Quality.APPROVED_NUMBER: "00000000000000000040",
    Quality.COUNTRY: "00000000000000000071",
}
_MASTERS = "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"
_MASTERS_SANDBOX = "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"
_COMPARATORS = {
    "present": "Exists",
    "absent": "DoesNotExist",
    "in": "In",
    "<": "LessThan",
    "<=": "LessThanOrEqualTo",
    ">": "GreaterThan",
    ">=": "GreaterThanOrEqualTo",
    "=": "EqualTo",
    "!=": "NotEqualTo",
}
#: Of whoever is on a list the value says nothing.
_ON_IT = 1
_NOT_HELD = frozenset({"qualificationdoesnotexist", "invalidqualificationstate"})


def wire_requirements(
    requirements: Iterable[Requirement], *, endpoint: Endpoint
) -> list[dict[str, Any]]:
    """The requirements as CreateHITType takes them."""
    return [_wire(requirement, endpoint=endpoint) for requirement in requirements]


def _wire(requirement: Requirement, *, endpoint: Endpoint) -> dict[str, Any]:
    sandbox = endpoint.environment is Environment.SANDBOX
    quality = requirement.quality
    if quality is Quality.MASTERS:
        type_id = _MASTERS_SANDBOX if sandbox else _MASTERS
    else:
        type_id = _BUILT_IN.get(quality, requirement.own_id)
    wired: dict[str, Any] = {
        "QualificationTypeId": type_id,
        "Comparator": _COMPARATORS[requirement.comparison],
        "ActionsGuarded": "PreviewAndAccept" if requirement.unseen else "Accept",
    }
    if requirement.value is not None:
        wired["IntegerValues"] = [requirement.value]
    if requirement.countries:
        wired["LocaleValues"] = [_locale(place) for place in requirement.countries]
    return wired


def _locale(place: str) -> dict[str, str]:
    country, _, subdivision = place.partition("-")
    return {"Country": country} | ({"Subdivision": subdivision} if subdivision else {})


def make_list(wire: Wire, name: str, *, description: str) -> str:
    """A qualification type of this name, found again where an earlier call made it."""
    operation = "CreateQualificationType"
    try:
        answer = wire.ask(
            operation,
            Name=name,
            Description=description,
            QualificationTypeStatus="Active",
        )
    except MTurkRefusedError as refused:
        if refused.code != "qualificationtypealreadyexists":
            raise
        return _find_list(wire, name, refused=refused)
    made = answer.get("QualificationType") or {}
    if not made.get("QualificationTypeId"):
        raise wire.garbled(operation, why="no QualificationTypeId in it")
    return str(made["QualificationTypeId"])


def _find_list(wire: Wire, name: str, *, refused: MTurkRefusedError) -> str:
    mine = wire.pages(
        "ListQualificationTypes",
        key="QualificationTypes",
        # Its last word is what no other name has.
        Query=name.split()[-1],
        MustBeRequestable=False,
        MustBeOwnedByCaller=True,
    )
    for row in mine:
        if row.get("Name") == name and row.get("QualificationTypeId"):
            return str(row["QualificationTypeId"])
    # A search may lag behind by some seconds: the same command finds it later.
    raise refused


def enlist(wire: Wire, list_id: str, *, worker_id: str) -> None:
    """Grant the type, without a word to the worker: it is no merit."""
    wire.order(
        "AssociateQualificationWithWorker",
        QualificationTypeId=list_id,
        WorkerId=worker_id,
        IntegerValue=_ON_IT,
        SendNotification=False,
    )


def strike(wire: Wire, list_id: str, *, worker_id: str, reason: str) -> None:
    try:
        wire.order(
            "DisassociateQualificationFromWorker",
            QualificationTypeId=list_id,
            WorkerId=worker_id,
            Reason=reason,
        )
    except MTurkRefusedError as refused:
        if refused.code not in _NOT_HELD:
            raise
