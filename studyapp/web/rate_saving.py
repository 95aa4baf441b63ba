"""What a rater sends: consent, answers, events. Each request carries its token in the body."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from studyapp import attempts
from studyapp.asking import MOST_PARTS, NOTHING, question_type
from studyapp.models import HIT, Study
from studyapp.vocabulary import Environment, TimingEventKind
from studyapp.voting.errors import (
    AnsweredElsewhereError,
    BadAnswerError,
    BadLinkError,
    TooOftenError,
)
from studyapp.voting.record_events import record_events
from studyapp.voting.record_vote import record_vote
from studyapp.voting.seats import begin
from studyapp.voting.timing import Event, Report, parse_events, parse_ms
from studyapp.web.rate_frame import SeeOther, in_marketplace_frame, wants_json
from studyapp.web.rate_tokens import read_claim, read_seat, read_stamp, sign_seat

#: Beginnings of one HIT from one address within an hour, or three for each of its places where that
#: is more: a whole university behind one address stays below. No proof is to be had that a worker
#: id is real before the work is handed in, so this is what keeps inventors of worker ids from
#: filling the tables.
MOST_PER_ADDRESS = 100
MOST_PER_PLACE = 3
#: What the one button of a page with several answers sends.
PARTS = "parts"


@require_POST
@in_marketplace_frame
def begin_task(request: HttpRequest, hit: HIT) -> HttpResponse:
    """The rater agrees: from here on there is a record."""
    if hit.environment == Environment.LINK:
        raise BadLinkError("this task is begun by the link of its study")
    claim = read_claim(request.POST.get("token", ""), hit=hit)
    _refuse_inventors(request, hit=hit)
    seat = begin(hit, assignment_id=claim.assignment_id, worker_id=claim.worker_id)
    return _go_on(hit, token=sign_seat(seat))


@require_POST
@in_marketplace_frame
def save_answer(request: HttpRequest, hit: HIT) -> HttpResponse:
    """One answer, from the script or from the plain form."""
    token = request.POST.get("token", "")
    seat = read_seat(token, hit=hit)
    trial = _integer(request, name="trial")
    try:
        recorded = record_vote(
            seat,
            trial=trial,
            sequence=_integer(request, name="sequence"),
            answer=_answer(request, study=hit.study),
            report=_report(request) if wants_json(request) else None,
            shown_at=read_stamp(request.POST.get("stamp", ""), seat=seat, trial=trial),
        )
    except AnsweredElsewhereError:
        if wants_json(request):
            raise
        # A page gone stale: what is stored stands, and the rater goes on where they are.
        return _go_on(hit, token=token)
    if wants_json(request):
        return JsonResponse({"repeated": recorded.repeated, "finished": recorded.finished})
    return _go_on(hit, token=token)


def _refuse_inventors(request: HttpRequest, *, hit: HIT) -> None:
    who = f"{hit.public_id} {attempts.client_address(request)}"
    most = max(MOST_PER_ADDRESS, MOST_PER_PLACE * hit.raters)
    if attempts.note("begin", who=who, window_s=3600) > most:
        raise TooOftenError("this task was begun too often", remedy="Try again in an hour")


@require_POST
@in_marketplace_frame
def undo_answer(request: HttpRequest, hit: HIT) -> HttpResponse:
    """Without the script: show the last trial again. Its next answer supersedes the first."""
    token = request.POST.get("token", "")
    seat = read_seat(token, hit=hit)
    trial = _integer(request, name="trial")
    record_events(seat, events=[Event(TimingEventKind.UNDONE, trial=trial, client_ms=0)])
    return _go_on(hit, token=token, query="?again=1")


@require_POST
@in_marketplace_frame
def save_events(request: HttpRequest, hit: HIT) -> HttpResponse:
    """What happened on the page between two answers."""
    seat = read_seat(request.POST.get("token", ""), hit=hit)
    finished = record_events(seat, events=parse_events(request.POST.get("events", "")))
    return JsonResponse({"finished": finished})


def _go_on(hit: HIT, *, token: str, query: str = "") -> SeeOther:
    return SeeOther(reverse("rate-work", args=[hit.public_id, token]) + query)


def _answer(request: HttpRequest, *, study: Study) -> str:
    """The raw answer; a form without the script sends each part of it in a field of its own."""
    answer = request.POST.get("answer", "")
    asked = question_type(study.question_kind)
    if asked.parts == 1 or answer != PARTS:
        return answer
    last = max((n for n in range(MOST_PARTS) if f"part-{n}" in request.POST), default=0)
    n_parts = asked.parts or last + 1
    return asked.joined(
        ["".join(request.POST.getlist(f"part-{n}")) or NOTHING for n in range(n_parts)]
    )


def _integer(request: HttpRequest, *, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadAnswerError(f"{name} is not a whole number")
    return int(text)


def _report(request: HttpRequest) -> Report:
    active = request.POST.get("active_ms", "")
    held_up = request.POST.get("held_up_ms", "") or "0"
    return Report(
        events=parse_events(request.POST.get("events", "")),
        active_seconds=parse_ms(active, what="active_ms") / 1000 if active else None,
        held_up_seconds=parse_ms(held_up, what="held_up_ms") / 1000,
    )
