"""Requesters and workers, invitations, blocks and messages."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from marketplace import ledger
from marketplace.admin.readonly import ReadOnlyAdmin
from marketplace.fees import from_cents
from marketplace.models import Invitation, Message, Requester, Worker, WorkerBlock
from marketplace.standing import Standing


@admin.register(Requester)
class RequesterAdmin(ReadOnlyAdmin):
    """Requesters may be switched off and their keys replaced."""

    list_display = ("name", "access_key_id", "active", "available", "on_hold", "created_at")
    search_fields = ("name", "access_key_id")
    list_filter = ("active",)
    fields = ("name", "access_key_id", "key_version", "active", "money", "created_at")
    readonly_fields = ("name", "access_key_id", "money", "created_at")

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever Django's permissions let."""
        return request.user.has_perm("marketplace.change_requester")

    @admin.display(description="available, USD")
    def available(self, requester: Requester) -> str:
        """What can be spent."""
        return str(from_cents(ledger.balance(requester).available))

    @admin.display(description="on hold, USD")
    def on_hold(self, requester: Requester) -> str:
        """What is held for HITs."""
        return str(from_cents(ledger.balance(requester).on_hold))

    def money(self, requester: Requester) -> str:
        """The whole balance in one line."""
        now = ledger.balance(requester)
        return (
            f"{from_cents(now.deposited)} USD deposited = {from_cents(now.available)} available "
            f"+ {from_cents(now.on_hold)} on hold + {from_cents(now.paid)} paid"
        )


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    """Workers by their id; names stay with the user records. Two switches are the operator's."""

    list_display = ("worker_id", "active", "masters", "country", "created_at")
    search_fields = ("worker_id",)
    list_filter = ("active", "masters", "country")
    fields = (
        *("worker_id", "active", "masters", "country", "subdivision", "adult_content"),
        *("number_approved", "percent_approved", "created_at"),
    )
    readonly_fields = (
        *("worker_id", "country", "subdivision", "adult_content"),
        *("number_approved", "percent_approved", "created_at"),
    )

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever Django's permissions let."""
        return request.user.has_perm("marketplace.change_worker")

    def number_approved(self, worker: Worker) -> int:
        """Approved assignments."""
        return Standing(worker).number_approved

    def percent_approved(self, worker: Worker) -> int:
        """Share of reviewed assignments that were approved."""
        return Standing(worker).percent_approved


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations made by `manage.py marketplace_invite`; their codes are kept nowhere."""

    list_display = ("note", "created_at", "expires_at", "used_at", "worker")
    list_select_related = ("worker",)
    search_fields = ("note", "worker__worker_id")
    exclude = ("code_hash",)


@admin.register(WorkerBlock)
class WorkerBlockAdmin(ReadOnlyAdmin):
    """Which requester blocks whom and why."""

    list_display = ("requester", "worker", "reason", "created_at", "lifted_at")
    list_select_related = ("requester", "worker")
    search_fields = ("worker__worker_id", "reason")
    list_filter = ("requester",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What workers were told."""

    list_display = ("subject", "requester", "worker", "created_at", "read_at")
    list_select_related = ("requester", "worker")
    search_fields = ("subject", "worker__worker_id")
    list_filter = ("requester",)
