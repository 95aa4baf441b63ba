"""Qualification types, who holds them, who asked for them."""

from __future__ import annotations

from django.contrib import admin

from marketplace.admin.readonly import ReadOnlyAdmin
from marketplace.models import Qualification, QualificationRequest, QualificationType


@admin.register(QualificationType)
class QualificationTypeAdmin(ReadOnlyAdmin):
    """Requesters' own types."""

    list_display = ("qualification_type_id", "name", "requester", "active", "deleted_at")
    list_select_related = ("requester",)
    search_fields = ("qualification_type_id", "name")
    list_filter = ("requester", "active")


@admin.register(Qualification)
class QualificationAdmin(ReadOnlyAdmin):
    """What workers hold."""

    list_display = ("qualification_type", "worker", "value", "granted_at", "revoked_at")
    list_select_related = ("qualification_type", "worker")
    search_fields = ("worker__worker_id", "qualification_type__name")


@admin.register(QualificationRequest)
class QualificationRequestAdmin(ReadOnlyAdmin):
    """What workers asked for."""

    list_display = ("request_id", "qualification_type", "worker", "status", "submitted_at")
    list_select_related = ("qualification_type", "worker")
    search_fields = ("request_id", "worker__worker_id")
    list_filter = ("status",)
