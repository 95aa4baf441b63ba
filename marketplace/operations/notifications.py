"""UpdateNotificationSettings and SendTestEventNotification."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace import clock
from marketplace.errors import InvalidParameterError
from marketplace.events import event_document, put
from marketplace.ids import new_entity_id
from marketplace.models import NotificationSetting, Requester
from marketplace.operations.hit_types import find_hit_type
from marketplace.operations.parameters import Parameters, flag, many, text
from marketplace.sinks import check_destination, deliver
from marketplace.vocabulary import EventType

VERSIONS = ("2006-05-05", "2014-08-15")


def _specification(parameters: Parameters) -> NotificationSetting:
    """The checked Notification structure, not stored."""
    given = parameters["Notification"]
    if not isinstance(given, Mapping):
        raise TypeError("Notification is a structure in the service description")
    transport, version = text(given, "Transport"), text(given, "Version")
    if version not in VERSIONS:
        raise InvalidParameterError(f"Version must be one of {', '.join(VERSIONS)}.")
    destination = text(given, "Destination", longest=2000)
    check_destination(destination, transport=transport)
    event_types = [str(event_type) for event_type in many(given, "EventTypes")]
    if not event_types:
        raise InvalidParameterError("EventTypes must name at least one event.")
    if EventType.PING in event_types:
        raise InvalidParameterError("Ping is for SendTestEventNotification only.")
    return NotificationSetting(
        destination=destination,
        transport=transport,
        version=version,
        event_types=sorted(set(event_types)),
    )


def update_notification_settings(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Say where events of a HIT type go, or switch that off and on."""
    hit_type = find_hit_type(requester, parameters=parameters)
    if "Notification" in parameters:
        wanted = _specification(parameters)
        NotificationSetting.objects.update_or_create(
            hit_type=hit_type,
            defaults={
                "destination": wanted.destination,
                "transport": wanted.transport,
                "version": wanted.version,
                "event_types": wanted.event_types,
                "active": flag(parameters, "Active", default=True),
            },
        )
        return {}
    if "Active" not in parameters:
        raise InvalidParameterError("Give Notification or Active.")
    changed = NotificationSetting.objects.filter(hit_type=hit_type).update(
        active=flag(parameters, "Active")
    )
    if not changed:
        raise InvalidParameterError(
            f"HITType {hit_type.hit_type_id} has no notification specification: give one."
        )
    return {}


def send_test_event_notification(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """Send one event at once as if it had happened; what fails is tried again later."""
    given = parameters["Notification"]
    without = {**given, "EventTypes": ["HITCreated"]} if isinstance(given, Mapping) else given
    setting = _specification({"Notification": without})
    at = clock.now()
    event_type = EventType(text(parameters, "TestEventType"))
    event = event_document(
        event_type,
        at=at,
        hit_type_id=new_entity_id(),
        hit_id=new_entity_id(),
        assignment_id=new_entity_id() if event_type.value.startswith("Assignment") else "",
    )
    deliver(put(setting, requester=requester, event_type=event_type, event=event, at=at))
    return {}
