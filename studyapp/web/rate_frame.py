"""How the rater pages are sent: to be framed by marketplaces, without cookies, never cached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from studyapp import clock
from studyapp.models import HIT
from studyapp.vocabulary import Environment
from studyapp.voting.errors import BadLinkError, TooSoonError, VotingError
from studyapp.web.rate_visit import submit_host

P = ParamSpec("P")
HITView = Callable[Concatenate[HttpRequest, HIT, P], HttpResponse]
URLView = Callable[Concatenate[HttpRequest, UUID, P], HttpResponse]

_MTURK = ("https://worker.mturk.com", "https://workersandbox.mturk.com", "https://www.mturk.com")
#: A vote with its events is a few kilobytes.
MOST_BYTES = 32_768


class SeeOther(HttpResponseRedirect):
    """After a POST: go on with a GET."""

    status_code = 303


def page_policy(
    *, submit_to: str = "", images: str = "'self'", ancestors: str | None = None
) -> str:
    """Content security policy of a rater page: our own files, nothing inline, known frames."""
    if ancestors is None:
        ancestors = " ".join(dict.fromkeys(["'self'", *settings.FRAME_ANCESTORS, *_MTURK]))
    # After the submission the marketplace may send the frame on to another of its hosts.
    targets = " ".join(dict.fromkeys([submit_to, *(_MTURK if "mturk.com" in submit_to else ())]))
    return (
        f"default-src 'none'; img-src {images}; style-src 'self'; script-src 'self'; "
        f"connect-src 'self'; base-uri 'none'; form-action 'self' {targets}; "
        f"frame-ancestors {ancestors}"
    )


def rate_page(template: str, context: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """Rendered without a request: no context processor can touch session, user or CSRF cookie."""
    return HttpResponse(render_to_string(f"rate/{template}.html", dict(context)), status=status)


def problem_page(error: VotingError, *, hit: HIT | None = None) -> HttpResponse:
    """The sentence and way out for what went wrong."""
    context = what_is_wrong(error, contact=hit.study.contact if hit else "")
    by_link = hit is not None and hit.environment == Environment.LINK
    return rate_page("problem_by_link" if by_link else "problem", context, status=error.status)


def what_is_wrong(error: VotingError, *, contact: str) -> dict[str, object]:
    """What pages of problems say it from."""
    context: dict[str, object] = {
        "kind": error.kind,
        "happened": error.happened,
        "contact": contact,
    }
    if isinstance(error, TooSoonError):
        # To the next full minute: whoever comes at the minute they read is let in.
        minute = timedelta(minutes=1)
        until = (error.free_from + minute).replace(second=0, microsecond=0)
        now = clock.now().replace(second=0, microsecond=0)
        context |= {"free_from": until, "now": now}
    return context


def wants_json(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("via") == "script"


def _refuse(request: HttpRequest, error: VotingError, *, hit: HIT) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"kind": error.kind, "message": str(error)}, status=error.status)
    return problem_page(error, hit=hit)


def _unknown() -> HttpResponse:
    response = problem_page(BadLinkError("there is no such task here"))
    response.status_code = 404
    response.headers["Content-Security-Policy"] = page_policy()
    return response


def too_large(request: HttpRequest) -> bool:
    """Whether the request says it is larger than any answer, or lies about its size."""
    length = request.headers.get("Content-Length") or "0"
    return not (length.isascii() and length.isdigit()) or int(length) > MOST_BYTES


def in_marketplace_frame(view: HITView[P]) -> URLView[P]:
    """The view gets the HIT of its address; what it refuses becomes a page or JSON."""

    def wrapped(
        request: HttpRequest, public_id: UUID, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if too_large(request):
            return HttpResponse("This is too large for an answer.", status=413)
        hit = HIT.objects.select_related("study").filter(public_id=public_id).first()
        if hit is None:
            return _unknown()
        try:
            response = view(request, hit, *args, **kwargs)
        except VotingError as error:
            response = _refuse(request, error, hit=hit)
        by_link = hit.environment == Environment.LINK
        response.headers["Content-Security-Policy"] = (
            page_policy(ancestors="'none'") if by_link else page_policy(submit_to=submit_host(hit))
        )
        response.headers["Cache-Control"] = "no-store"
        # A marketplace may sandbox its frame, which then counts as another origin. The token in
        # the body is what proves who sends; there is no cookie that such a request could abuse.
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    update_wrapper(wrapped, view)
    return cast(URLView[P], csrf_exempt(xframe_options_exempt(wrapped)))
