"""Set the most a study may cost; also while it runs, for money is no part of the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from studyapp import audit
from studyapp.cost import CENT
from studyapp.errors import InputError
from studyapp.models import Study
from studyapp.recruiters.spending import Spending, spending
from studyapp.row_locks import lock_study

LARGEST = Decimal("9999999.99")


@dataclass(frozen=True)
class SetBudgetSummary:
    study: str
    spending: Spending

    def lines(self) -> list[str]:
        lines = [f"{self.study}: the limit is set.", *self.spending.lines()]
        budget = self.spending.budget
        if budget is not None and self.spending.committed > budget:
            lines.append(
                "Mind: it may already come to more than that. Nothing further is published, "
                "extended or paid as a bonus; `stop` takes what is on offer off the list."
            )
        return lines


@transaction.atomic
def set_budget(
    study: Study, *, amount: Decimal | None, actor: AbstractBaseUser | None = None
) -> SetBudgetSummary:
    """None lifts the limit."""
    if amount is not None and (
        not amount.is_finite() or not 0 <= amount <= LARGEST or amount % CENT
    ):
        raise InputError(
            f"a limit is from 0 to {LARGEST:,} USD in whole cents",
            item=str(amount),
            remedy="Give it like 250.00, or `none`",
        )
    held = lock_study(study)
    held.budget = amount
    held.save(update_fields=["budget"])
    study.refresh_from_db(fields=["budget"])
    said = None if amount is None else f"{amount:.2f}"
    audit.record("set_budget", study=held, actor=actor, summary={"budget": said})
    return SetBudgetSummary(study=held.name, spending=spending(held))
