"""What a worker has done and what it brings: earnings by state, bonuses, every task."""

from __future__ import annotations

from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import DecimalField, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from marketplace.actions.settle import settle_due
from marketplace.models import BonusPayment, Worker
from marketplace.vocabulary import AssignmentStatus
from marketplace.worker_site.pages import show
from marketplace.worker_site.sessions import worker_required

PER_PAGE = 50


@require_GET
@worker_required
def history(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Everything the worker took, and the money of it by state."""
    settle_due()
    taken = worker.assignments.select_related("hit__hit_type").order_by("-pk")
    bonuses = BonusPayment.objects.filter(assignment__worker=worker)

    def earned(status: AssignmentStatus) -> Decimal:
        total = taken.filter(status=status).aggregate(total=Sum("hit__reward"))["total"]
        return total or Decimal(0)

    bonus = Coalesce(Sum("bonuses__amount"), Decimal(0), output_field=DecimalField())
    approved = earned(AssignmentStatus.APPROVED)
    extra = bonuses.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return show(
        request,
        worker,
        "history.html",
        page=Paginator(taken.annotate(bonus=bonus), PER_PAGE).get_page(request.GET.get("page")),
        approved=approved,
        waiting=earned(AssignmentStatus.SUBMITTED),
        bonuses=extra,
        total=approved + extra,
    )
