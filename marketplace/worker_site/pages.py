"""Draw a worker's page: who it is for and how much waits to be read stand on each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.models import Worker


def show(
    request: HttpRequest, worker: Worker, template: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """A page below the worker's navigation."""
    unread = worker.messages.filter(read_at__isnull=True).count()
    own = {"worker": worker, "n_unread": unread}
    return render(request, f"marketplace/{template}", own | context, status=status)
