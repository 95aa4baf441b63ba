"""Whether a worker meets what a HIT type asks for, and if not, in which words they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Q

from marketplace import builtin
from marketplace.errors import WorkRefusedError
from marketplace.models import (
    Assignment,
    HITType,
    Qualification,
    QualificationType,
    Requirement,
    Worker,
    WorkerBlock,
)
from marketplace.vocabulary import REVIEWABLE, ActionsGuarded, AssignmentStatus, Comparator

FEW_SUBMISSIONS = 100
"""With fewer, the percentage reads 100: chance shall not shut out newcomers."""

Locale = tuple[str, str]


class Standing:
    """One worker's values, each read from the database at most once."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    @cached_property
    def blocked_by(self) -> frozenset[int]:
        """Requesters who do not let the worker at their HITs."""
        blocks = WorkerBlock.objects.filter(worker=self.worker, lifted_at__isnull=True)
        return frozenset(blocks.values_list("requester_id", flat=True))

    @cached_property
    def granted(self) -> Mapping[str, int]:
        """Values of requesters' own types."""
        held = Qualification.objects.filter(worker=self.worker, revoked_at__isnull=True)
        return dict(held.values_list("qualification_type__qualification_type_id", "value"))

    @cached_property
    def _reviewed(self) -> Mapping[str, int]:
        return Assignment.objects.filter(worker=self.worker).aggregate(
            submitted=Count("pk", filter=Q(status__in=REVIEWABLE)),
            approved=Count("pk", filter=Q(status=AssignmentStatus.APPROVED)),
            rejected=Count("pk", filter=Q(status=AssignmentStatus.REJECTED)),
        )

    @property
    def number_approved(self) -> int:
        """Approved assignments, of all requesters."""
        return self._reviewed["approved"]

    @property
    def percent_approved(self) -> int:
        """Whole percent of the reviewed assignments that were approved."""
        reviewed = self._reviewed["approved"] + self._reviewed["rejected"]
        if self._reviewed["submitted"] < FEW_SUBMISSIONS or not reviewed:
            return 100
        return 100 * self._reviewed["approved"] // reviewed

    def value(self, qualification_type_id: str) -> int | None:
        """The worker's value of a type that has numbers; None without the qualification."""
        worker = self.worker
        if qualification_type_id in builtin.MASTERS:
            return 1 if worker.masters else None
        if qualification_type_id == builtin.ADULT:
            return 1 if worker.adult_content else None
        if qualification_type_id == builtin.PERCENT_APPROVED:
            return self.percent_approved
        if qualification_type_id == builtin.NUMBER_APPROVED:
            return self.number_approved
        return self.granted.get(qualification_type_id)


_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    Comparator.LESS: lambda value, bound: value < bound,
    Comparator.AT_MOST: lambda value, bound: value <= bound,
    Comparator.MORE: lambda value, bound: value > bound,
    Comparator.AT_LEAST: lambda value, bound: value >= bound,
}


def _locale_meets(requirement: Requirement, *, worker: Worker) -> bool:
    if requirement.comparator in {Comparator.EXISTS, Comparator.DOES_NOT_EXIST}:
        return bool(worker.country) is (requirement.comparator == Comparator.EXISTS)
    if not worker.country:
        return False
    listed = any(
        country == worker.country and subdivision in {"", worker.subdivision}
        for country, subdivision in requirement.locale_values
    )
    return listed is (requirement.comparator in {Comparator.EQUAL, Comparator.IN})


def meets(requirement: Requirement, *, standing: Standing) -> bool:
    """Whether the worker meets one requirement; without a value, only DoesNotExist is met."""
    if requirement.qualification_type_id == builtin.LOCALE:
        return _locale_meets(requirement, worker=standing.worker)
    value = standing.value(requirement.qualification_type_id)
    if requirement.comparator == Comparator.DOES_NOT_EXIST:
        return value is None
    if value is None:
        return False
    if requirement.comparator == Comparator.EXISTS:
        return True
    compare = _COMPARISONS.get(requirement.comparator)
    if compare is not None:
        return compare(value, requirement.integer_values[0])
    listed = value in requirement.integer_values
    return listed is (requirement.comparator in {Comparator.EQUAL, Comparator.IN})


@dataclass(frozen=True)
class Shown:
    """A requirement as a worker reads it."""

    name: str
    wanted: str
    met: bool
    guards: str
    qualification_type: QualificationType | None


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
        )
        for requirement in requirements
    ]


def _name(requirement: Requirement, *, own: Mapping[str, QualificationType]) -> str:
    type_id = requirement.qualification_type_id
    return own[type_id].name if type_id in own else builtin.NAMES.get(type_id, type_id)


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
    if unmet:
        reasons = "; ".join(f"{one.name} ({one.wanted})" for one in unmet)
        raise WorkRefusedError("unqualified", f"This task asks for what you lack: {reasons}.")
