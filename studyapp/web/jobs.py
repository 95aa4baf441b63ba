"""How far a piece of background work is, for the page that waits for it."""

from __future__ import annotations

from django.contrib.admin.views.decorators import staff_member_required
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404

from studyapp.models import Job
from studyapp.queue import COMPUTE_VERBS
from studyapp.selectors.studies import visible_studies


@staff_member_required
def job_state(request: HttpRequest, pk: int) -> JsonResponse:
    """State, progress and message of a job of the person's own or of a study they may see.

    Work on an image set, which is everybody's, belongs to no study and is shown to all of them.
    """
    mine = Q(requested_by=request.user.pk) | Q(study__in=visible_studies(request.user))
    of_a_set = Q(study=None, verb__in=COMPUTE_VERBS)
    job = get_object_or_404(Job.objects.filter(mine | of_a_set), pk=pk)
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
