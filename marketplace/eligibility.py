"""Whether a worker meets what a HIT type asks for, and if not, in which words they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from marketplace import builtin
from marketplace.errors import WorkRefusedError
from marketplace.models import HITType, QualificationType, Requirement, Worker
from marketplace.standing import Standing, meets
from marketplace.vocabulary import ActionsGuarded, Comparator


@dataclass(frozen=True)
class Shown:
    """A requirement as a worker reads it."""

    name: str
    wanted: str
    met: bool
    guards: str
    qualification_type: QualificationType | None
    #: Of a list nobody may be on, what its maker says about it.
    barred: str = ""


def _wanted(requirement: Requirement) -> str:
    comparator = Comparator(requirement.comparator)
    if comparator == Comparator.EXISTS:
        return "needed"
    if comparator == Comparator.DOES_NOT_EXIST:
        return "only for those without it"
    values = [
        f"{country}-{subdivision}" if subdivision else country
        for country, subdivision in requirement.locale_values
    ] or [str(value) for value in requirement.integer_values]
    return f"{comparator.label} {', '.join(values)}"


def shown(hit_type: HITType, *, standing: Standing) -> list[Shown]:
    """Every requirement of a HIT type, with whether the worker meets it."""
    requirements = list(hit_type.requirements.all())
    own = QualificationType.objects.in_bulk(
        {requirement.qualification_type_id for requirement in requirements} - set(builtin.NAMES),
        field_name="qualification_type_id",
    )
    return [
        Shown(
            name=_name(requirement, own=own),
            wanted=_wanted(requirement),
            met=meets(requirement, standing=standing),
            guards=requirement.actions_guarded,
            qualification_type=own.get(requirement.qualification_type_id),
            barred=_barred(requirement, own=own),
        )
        for requirement in requirements
    ]


def _name(requirement: Requirement, *, own: Mapping[str, QualificationType]) -> str:
    type_id = requirement.qualification_type_id
    return own[type_id].name if type_id in own else builtin.NAMES.get(type_id, type_id)


def _barred(requirement: Requirement, *, own: Mapping[str, QualificationType]) -> str:
    kind = own.get(requirement.qualification_type_id)
    if kind is None or requirement.comparator != Comparator.DOES_NOT_EXIST:
        return ""
    return kind.description


def _unmet_guards(requirements: Iterable[Requirement], *, standing: Standing) -> set[str]:
    return {
        requirement.actions_guarded
        for requirement in requirements
        if not meets(requirement, standing=standing)
    }


def may_discover(hit_type: HITType, *, standing: Standing) -> bool:
    """Whether the HIT type's HITs are on the worker's list at all."""
    if hit_type.requester_id in standing.blocked_by:
        return False
    return ActionsGuarded.DISCOVER not in _unmet_guards(
        hit_type.requirements.all(), standing=standing
    )


def may_preview(hit_type: HITType, *, standing: Standing) -> bool:
    """Whether the worker may look at the task before accepting it."""
    if hit_type.requester_id in standing.blocked_by:
        return False
    guards = _unmet_guards(hit_type.requirements.all(), standing=standing)
    return guards <= {ActionsGuarded.ACCEPT.value}


def may_accept(hit_type: HITType, *, standing: Standing) -> bool:
    """Whether the worker meets everything."""
    if not standing.worker.active or hit_type.requester_id in standing.blocked_by:
        return False
    return not _unmet_guards(hit_type.requirements.all(), standing=standing)


def refuse_unqualified(worker: Worker, *, hit_type: HITType) -> None:
    """Raise, in words for the worker, unless they may accept HITs of the type."""
    standing = Standing(worker)
    if not worker.active:
        raise WorkRefusedError("inactive", "Your account is closed: ask the people who run this.")
    if hit_type.requester_id in standing.blocked_by:
        raise WorkRefusedError("blocked", "This requester does not offer you tasks any more.")
    unmet = [one for one in shown(hit_type, standing=standing) if not one.met]
    if lacking := "; ".join(f"{one.name} ({one.wanted})" for one in unmet if not one.barred):
        raise WorkRefusedError("unqualified", f"This task asks for what you lack: {lacking}.")
    if barred := " ".join(f"{one.name}. {one.barred}" for one in unmet):
        raise WorkRefusedError("barred", f"This task is not for you now: {barred}")
