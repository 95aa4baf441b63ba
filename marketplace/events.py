"""What requesters asked to be told of, put down within the caller's transaction.

An event is a row that `marketplace_notify` delivers later: no call of a requester or worker waits
for a foreign host, and what was rolled back is never told.
"""

from __future__ import annotations

from datetime import UTC, datetime

from marketplace.counters import counters_of
from marketplace.models import HIT, Assignment, Notification, NotificationSetting, Requester
from marketplace.vocabulary import EventType, HITStatus


def event_document(
    event_type: EventType,
    *,
    at: datetime,
    hit_type_id: str,
    hit_id: str,
    assignment_id: str = "",
) -> dict[str, str]:
    """One event in the protocol's words; its time is text, unlike those of the API."""
    document = {
        "EventType": event_type.value,
        "EventTimestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "HITTypeId": hit_type_id,
        "HITId": hit_id,
    }
    if assignment_id:
        document["AssignmentId"] = assignment_id
    return document


def put(
    setting: NotificationSetting,
    *,
    requester: Requester,
    event_type: EventType,
    event: dict[str, str],
    at: datetime,
    hit: HIT | None = None,
) -> Notification:
    """Keep one event for delivery to where the setting says."""
    return Notification.objects.create(
        requester=requester,
        hit=hit,
        event_type=event_type,
        destination=setting.destination,
        transport=setting.transport,
        version=setting.version,
        event=event,
        created_at=at,
        next_try_at=at,
    )


def _setting(hit: HIT, *, event_type: EventType) -> NotificationSetting | None:
    setting = NotificationSetting.objects.filter(hit_type=hit.hit_type_id, active=True).first()
    wanted = setting is not None and event_type.value in setting.event_types
    return setting if wanted else None


def note(
    hit: HIT, *, event_type: EventType, at: datetime, assignment: Assignment | None = None
) -> None:
    """Something happened to a HIT or to one of its assignments."""
    setting = _setting(hit, event_type=event_type)
    if setting is None:
        return
    event = event_document(
        event_type,
        at=at,
        hit_type_id=hit.hit_type.hit_type_id,
        hit_id=hit.hit_id,
        assignment_id=assignment.assignment_id if assignment is not None else "",
    )
    put(setting, requester=hit.requester, event_type=event_type, event=event, at=at, hit=hit)


def note_if_reviewable(hit: HIT, *, at: datetime) -> None:
    """All work of the HIT is in: told once, and once more after each extension."""
    if _setting(hit, event_type=EventType.REVIEWABLE) is None:
        return
    if counters_of(hit, at=at).status != HITStatus.REVIEWABLE:
        return
    # Only an extension makes a reviewable HIT one that can become reviewable again.
    told = Notification.objects.filter(
        hit=hit, event_type__in=[EventType.REVIEWABLE, EventType.EXTENDED]
    ).last()
    if told is None or told.event_type == EventType.EXTENDED:
        note(hit, event_type=EventType.REVIEWABLE, at=at)
