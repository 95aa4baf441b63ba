"""How far a piece of background work is, for the page that waits for it."""

from __future__ import annotations

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404

from studyapp.selectors.jobs import visible_jobs


@staff_member_required
def job_state(request: HttpRequest, pk: int) -> JsonResponse:
    """State, progress and message of a job the person may see."""
    job = get_object_or_404(visible_jobs(request.user), pk=pk)
    return JsonResponse(
        {
            "state": job.state,
            "label": job.get_state_display(),
            "done": job.done,
            "total": job.total,
            "message": job.message,
        },
        headers={"Cache-Control": "no-store"},
    )
