"""The target of every task's form: the answers of one assignment.

The form comes out of a frame of a foreign site, so the marketplace's cookie is not sent with it
and no token of ours can be in it. The unguessable assignment id is what authorises the post; see
docs/adr/0004-external-submit-capability.md.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace import faults
from marketplace.actions.submit import submit
from marketplace.errors import AnswersRefusedError, WorkRefusedError
from marketplace.worker_site.questions import form_page
from marketplace.worker_site.security import in_own_frame

_STATUS = {"unknown": 404, "preview": 400, "empty": 400}


def _too_large(request: HttpRequest) -> bool:
    length = request.headers.get("Content-Length") or "0"
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 1_000_000
    return not length.isascii() or not length.isdigit() or int(length) > most


@csrf_exempt
@never_cache
@in_own_frame
@require_POST
def external_submit(request: HttpRequest) -> HttpResponse:
    """Take the answers and tell the page around the frame to go on."""
    fault = faults.due(faults.SUBMIT)
    if fault is not None:
        return faults.play(fault, request=request, forward=lambda: _taken(request))
    return _taken(request)


def _taken(request: HttpRequest) -> HttpResponse:
    template = "marketplace/submitted.html"
    if _too_large(request):
        error = WorkRefusedError(
            "large", "The task sent more than can be stored: tell the requester."
        )
        return render(request, template, {"error": error}, status=413)
    fields = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    assignment_id = fields.get("assignmentId", [""])[-1]
    try:
        assignment = submit(assignment_id, fields=fields)
    except AnswersRefusedError as error:
        # Only a task whose questions we show ourselves gets here: it is shown again.
        return form_page(
            request, assignment_id=assignment_id, given=fields, problems=error.problems
        )
    except WorkRefusedError as error:
        status = _STATUS.get(error.reason, 409)
        return render(request, template, {"error": error}, status=status)
    return render(request, template, {"assignment": assignment})
