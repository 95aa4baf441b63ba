"""The page a worker works on: the task in a frame, time left, giving it back, what came of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketplace import clock
from marketplace.actions.contest import contest
from marketplace.actions.give_back import give_back
from marketplace.actions.settle import settle_due
from marketplace.eligibility import may_accept
from marketplace.errors import WorkRefusedError
from marketplace.models import Assignment, Dispute, Worker
from marketplace.standing import Standing
from marketplace.vocabulary import AssignmentStatus
from marketplace.worker_site.available import open_hits
from marketplace.worker_site.forms import ContestForm
from marketplace.worker_site.frames import frame_height, sandbox, work_url
from marketplace.worker_site.pages import show
from marketplace.worker_site.security import with_frame
from marketplace.worker_site.sessions import worker_required


def _own(worker: Worker, *, assignment_id: str) -> Assignment:
    """The worker's own assignment; anybody else's does not exist for them."""
    return get_object_or_404(
        Assignment.objects.select_related("hit__hit_type", "worker"),
        worker=worker,
        assignment_id=assignment_id,
    )


@never_cache
@require_GET
@worker_required
@with_frame
def work(request: HttpRequest, worker: Worker, assignment_id: str) -> HttpResponse:
    """The task in its frame while it is under way; afterwards what came of it."""
    settle_due(hit=_own(worker, assignment_id=assignment_id).hit)
    assignment = _own(worker, assignment_id=assignment_id)
    if assignment.status != AssignmentStatus.ACCEPTED:
        return redirect("marketplace:outcome", assignment_id=assignment_id)
    context = {
        "worker": worker,
        "assignment": assignment,
        "hit_type": assignment.hit.hit_type,
        "seconds_left": int((assignment.deadline - clock.now()).total_seconds()),
        "frame_url": work_url(assignment),
        "frame_height": frame_height(assignment.hit),
        "sandbox": sandbox(assignment.hit),
    }
    return render(request, "marketplace/work.html", context)


def _outcome(
    request: HttpRequest, worker: Worker, *, assignment: Assignment, form: ContestForm
) -> HttpResponse:
    hit_type = assignment.hit.hit_type
    standing = Standing(worker)
    more = may_accept(hit_type, standing=standing) and (
        open_hits(worker, at=clock.now()).filter(hit_type=hit_type).exists()
    )
    return show(
        request,
        worker,
        "outcome.html",
        status=400 if form.errors else 200,
        assignment=assignment,
        hit_type=hit_type,
        more=more,
        bonuses=assignment.bonuses.all(),
        dispute=Dispute.objects.filter(assignment=assignment).first(),
        form=form,
    )


@never_cache
@require_GET
@worker_required
def outcome(request: HttpRequest, worker: Worker, assignment_id: str) -> HttpResponse:
    """Where an assignment stands and the way to the next one."""
    settle_due(hit=_own(worker, assignment_id=assignment_id).hit)
    assignment = _own(worker, assignment_id=assignment_id)
    return _outcome(request, worker, assignment=assignment, form=ContestForm())


@require_POST
@worker_required
def contest_rejection(request: HttpRequest, worker: Worker, assignment_id: str) -> HttpResponse:
    """Put a rejection before the operator."""
    assignment = _own(worker, assignment_id=assignment_id)
    form = ContestForm(request.POST)
    if not form.is_valid():
        return _outcome(request, worker, assignment=assignment, form=form)
    try:
        contest(assignment, text=form.cleaned_data["text"])
    except WorkRefusedError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "The people who run this site will look at it and write to you.")
    return redirect("marketplace:outcome", assignment_id=assignment_id)


@require_POST
@worker_required
def return_task(request: HttpRequest, worker: Worker, assignment_id: str) -> HttpResponse:
    """Give an assignment back."""
    try:
        give_back(_own(worker, assignment_id=assignment_id))
    except WorkRefusedError as error:
        messages.warning(request, str(error))
        return redirect("marketplace:outcome", assignment_id=assignment_id)
    messages.success(request, "Returned. That has no bad effect for you.")
    return redirect("marketplace:board")
