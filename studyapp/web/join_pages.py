"""Taking part by a study's link: who you are, consent, a place; the code when it is done.

No cookie: what a page knows of its reader is in a signed token. Looking stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from studyapp import attempts, return_links
from studyapp.models import LinkPlace, RaterIdentity, StudyLink, Trial
from studyapp.vocabulary import USED_PLACE_STATES
from studyapp.voting.errors import BadLinkError, ClosedError, TooOftenError, VotingError
from studyapp.voting.join import finish_place, is_more_to_do, join, places_of
from studyapp.web.join_visit import read_visit
from studyapp.web.rate_frame import SeeOther, page_policy, rate_page, too_large, what_is_wrong
from studyapp.web.rate_pages import about
from studyapp.web.rate_tokens import (
    Arrival,
    read_arrival,
    read_receipt,
    sign_arrival,
    sign_receipt,
    sign_seat,
)

P = ParamSpec("P")
LinkView = Callable[Concatenate[HttpRequest, StudyLink, P], HttpResponse]
URLView = Callable[Concatenate[HttpRequest, UUID, P], HttpResponse]

#: Beginnings at one link from one address within an hour, or three for each place of its study
#: where that is more: two lecture halls behind one address. An id proves nobody where people are
#: not invited one by one, so this and the number of places are what keep inventors of ids from
#: filling the tables.
MOST_PER_ADDRESS = 400
MOST_PER_PLACE = 3
#: Refusals that say nothing of the person but that they came too late, and those that are no end
#: of their taking part. Whatever else keeps somebody out is a screen-out to their panel.
_NO_PLACE = frozenset({"full", "closed"})
_NO_OUTCOME = frozenset(
    {"bad-link", "bad-answer", "elsewhere", "handed-in", "time-over", "too-often", "too-soon"}
)


def at_link(view: LinkView[P]) -> URLView[P]:
    """The view gets the link of its address; what it refuses becomes a page."""

    def wrapped(
        request: HttpRequest, public_id: UUID, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if too_large(request):
            return HttpResponse("This is too large for an answer.", status=413)
        link = StudyLink.objects.select_related("study").filter(public_id=public_id).first()
        if link is None:
            response = rate_page("problem_by_link", {"kind": "bad-link"}, status=404)
        else:
            try:
                response = view(request, link, *args, **kwargs)
            except VotingError as error:
                response = problem(error, link=link)
        response.headers["Content-Security-Policy"] = page_policy(ancestors="'none'")
        response.headers["Cache-Control"] = "no-store"
        # The addresses of these pages are capabilities: no other site is told them.
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    update_wrapper(wrapped, view)
    return cast(URLView[P], csrf_exempt(xframe_options_exempt(wrapped)))


@require_safe
@at_link
def arrive(request: HttpRequest, link: StudyLink) -> HttpResponse:
    """Welcome and consent; a question for the id where the address has none."""
    if not link.study.frozen:
        raise ClosedError("this study is not open yet")
    arrival = read_visit(request.GET, link=link)
    if arrival is None:
        return rate_page("who", {"study": link.study, "link": link})
    context = {
        **about(link.study, n_trials=_trials_each(link)),
        "by_link": True,
        "token": sign_arrival(arrival, link=link),
        "begin_url": reverse("join-begin", args=[link.public_id]),
    }
    return rate_page("consent", context)


@require_POST
@at_link
def begin(request: HttpRequest, link: StudyLink) -> HttpResponse:
    """The person agrees: from here on there is a record, if there is a place."""
    arrival = read_arrival(request.POST.get("token", ""), link=link)
    _refuse_inventors(request, link=link)
    try:
        found = join(link, participant=arrival.participant, session=arrival.session)
    except VotingError as error:
        return problem(error, link=link, arrival=arrival)
    if isinstance(found, LinkPlace):
        return _to_receipt(found, link=link)
    return SeeOther(reverse("rate-work", args=[found.hit, sign_seat(found)]))


@require_POST
@at_link
def hand_in(request: HttpRequest, link: StudyLink) -> HttpResponse:
    """The last button; pressed again it leads to the same page."""
    place = finish_place(
        link,
        place_id=request.POST.get("assignmentId", ""),
        nonce=request.POST.get("nonce", ""),
    )
    return _to_receipt(place, link=link)


@require_safe
@at_link
def done(_request: HttpRequest, link: StudyLink, token: str) -> HttpResponse:
    """Thanks, the completion code and the way back to the panel."""
    rows = LinkPlace.objects.select_related("rater__identity", "session")
    place = rows.filter(
        place_id=read_receipt(token, link=link), state__in=USED_PLACE_STATES
    ).first()
    if place is None:
        raise BadLinkError("nothing was handed in under it")
    arrival = _arrival_of(place)
    more = arrival is not None and is_more_to_do(link, rater=place.rater_id)
    context = {
        "study": link.study,
        **_way_back(link, code=link.completion_code or place.code, arrival=arrival),
        "others": _other_codes(link, place=place),
        "again": sign_arrival(arrival, link=link) if arrival and more else "",
        "begin_url": reverse("join-begin", args=[link.public_id]),
    }
    return rate_page("thanks", context)


def problem(error: VotingError, *, link: StudyLink, arrival: Arrival | None = None) -> HttpResponse:
    """The sentence and way out; with a code where the panel has one for this outcome."""
    if error.kind in _NO_PLACE:
        code = link.full_code
    else:
        code = "" if error.kind in _NO_OUTCOME else link.screen_out_code
    context = {
        **what_is_wrong(error, contact=link.study.contact),
        **(_way_back(link, code=code, arrival=arrival) if code and arrival else {}),
    }
    return rate_page("problem_by_link", context, status=error.status)


def _trials_each(link: StudyLink) -> int:
    """Trials a person will see in a task, as far as that is known before one is taken."""
    there = Trial.objects.filter(condition__study=link.study_id).count()
    return max(1, min(link.study.trials_per_hit, there))


def _refuse_inventors(request: HttpRequest, *, link: StudyLink) -> None:
    who = f"{link.public_id} {attempts.client_address(request)}"
    noted = attempts.note("join", who=who, window_s=3600)
    if noted > MOST_PER_ADDRESS and noted > MOST_PER_PLACE * _n_places(link):
        raise TooOftenError("this was begun too often", remedy="Try again in an hour")


def _n_places(link: StudyLink) -> int:
    there: int | None = link.study.hits.aggregate(places=Sum("raters"))["places"]
    return there or 0


def _to_receipt(place: LinkPlace, *, link: StudyLink) -> SeeOther:
    token = sign_receipt(place.place_id, link=link)
    return SeeOther(reverse("join-done", args=[link.public_id, token]))


def _arrival_of(place: LinkPlace) -> Arrival | None:
    """How the person came; nothing of somebody who was forgotten since."""
    identity: RaterIdentity | None = getattr(place.rater, "identity", None)
    if identity is None:
        return None
    session = getattr(place, "session", None)
    return Arrival(identity.worker_id, session=session.session_id if session else "")


def _way_back(link: StudyLink, *, code: str, arrival: Arrival | None) -> dict[str, str]:
    address = return_links.filled(
        link.return_url,
        code=code,
        participant=arrival.participant if arrival else "",
        session=arrival.session if arrival else "",
    )
    return {"code": code, "way_back": address, "way_back_host": urlsplit(address).netloc}


def _other_codes(link: StudyLink, *, place: LinkPlace) -> list[str]:
    """Codes of the person's other tasks, where each has its own."""
    if link.completion_code:
        return []
    others = places_of(link, rater=place.rater_id).filter(state__in=USED_PLACE_STATES)
    return list(others.exclude(pk=place.pk).values_list("code", flat=True))
