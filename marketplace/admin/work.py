"""HIT types, HITs, assignments and the notifications about them."""

from __future__ import annotations

from django.contrib import admin

from marketplace.admin.readonly import ReadOnlyAdmin
from marketplace.models import (
    HIT,
    Assignment,
    HITType,
    Notification,
    NotificationSetting,
    Requirement,
)


class RequirementInline(admin.TabularInline[Requirement, HITType]):
    """What a HIT type asks of workers."""

    model = Requirement
    extra = 0
    can_delete = False

    def has_add_permission(self, *_args: object) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """Nobody."""
        return False


@admin.register(HITType)
class HITTypeAdmin(ReadOnlyAdmin):
    """HIT types."""

    list_display = ("hit_type_id", "title", "reward", "requester", "created_at")
    list_select_related = ("requester",)
    search_fields = ("hit_type_id", "title")
    list_filter = ("requester",)
    inlines = (RequirementInline,)


@admin.register(HIT)
class HITAdmin(ReadOnlyAdmin):
    """HITs."""

    list_display = (
        *("hit_id", "hit_type", "max_assignments", "reward", "fee", "expires_at", "disposed_at"),
    )
    list_select_related = ("hit_type",)
    search_fields = ("hit_id", "requester_annotation")
    list_filter = ("requester",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    """Assignments."""

    list_display = ("assignment_id", "hit", "worker", "status", "accepted_at", "submitted_at")
    list_select_related = ("hit", "worker")
    search_fields = ("assignment_id", "hit__hit_id", "worker__worker_id")
    list_filter = ("status",)


@admin.register(NotificationSetting)
class NotificationSettingAdmin(ReadOnlyAdmin):
    """Where requesters want events to go."""

    list_display = ("hit_type", "transport", "destination", "active")
    list_select_related = ("hit_type",)


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """What was sent to requesters, and what could not be."""

    list_display = (
        *("document_id", "requester", "event_type", "created_at", "tries", "delivered_at"),
        "last_error",
    )
    list_select_related = ("requester",)
    search_fields = ("document_id", "hit__hit_id")
    list_filter = ("event_type", "requester")
