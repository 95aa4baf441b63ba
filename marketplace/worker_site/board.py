"""The job board, the preview of a task, accepting it, and what has been earned."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from marketplace import clock
from marketplace.actions.accept import accept
from marketplace.actions.settle import settle_due
from marketplace.errors import WorkRefusedError
from marketplace.ids import is_entity_id
from marketplace.models import HITType, Worker
from marketplace.vocabulary import AssignmentStatus
from marketplace.worker_site.available import open_hits, projects
from marketplace.worker_site.frames import SANDBOX, frame_height, preview_url
from marketplace.worker_site.security import with_frame
from marketplace.worker_site.sessions import worker_required

TRIES = 5


@require_GET
@worker_required
def board(request: HttpRequest, worker: Worker) -> HttpResponse:
    """What can be done now, and what the worker holds already."""
    settle_due()
    under_way = worker.assignments.filter(status=AssignmentStatus.ACCEPTED).select_related(
        "hit__hit_type"
    )
    context = {
        "worker": worker,
        "projects": projects(worker, at=clock.now()),
        "under_way": under_way,
    }
    return render(request, "marketplace/board.html", context)


@require_GET
@worker_required
@with_frame
def preview(request: HttpRequest, worker: Worker, hit_type_id: str) -> HttpResponse:
    """The next task of a kind, as it looks before it is accepted."""
    hit_type = get_object_or_404(HITType, hit_type_id=hit_type_id)
    settle_due()
    hit = open_hits(worker, at=clock.now()).filter(hit_type=hit_type).first()
    context: dict[str, object] = {"worker": worker, "hit_type": hit_type, "hit": hit}
    if hit is not None:
        context |= {
            "frame_url": preview_url(hit),
            "frame_height": frame_height(hit),
            "sandbox": SANDBOX,
        }
    return render(request, "marketplace/preview.html", context)


@require_POST
@worker_required
def accept_next(request: HttpRequest, worker: Worker, hit_type_id: str) -> HttpResponse:
    """Accept the previewed HIT, or the next of its kind if others were quicker."""
    hit_type = get_object_or_404(HITType, hit_type_id=hit_type_id)
    refused = WorkRefusedError("none", "There is no task of this kind left for you.")
    settle_due()
    wanted = request.POST.get("hit_id", "")
    for turn in range(TRIES):
        hits = open_hits(worker, at=clock.now()).filter(hit_type=hit_type)
        previewed = turn == 0 and is_entity_id(wanted) and hits.filter(hit_id=wanted).first()
        hit = previewed or hits.first()
        if hit is None:
            break
        try:
            assignment = accept(worker, hit=hit)
        except WorkRefusedError as error:
            refused = error
        else:
            return redirect("marketplace:work", assignment_id=assignment.assignment_id)
    messages.warning(request, str(refused))
    return redirect("marketplace:board")


@require_GET
@worker_required
def history(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Everything the worker took, and the money of it by state."""
    settle_due()
    taken = worker.assignments.select_related("hit__hit_type").order_by("-pk")

    def earned(status: AssignmentStatus) -> object:
        return taken.filter(status=status).aggregate(total=Sum("hit__reward"))["total"] or 0

    context = {
        "worker": worker,
        "page": Paginator(taken, 50).get_page(request.GET.get("page")),
        "approved": earned(AssignmentStatus.APPROVED),
        "waiting": earned(AssignmentStatus.SUBMITTED),
    }
    return render(request, "marketplace/history.html", context)
