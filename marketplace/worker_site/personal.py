"""The worker's own pages: account and standing, messages."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace import clock
from marketplace.models import Worker
from marketplace.standing import Standing
from marketplace.worker_site.forms import ProfileForm
from marketplace.worker_site.pages import show
from marketplace.worker_site.sessions import worker_required

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@worker_required
def profile(request: HttpRequest, worker: Worker) -> HttpResponse:
    """What the worker says of themselves and how they stand."""
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=worker)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("marketplace:profile")
    return show(request, worker, "profile.html", form=form, standing=Standing(worker))


@require_GET
@worker_required
def inbox(request: HttpRequest, worker: Worker) -> HttpResponse:
    """Messages from requesters and from the marketplace, newest first."""
    letters = worker.messages.select_related("requester")
    page = Paginator(letters, PER_PAGE).get_page(request.GET.get("page"))
    return show(request, worker, "messages.html", page=page)


@require_POST
@worker_required
def mark_read(_request: HttpRequest, worker: Worker) -> HttpResponse:
    """Nothing waits to be read any more."""
    worker.messages.filter(read_at__isnull=True).update(read_at=clock.now())
    return redirect("marketplace:messages")
