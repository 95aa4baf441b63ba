"""What a rater sees: preview, welcome, trials, the end. Looking stores nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from studyapp import clock
from studyapp.asking import question_type
from studyapp.exposure import raters_of, records_of
from studyapp.models import HIT, Assignment, HITTrial, Study
from studyapp.vocabulary import AssignmentState, Environment
from studyapp.voting.admission import check_admitted
from studyapp.voting.admit import refuse_unadmitted
from studyapp.voting.allocate import condition_of
from studyapp.voting.errors import BadLinkError, TimeOverError
from studyapp.voting.seats import (
    check_may_begin,
    check_open,
    check_workable,
    find_assignment,
    find_rater,
    has_consented,
    may_skip_welcome,
)
from studyapp.voting.sitting import Seat, Sitting, Slot, fresh_sitting, read_sitting
from studyapp.web.rate_frame import in_marketplace_frame, rate_page
from studyapp.web.rate_tokens import Claim, read_seat, sign_claim, sign_seat, sign_stamp
from studyapp.web.rate_trials import draws_of, shown_trials
from studyapp.web.rate_visit import Visit, read_visit, submit_host


@require_safe
@in_marketplace_frame
def enter(request: HttpRequest, hit: HIT) -> HttpResponse:
    """Where the marketplace's frame begins."""
    if hit.environment == Environment.LINK:
        raise BadLinkError("this task is entered by the link of its study")
    visit = read_visit(request.GET, hit=hit)
    if visit.is_preview:
        check_open(hit)
        return preview_page(hit)
    rater = find_rater(hit, worker_id=visit.worker_id)
    seat_id = visit.assignment_id
    if rater is not None and may_skip_welcome(rater, hit=hit, assignment_id=seat_id):
        seat = _seat(hit, visit=visit, rater=rater)
        return work_page(hit, seat=seat, token=sign_seat(seat))
    check_may_begin(hit)
    if rater is None or find_assignment(_seat(hit, visit=visit, rater=rater)) is None:
        refuse_unadmitted(hit, raters=raters_of(visit.worker_id, provider=hit.provider))
        if rater is not None:
            check_admitted(hit, rater=rater)
    agreed = rater is not None and has_consented(rater, study=hit.study)
    return welcome_page(hit, visit=visit, agreed=agreed)


def _seat(hit: HIT, *, visit: Visit, rater: int) -> Seat:
    return Seat(hit.public_id, assignment_id=visit.assignment_id, rater=rater)


@require_safe
@in_marketplace_frame
def work(request: HttpRequest, hit: HIT, token: str) -> HttpResponse:
    """The next trial, or the end. `?again=1` asks for the last one once more."""
    seat = read_seat(token, hit=hit)
    return work_page(hit, seat=seat, token=token, again="again" in request.GET)


def welcome_page(hit: HIT, *, visit: Visit, agreed: bool = False) -> HttpResponse:
    """What it is, how long, what it pays, and consent; in short for who has agreed before."""
    claim = Claim(hit.public_id, assignment_id=visit.assignment_id, worker_id=visit.worker_id)
    context = {
        **about(hit.study, n_trials=_n_shown(hit)),
        "agreed": agreed and hit.study.cooldown_hours > 0,
        "token": sign_claim(claim),
        "begin_url": reverse("rate-begin", args=[hit.public_id]),
    }
    return rate_page("consent", context)


def about(study: Study, *, n_trials: int) -> dict[str, object]:
    """What raters are told about a task before they begin."""
    asked = question_type(study.question_kind)
    minutes = max(1, round(n_trials * asked.seconds / 60))
    return {"study": study, "n_trials": n_trials, "minutes": minutes, "asked": asked}


def preview_page(hit: HIT) -> HttpResponse:
    """The first trial with buttons that do nothing, for whoever considers the task.

    Where conditions are kept apart nobody sees a picture before it is known who looks.
    """
    if hit.study.cooldown_hours:
        words = about(hit.study, n_trials=_n_shown(hit))
        return rate_page("consent", {**words, "inert": True, "unseen": True})
    first = HITTrial.objects.filter(hit=hit).order_by("position").first()
    if first is None:
        raise BadLinkError("this task has no pictures")
    slot = Slot(first.position, trial=first.trial_id, question=0)
    empty = Sitting(slots=(slot,), votes={}, traces={})
    shown = shown_trials([slot], sitting=empty)[0]
    return rate_page("preview", {**about(hit.study, n_trials=_n_shown(hit)), "shown": shown})


def _n_shown(hit: HIT) -> int:
    """Trials of the HIT that one rater sees."""
    return hit.hit_trials.count() * hit.study.raters_per_trial // hit.study.raters_per_hit


def work_page(hit: HIT, *, seat: Seat, token: str, again: bool = False) -> HttpResponse:
    """The trial that comes next for this seat."""
    assignment, in_time = find_assignment(seat), True
    if assignment is None:
        check_may_begin(hit)
        refuse_unadmitted(hit, raters=records_of(seat.rater))
        check_admitted(hit, rater=seat.rater)
        sitting = fresh_sitting(hit, seat=seat, condition=condition_of(seat.rater, study=hit.study))
    else:
        sitting = read_sitting(assignment)
        in_time = _in_time(assignment)
        if not sitting.votes:
            # Another HIT may have had their first answer meanwhile.
            check_admitted(hit, rater=seat.rater)
    slots = list(sitting.left)
    if again and in_time and sitting.last is not None:
        slots.insert(0, sitting.slot(sitting.last))
    if not slots:
        return end_page(hit, assignment=assignment, sitting=sitting, token=token)
    return _trial_page(hit, slots=slots, seat=seat, sitting=sitting, token=token, again=again)


def _in_time(assignment: Assignment) -> bool:
    """Whether pictures may still be looked at; raises TimeOverError where work is left.

    Who has finished may hand in later, which is between rater and marketplace. They are shown no
    picture any more, for a cooldown is reckoned from the end of their time.
    """
    try:
        check_workable(assignment, now=clock.now())
    except TimeOverError:
        if assignment.state != AssignmentState.FINISHED:
            raise
        return False
    return True


def _trial_page(
    hit: HIT, *, slots: list[Slot], seat: Seat, sitting: Sitting, token: str, again: bool
) -> HttpResponse:
    draws = draws_of(hit, seat=seat)
    trials = shown_trials(slots, sitting=sitting, draws=draws)
    last = None
    if sitting.last is not None and not again:
        last = shown_trials([sitting.slot(sitting.last)], sitting=sitting, draws=draws)[0]
    context = {
        "asked": question_type(hit.study.question_kind),
        "token": token,
        "shown": trials[0],
        "total": len(sitting.slots),
        "stamp": sign_stamp(seat, trial=trials[0].trial),
        "last": last.trial if last else None,
        "undo_url": reverse("rate-undo", args=[hit.public_id]),
        "page": {
            "token": token,
            "total": len(sitting.slots),
            "trials": [trial.as_json() for trial in trials],
            "last": last.as_json() if last else None,
            "answerUrl": reverse("rate-answer", args=[hit.public_id]),
            "eventsUrl": reverse("rate-events", args=[hit.public_id]),
            "workUrl": reverse("rate-work", args=[hit.public_id, token]),
        },
    }
    return rate_page("trial", context)


def end_page(
    hit: HIT, *, assignment: Assignment | None, sitting: Sitting, token: str
) -> HttpResponse:
    """Thanks, and the form that hands the assignment in at the marketplace."""
    if assignment is None or not sitting.votes:
        raise BadLinkError(
            "none of the pictures could be shown",
            remedy="That is our fault. Return the task; that has no bad effect for you",
        )
    by_link = hit.environment == Environment.LINK
    context = {
        "by_link": by_link,
        "study": hit.study,
        "undo_url": reverse("rate-undo", args=[hit.public_id]),
        "assignment": assignment,
        "nonce": assignment.nonce.hex,
        "answers": len(sitting.votes),
        "skipped": len(sitting.slots) - len(sitting.votes),
        "submit_url": (
            reverse("join-hand-in", args=[hit.study.link.public_id])
            if by_link
            else f"{submit_host(hit)}/mturk/externalSubmit"
        ),
        "token": token,
        "last": sitting.last,
    }
    return rate_page("end", context)
