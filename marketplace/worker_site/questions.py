"""Pages that came along with a HIT, as an HTMLQuestion or a QuestionForm.

The scripts of the first are a requester's. Both are served in a sandbox with an origin of its own,
which reads nothing of the marketplace, and their forms go to the marketplace alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from marketplace import conf
from marketplace.actions.submit import PREVIEW_ID
from marketplace.eligibility import may_preview
from marketplace.ids import is_entity_id
from marketplace.models import HIT, Worker
from marketplace.operations.questions import read_html_question
from marketplace.question_form import is_question_form, read_question_form
from marketplace.standing import Standing
from marketplace.vocabulary import AssignmentStatus
from marketplace.worker_site.form_rows import rows_of
from marketplace.worker_site.frames import SANDBOX_OF_OUR_OWN
from marketplace.worker_site.security import LOOPBACK
from marketplace.worker_site.sessions import worker_required

SUBMIT = "/mturk/externalSubmit"
_FOREIGN_SUBMIT = re.compile(r"https://(?:www|workersandbox)\.mturk\.com/mturk/externalSubmit")
_HEAD = re.compile(r"<head\b[^>]*>|<!doctype\b[^>]*>", re.IGNORECASE)


def _may_see(worker: Worker, *, hit: HIT, assignment_id: str) -> bool:
    """Who holds the HIT sees it, and before that who may preview it."""
    own = hit.assignments.filter(worker=worker, status=AssignmentStatus.ACCEPTED)
    if is_entity_id(assignment_id) and own.filter(assignment_id=assignment_id).exists():
        return True
    return may_preview(hit.hit_type, standing=Standing(worker))


def _page(html: str) -> str:
    """The requester's page with our script first, its forms sent to this marketplace."""
    html = _FOREIGN_SUBMIT.sub(conf.base_url() + SUBMIT, html)
    script = f'<script src="{conf.base_url()}{static("marketplace/question.js")}"></script>'
    # After the head or the doctype, so that the page stays in the mode it was written for.
    places = list(_HEAD.finditer(html[:10_000]))
    at = places[-1].end() if places else 0
    return html[:at] + script + html[at:]


def _policy(*, more: str = "") -> str:
    names = LOOPBACK if conf.is_loopback(conf.base_url()) else ""
    return (
        f"sandbox {SANDBOX_OF_OUR_OWN}; form-action {conf.base_url()}; base-uri 'none'; "
        f"frame-ancestors 'self'{names}{more}"
    )


def form_page(
    request: HttpRequest,
    *,
    assignment_id: str,
    given: Mapping[str, list[str]] | None = None,
    problems: Mapping[str, str] | None = None,
    hit: HIT | None = None,
) -> HttpResponse:
    """The questions of a HIT in its frame, with what was filled in and what is amiss."""
    shown = hit or HIT.objects.get(assignments__assignment_id=assignment_id)
    own = conf.base_url()
    context = {
        "hit_type": shown.hit_type,
        "assignment_id": assignment_id,
        "preview": assignment_id == PREVIEW_ID,
        "submit_to": own + SUBMIT,
        "problems": problems or {},
        "rows": rows_of(
            read_question_form(shown.question), given=given or {}, problems=problems or {}
        ),
    }
    response = render(
        request, "marketplace/form_task.html", context, status=400 if problems else 200
    )
    # Ours, but with a requester's pictures in it.
    more = f"; default-src {own}; img-src {own} https:; style-src {own} 'unsafe-inline'"
    response.headers["Content-Security-Policy"] = _policy(more=more)
    return response


@never_cache
@xframe_options_exempt
@require_GET
@worker_required
def question(request: HttpRequest, worker: Worker, hit_id: str) -> HttpResponse:
    """The page of one HIT."""
    hit = get_object_or_404(HIT.objects.select_related("hit_type"), hit_id=hit_id, frame_url="")
    assignment_id = request.GET.get("assignmentId", "")
    if not _may_see(worker, hit=hit, assignment_id=assignment_id):
        raise Http404("not for this worker")
    if is_question_form(hit.question):
        own = assignment_id if is_entity_id(assignment_id) else PREVIEW_ID
        return form_page(request, assignment_id=own, hit=hit)
    response = HttpResponse(_page(read_html_question(hit.question).html))
    response.headers["Content-Security-Policy"] = _policy()
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
