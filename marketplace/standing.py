"""What one worker holds and has done, and whether that meets a requirement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from django.db.models import Count, Q

from marketplace import builtin
from marketplace.models import Assignment, Qualification, Requirement, Worker, WorkerBlock
from marketplace.vocabulary import REVIEWABLE, AssignmentStatus, Comparator

FEW_SUBMISSIONS = 100
"""With fewer, the percentage reads 100: chance shall not shut out newcomers."""


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
