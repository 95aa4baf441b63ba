"""The job board, the preview of a task and accepting it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from marketplace import clock
from marketplace.actions.accept import accept
from marketplace.actions.settle import settle_due
from marketplace.eligibility import may_discover
from marketplace.errors import WorkRefusedError
from marketplace.ids import is_entity_id
from marketplace.models import HITType, Worker
from marketplace.standing import Standing
from marketplace.vocabulary import AssignmentStatus
from marketplace.worker_site.available import open_hits, project_of, projects
from marketplace.worker_site.frames import frame_height, preview_url, sandbox
from marketplace.worker_site.pages import show
from marketplace.worker_site.security import with_frame
from marketplace.worker_site.sessions import worker_required

TRIES = 5
PER_PAGE = 50


@require_GET
@worker_required
def board(request: HttpRequest, worker: Worker) -> HttpResponse:
    """What can be done now, what needs more, and what the worker holds already."""
    settle_due()
    under_way = worker.assignments.filter(status=AssignmentStatus.ACCEPTED).select_related(
        "hit__hit_type"
    )
    listed = projects(worker, at=clock.now())
    listed.sort(key=lambda project: not project.acceptable)
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        worker,
        "board.html",
        page=page,
        projects=[project for project in page if project.acceptable],
        closed=[project for project in page if not project.acceptable],
        under_way=under_way,
    )


@require_GET
@worker_required
@with_frame
def preview(request: HttpRequest, worker: Worker, hit_type_id: str) -> HttpResponse:
    """The next task of a kind, as it looks before it is accepted."""
    hit_type = get_object_or_404(HITType, hit_type_id=hit_type_id)
    standing = Standing(worker)
    if not may_discover(hit_type, standing=standing):
        raise Http404("not for this worker")
    settle_due()
    hit = open_hits(worker, at=clock.now()).filter(hit_type=hit_type).first()
    project = project_of(hit_type, n_open=1, standing=standing)
    shown = hit if project.previewable else None
    return show(
        request,
        worker,
        "preview.html",
        hit_type=hit_type,
        hit=hit,
        project=project,
        frame_url=preview_url(shown) if shown else "",
        frame_height=frame_height(shown) if shown else 0,
        sandbox=sandbox(shown) if shown else "",
    )


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
