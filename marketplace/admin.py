"""The operator's pages: everything can be seen, money and history cannot be changed."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from marketplace.models import HIT, Assignment, HITType, Requester, Transaction, Worker


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the class takes none at run time
    """Shows rows without a way to add, change or delete them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False


@admin.register(Requester)
class RequesterAdmin(ReadOnlyAdmin):
    """Requesters may be switched off and their keys replaced."""

    list_display = ("name", "access_key_id", "active", "created_at")
    search_fields = ("name", "access_key_id")
    readonly_fields = ("name", "access_key_id", "created_at")

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever Django's permissions let."""
        return request.user.has_perm("marketplace.change_requester")


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    """Workers by their id; names stay with the user records."""

    list_display = ("worker_id", "created_at")
    search_fields = ("worker_id",)
    exclude = ("user",)


@admin.register(HITType)
class HITTypeAdmin(ReadOnlyAdmin):
    """HIT types."""

    list_display = ("hit_type_id", "title", "reward", "requester", "created_at")
    search_fields = ("hit_type_id", "title")
    list_filter = ("requester",)


@admin.register(HIT)
class HITAdmin(ReadOnlyAdmin):
    """HITs."""

    list_display = ("hit_id", "hit_type", "max_assignments", "reward", "fee", "expires_at")
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


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    """The ledger."""

    list_display = ("number", "requester", "kind", "amount", "hit", "assignment", "created_at")
    list_select_related = ("requester", "hit", "assignment")
    list_filter = ("requester", "kind")
