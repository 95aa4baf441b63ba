"""The ledger and the bonuses in it."""

from __future__ import annotations

from django.contrib import admin

from marketplace.admin.readonly import ReadOnlyAdmin
from marketplace.fees import from_cents
from marketplace.models import BonusPayment, Transaction


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    """The ledger, row by row with the balance after each."""

    list_display = (
        *(
            "number",
            "requester",
            "kind",
            "amount",
            "available_after",
            "on_hold_after",
            "paid_after",
        ),
        *("hit", "assignment", "created_at"),
    )
    list_select_related = ("requester", "hit", "assignment")
    search_fields = ("reference", "hit__hit_id", "assignment__assignment_id")
    list_filter = ("requester", "kind")
    date_hierarchy = "created_at"

    @admin.display(description="available after")
    def available_after(self, row: Transaction) -> str:
        """In US dollars."""
        return str(from_cents(row.available_after_cents))

    @admin.display(description="on hold after")
    def on_hold_after(self, row: Transaction) -> str:
        """In US dollars."""
        return str(from_cents(row.on_hold_after_cents))

    @admin.display(description="paid after")
    def paid_after(self, row: Transaction) -> str:
        """In US dollars."""
        return str(from_cents(row.paid_after_cents))


@admin.register(BonusPayment)
class BonusPaymentAdmin(ReadOnlyAdmin):
    """Bonuses."""

    list_display = ("assignment", "amount", "fee", "reason", "granted_at")
    list_select_related = ("assignment",)
    search_fields = ("assignment__assignment_id", "assignment__worker__worker_id")
