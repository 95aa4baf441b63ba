"""Where the marketplace sends word of what happened: a reason to collect, and no more."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from studyapp import queue
from studyapp.errors import RecruiterError
from studyapp.models import HIT, Study
from studyapp.recruiters.mturk.events import is_proven, lots_in
from studyapp.vocabulary import Environment, StudyState

LARGEST = 100_000


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Ask for the collecting of the lots that a proven message names; 403 for any other.

    It may come twice, late, out of order or never: what is stored is what the marketplace lists.
    """
    if not settings.COLLECT_ON_EVENTS:
        raise Http404
    message = request.POST.get("MessageBody", "")
    if not message or len(message) > LARGEST:
        return HttpResponse(status=400)
    try:
        proven = is_proven(message, signature=request.headers.get("X-Marketplace-Signature", ""))
    except RecruiterError:
        proven = False
    if not proven:
        return HttpResponse(status=403)
    hits = HIT.objects.filter(environment=Environment.MARKETPLACE, hit_id__in=lots_in(message))
    asked: dict[int, set[str]] = {}
    for pk, lot_id in hits.values_list("study_id", "hit_id"):
        asked.setdefault(pk, set()).add(str(lot_id))
    running = Study.objects.filter(state__in=[StudyState.LIVE, StudyState.CLOSED])
    for study in running.filter(pk__in=asked):
        queue.enqueue_about("collect_votes", name="lots", about=asked[study.pk], study=study)
    return HttpResponse(status=204)
