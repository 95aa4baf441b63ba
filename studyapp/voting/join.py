"""Taking part by a study's link: one person, one place in one lot, and the way back to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.crypto import constant_time_compare

from studyapp import clock
from studyapp.exposure import free_from, records_of
from studyapp.link_places import hand_in, settle_overdue, take_place
from studyapp.models import (
    HIT,
    Assignment,
    HITTrial,
    LinkLot,
    LinkPlace,
    LinkSession,
    Rater,
    RaterIdentity,
    Study,
    StudyLink,
)
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import (
    USED_PLACE_STATES,
    AssignmentState,
    Environment,
    LinkPlaceState,
    StudyState,
)
from studyapp.voting.admission import has_done_enough, refuse_enough, shut_out_of
from studyapp.voting.admit import SAW_OTHERS
from studyapp.voting.errors import (
    BadLinkError,
    ClosedError,
    FullError,
    ScreenedOutError,
    TimeOverError,
    TooSoonError,
    VotingError,
)
from studyapp.voting.seats import TAKING, begin, rater_of
from studyapp.voting.sitting import Seat

#: Places one person may let lapse in a study: an accident or two, not a habit.
MOST_LAPSED_EACH = 3
#: Lots tried for one person before they are told that none is for them.
MOST_TRIED = 100
_NOT_FINISHED = frozenset({AssignmentState.WORKING})


@transaction.atomic
def join(link: StudyLink, *, participant: str, session: str = "") -> Seat | LinkPlace:
    """The person's seat, found again or taken now; their last place where they are done.

    Everything this writes is written together or not at all, and for one person one at a time: a
    second tab, a refresh or a second press finds the place of the first. Raises VotingError.
    """
    if link.study.environment != Environment.LINK:
        raise ClosedError("this study takes no raters by link")
    rater = rater_of(link.provider, worker_id=participant)
    Rater.objects.select_for_update(no_key=True).get(pk=rater)
    mine = _settled_places(link, rater=rater)
    at_work = [place for place in mine if place.state == LinkPlaceState.TAKEN]
    if at_work:
        _check_session(at_work[0], session=session)
        return _seat(link, place=at_work[0], participant=participant)
    done = [place for place in mine if place.state in USED_PLACE_STATES]
    if any(place.state == LinkPlaceState.REJECTED for place in done):
        raise ScreenedOutError("work handed in here under this id was rejected")
    if len(done) >= link.tasks_each:
        _check_session(done[-1], session=session)
        return done[-1]
    _check_first_session(link, done=done, session=session)
    try:
        if len(mine) - len(done) >= MOST_LAPSED_EACH:
            raise TimeOverError("the time was over every time this was begun")
        place, seat = _take(link, rater=rater, participant=participant)
    except VotingError:
        if not done:
            raise
        # There is no further task for them: what they have done stands, and its code with it.
        _check_session(done[-1], session=session)
        return done[-1]
    _remember(place, link=link, participant=participant, session=session)
    return seat


def places_of(link: StudyLink, *, rater: int) -> QuerySet[LinkPlace]:
    """All places the person has or had in this study, oldest first."""
    return LinkPlace.objects.filter(rater=rater, lot__token__in=_tokens(link)).order_by("pk")


def is_more_to_do(link: StudyLink, *, rater: int) -> bool:
    """Whether this person, being done, could take another lot."""
    done = places_of(link, rater=rater).filter(state__in=USED_PLACE_STATES)
    if (
        link.study.state != StudyState.LIVE
        or done.filter(state=LinkPlaceState.REJECTED).exists()
        or done.count() >= link.tasks_each
        or has_done_enough(link.study, rater=rater)
    ):
        return False
    closed = _closed_conditions(link, rater=rater)
    return next(_free_lots(link, rater=rater, closed=closed), None) is not None


def finish_place(link: StudyLink, *, place_id: str, nonce: str) -> LinkPlace:
    """Hand the work in. The nonce, which the last page alone shows, proves that it is all there.

    Pressed twice, the second press finds it handed in. Raises VotingError.
    """
    work = (
        Assignment.objects.filter(hit__study=link.study_id, assignment_id=place_id)
        .exclude(state__in=_NOT_FINISHED)
        .first()
    )
    try:
        proven = work is not None and constant_time_compare(work.nonce.hex, UUID(nonce).hex)
        place = hand_in(place_id, fields={"nonce": [nonce]}) if proven else None
    except (ValueError, LinkPlace.DoesNotExist):
        proven, place = False, None
    if not proven:
        raise BadLinkError("this is not the last page of a task that was begun here")
    if place is None:
        raise TimeOverError("the time was over, and somebody else has the place now")
    return place


def _settled_places(link: StudyLink, *, rater: int) -> list[LinkPlace]:
    """The person's places, none of them overdue."""
    now = clock.now()
    late = places_of(link, rater=rater).filter(state=LinkPlaceState.TAKEN, deadline__lte=now)
    for place in late.select_related("lot"):
        settle_overdue(place.lot, now=now)
    return list(places_of(link, rater=rater))


def _check_session(place: LinkPlace, *, session: str) -> None:
    """Who says another person's id seldom knows the id of their participation too."""
    known = LinkSession.objects.filter(place=place).values_list("session_id", flat=True).first()
    if known and not constant_time_compare(known, session):
        raise BadLinkError("this id is taking part in another session")


def _check_first_session(link: StudyLink, *, done: Sequence[LinkPlace], session: str) -> None:
    """A later HIT is for whoever handed in the first: others may know the id.

    Not where conditions are hours apart: who comes back days later does so in another session.
    """
    if link.study.cooldown_hours or link.study.launch_gap_hours:
        return
    known = LinkSession.objects.filter(place__in=done).order_by("place").select_related("place")
    if (first := known.first()) is not None:
        _check_session(first.place, session=session)


def _take(link: StudyLink, *, rater: int, participant: str) -> tuple[LinkPlace, Seat]:
    """A place and the seat that goes with it.

    A lot may be refused to this person alone by the rules of voting; then the next one is tried,
    and the first refusal is told where none is left.
    """
    if link.study.state != StudyState.LIVE:
        raise ClosedError("this study takes no new raters")
    refuse_enough(link.study, rater=rater)
    until = clock.now() + time_allowed(link.study)
    refused: VotingError | None = None
    closed = _closed_conditions(link, rater=rater)
    for lot in islice(_free_lots(link, rater=rater, closed=closed), MOST_TRIED):
        try:
            with transaction.atomic():
                place = take_place(lot, rater=rater, until=until)
                if place is not None:
                    return place, _seat(link, place=place, participant=participant)
        except VotingError as error:
            refused = refused or error
    if refused is not None:
        raise refused
    if closed and next(_free_lots(link, rater=rater), None) is not None:
        raise TooSoonError(SAW_OTHERS, free_from=min(closed.values()))
    offered = _lots(link).filter(expires_at__gt=clock.now(), disposed_at__isnull=True)
    if not offered.exists():
        raise ClosedError("this study takes no new raters")
    raise FullError("every place is taken")


def _closed_conditions(link: StudyLink, *, rater: int) -> dict[int, datetime]:
    """Until when the person may not see a condition, for what they saw lately; by its key."""
    study = link.study
    if not study.cooldown_hours:
        return {}
    now, records = clock.now(), records_of(rater)
    ends = {
        pk: free_from(study, condition=pk, raters=records, now=now)
        for pk in study.conditions.values_list("pk", flat=True)
    }
    return {pk: until for pk, until in ends.items() if until is not None}


def _free_lots(link: StudyLink, *, rater: int, closed: Collection[int] = ()) -> Iterator[LinkLot]:
    """Lots with a place for somebody who never had one there, those nearest to full first.

    So lots are completed one after the other, and however few people come, most of what they
    were asked has all its votes. Lots with trials that the person has judged in another lot, which
    came before or shares its raters, are for others, and so are those of the conditions that are
    closed to them. Counted in plain queries: joined into one they take ten times as long at a
    thousand lots.
    """
    now = clock.now()
    offered = _lots(link).filter(expires_at__gt=now, disposed_at__isnull=True)
    numbers = dict(_tokens(link, states=TAKING).values_list("request_token", "lot"))
    places = LinkPlace.objects.filter(lot__token__in=_tokens(link))
    held = dict(places.held(now=now).order_by().values_list("lot_id").annotate(n=Count("pk")))
    mine = set(places_of(link, rater=rater).values_list("lot_id", flat=True))
    shut = shut_out_of(link.study, rater=rater) | _lots_of(link.study, conditions=closed)
    free = sorted(
        (-held.get(pk, 0), numbers[token], pk)
        for pk, token, raters in offered.values_list("pk", "token", "raters")
        if pk not in mine
        and token in numbers
        and numbers[token] not in shut
        and held.get(pk, 0) < raters
    )
    for _, _, pk in free:
        yield LinkLot.objects.get(pk=pk)


def _lots_of(study: Study, *, conditions: Collection[int]) -> set[int]:
    """Numbers of the lots that show pictures of these conditions."""
    if not conditions:
        return set()
    rows = HITTrial.objects.filter(hit__study=study, trial__condition__in=conditions)
    return set(rows.order_by().values_list("hit__lot", flat=True).distinct())


def _lots(link: StudyLink) -> QuerySet[LinkLot]:
    return LinkLot.objects.filter(token__in=_tokens(link, states=TAKING))


def _tokens(link: StudyLink, *, states: frozenset[str] | None = None) -> QuerySet[HIT, str]:
    rows = HIT.objects.filter(study=link.study_id)
    if states is not None:
        rows = rows.filter(state__in=states)
    return rows.values_list("request_token", flat=True)


def _seat(link: StudyLink, *, place: LinkPlace, participant: str) -> Seat:
    """The seat before the HIT of the place, begun by the same rules as on a marketplace."""
    hit = HIT.objects.select_related("study__link").get(
        study=link.study_id, request_token=place.lot.token
    )
    return begin(hit, assignment_id=place.place_id, worker_id=participant)


def _remember(place: LinkPlace, *, link: StudyLink, participant: str, session: str) -> None:
    if session:
        identity = RaterIdentity.objects.get(provider=link.provider, worker_id=participant)
        LinkSession.objects.create(place=place, identity=identity, session_id=session)
