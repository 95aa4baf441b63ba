"""What workers have earned in a span of time: what the operator owes them outside of here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from marketplace.fees import from_cents
from marketplace.models import Transaction
from marketplace.vocabulary import TransactionKind


@dataclass(frozen=True)
class Payout:
    """One worker's earnings in US dollars."""

    worker_id: str
    rewards: Decimal
    bonuses: Decimal

    @property
    def total(self) -> Decimal:
        """Both."""
        return self.rewards + self.bonuses


def payouts(*, since: datetime, until: datetime) -> list[Payout]:
    """By worker id, from the ledger's rows from `since` on and before `until`.

    Spans that touch share no row, so that paying month by month pays each reward once.
    """
    rows = (
        Transaction.objects.filter(
            kind__in=[TransactionKind.REWARD, TransactionKind.BONUS],
            created_at__gte=since,
            created_at__lt=until,
        )
        .order_by()
        .values_list("assignment__worker__worker_id", "kind")
        .annotate(cents=Sum("amount_cents"))
    )
    earned: dict[str, dict[str, int]] = defaultdict(dict)
    for worker_id, kind, cents in rows:
        earned[worker_id][kind] = cents
    return [
        Payout(
            worker_id,
            from_cents(kinds.get(TransactionKind.REWARD, 0)),
            from_cents(kinds.get(TransactionKind.BONUS, 0)),
        )
        for worker_id, kinds in sorted(earned.items())
    ]
