"""Make, change and delete qualification types."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction

from marketplace import clock
from marketplace.actions.locking import lock_requester
from marketplace.actions.tell import tell
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.models import HITType, QualificationType, Requester
from marketplace.vocabulary import OPEN_REQUESTS, RequestStatus


@dataclass(frozen=True)
class Terms:
    """How a qualification of a type is come by."""

    description: str
    active: bool
    retry_delay_s: int | None
    test: str
    answer_key: str
    test_duration_s: int | None
    auto_granted: bool
    auto_granted_value: int

    def check(self) -> None:
        """Raise where the parts contradict each other."""
        if self.test and self.test_duration_s is None:
            raise InvalidParameterError("TestDurationInSeconds is needed with a Test.")
        if self.test and self.auto_granted:
            raise InvalidParameterError("AutoGranted cannot be true where there is a Test.")
        if self.answer_key and not self.test:
            raise InvalidParameterError("AnswerKey needs the Test it belongs to.")
        if self.test_duration_s is not None and not self.test:
            raise InvalidParameterError("TestDurationInSeconds needs a Test.")


def create(requester: Requester, *, name: str, keywords: str, terms: Terms) -> QualificationType:
    """A new type; its name is the requester's only one of the kind."""
    terms.check()
    try:
        with transaction.atomic():
            return QualificationType.objects.create(
                requester=requester,
                name=name,
                keywords=keywords,
                created_at=clock.now(),
                **asdict(terms),
            )
    except IntegrityError:
        raise RequestRefusedError(
            "QualificationTypeAlreadyExists",
            f"You have already created a QualificationType with this name: {name}. Use that one, "
            "or another name.",
        ) from None


def update(qualification_type: QualificationType, *, terms: Terms) -> QualificationType:
    """Give a type other terms. Tests under way go on with the test they began with."""
    terms.check()
    for name, value in asdict(terms).items():
        setattr(qualification_type, name, value)
    qualification_type.save(update_fields=list(asdict(terms)))
    return qualification_type


def delete(qualification_type: QualificationType) -> None:
    """Delete a type and the HIT types that ask for it; open requests for it are rejected.

    What workers hold of it stays, for HITs under way may still ask for it.
    """
    at = clock.now()
    with transaction.atomic():
        requester = lock_requester(qualification_type.requester_id)
        qualification_type.deleted_at = at
        qualification_type.save(update_fields=["deleted_at"])
        HITType.objects.filter(
            requester=requester,
            requirements__qualification_type_id=qualification_type.qualification_type_id,
            deleted_at__isnull=True,
        ).update(deleted_at=at)
        for request in qualification_type.requests.filter(status__in=OPEN_REQUESTS):
            request.status = RequestStatus.REJECTED
            request.decided_at = at
            request.reason = "This qualification is given out no more."
            request.save(update_fields=["status", "decided_at", "reason"])
            tell(
                request.worker,
                requester=requester,
                subject=f"Your request for {qualification_type.name} was turned down",
                text=request.reason,
                at=at,
            )
