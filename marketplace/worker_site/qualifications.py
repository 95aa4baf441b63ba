"""Qualifications as a worker meets them: what they hold, asking for one, taking a test."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace import clock
from marketplace.actions.request_qualification import (
    hand_in_test,
    request_qualification,
    settle_tests,
)
from marketplace.errors import AnswersRefusedError, WorkRefusedError
from marketplace.models import QualificationRequest, QualificationType, Worker
from marketplace.question_form import read_question_form
from marketplace.vocabulary import RequestStatus
from marketplace.worker_site.form_rows import rows_of
from marketplace.worker_site.pages import show
from marketplace.worker_site.security import with_pictures
from marketplace.worker_site.sessions import worker_required


@require_GET
@worker_required
def held(request: HttpRequest, worker: Worker) -> HttpResponse:
    """What the worker holds, and what became of what they asked for."""
    settle_tests(worker=worker, at=clock.now())
    requests = worker.qualification_requests.select_related("qualification_type__requester")
    return show(
        request,
        worker,
        "qualifications.html",
        grants=worker.qualifications.filter(revoked_at__isnull=True).select_related(
            "qualification_type__requester"
        ),
        requests=requests.order_by("-pk")[:50],
    )


@require_GET
@worker_required
def one(request: HttpRequest, worker: Worker, type_id: str) -> HttpResponse:
    """One qualification, and how to come by it."""
    settle_tests(worker=worker, at=clock.now())
    kind = get_object_or_404(
        QualificationType.objects.select_related("requester"),
        qualification_type_id=type_id,
        deleted_at__isnull=True,
    )
    return show(
        request,
        worker,
        "qualification.html",
        kind=kind,
        grant=kind.grants.filter(worker=worker, revoked_at__isnull=True).first(),
        request_=kind.requests.filter(worker=worker).last(),
    )


@require_POST
@worker_required
def ask(request: HttpRequest, worker: Worker, type_id: str) -> HttpResponse:
    """Ask for a qualification, or begin its test."""
    kind = get_object_or_404(QualificationType, qualification_type_id=type_id)
    try:
        asked = request_qualification(kind, worker=worker)
    except WorkRefusedError as error:
        messages.warning(request, str(error))
        return redirect("marketplace:qualification", type_id=type_id)
    if asked.status == RequestStatus.TESTING:
        return redirect("marketplace:test", request_id=asked.request_id)
    granted = asked.status == RequestStatus.GRANTED
    words = "You have it now." if granted else "The requester has been asked and will decide."
    messages.success(request, words)
    return redirect("marketplace:qualification", type_id=type_id)


@never_cache
@require_http_methods(["GET", "POST"])
@worker_required
@with_pictures
def test(request: HttpRequest, worker: Worker, request_id: str) -> HttpResponse:
    """A test under way; handing it in may be repeated until every question is answered."""
    asked = get_object_or_404(
        QualificationRequest.objects.select_related("qualification_type__requester"),
        worker=worker,
        request_id=request_id,
    )
    kind = asked.qualification_type
    given: dict[str, list[str]] = {
        name: list(map(str, all_)) for name, all_ in request.POST.lists()
    }
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            done = hand_in_test(asked, fields=given)
        except AnswersRefusedError as error:
            problems = error.problems
        except WorkRefusedError as error:
            messages.warning(request, str(error))
            return redirect("marketplace:qualification", type_id=kind.qualification_type_id)
        else:
            marked = done.status == RequestStatus.GRANTED
            words = "Thank you. Your test is marked." if marked else "Thank you. It will be marked."
            messages.success(request, words)
            return redirect("marketplace:qualification", type_id=kind.qualification_type_id)
    if asked.status != RequestStatus.TESTING or asked.deadline is None:
        return redirect("marketplace:qualification", type_id=kind.qualification_type_id)
    return show(
        request,
        worker,
        "test.html",
        status=400 if problems else 200,
        kind=kind,
        asked=asked,
        rows=rows_of(read_question_form(asked.test), given=given, problems=problems),
        problems=problems,
        seconds_left=max(0, int((asked.deadline - clock.now()).total_seconds())),
    )
