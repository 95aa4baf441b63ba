"""A researcher looks at a sample of verdicts blind, on the rater's own page.

The answers are sent as a rater's are, without cookies; what proves who sends them is a token that
was made for one signed-in person, one sample and one day.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from studyapp.asking import question_type
from studyapp.errors import QuorumError
from studyapp.models import CrossCheck, CrossCheckAnswer, CrossCheckItem, Study
from studyapp.pipeline.cross_check import (
    DEFAULT_SIZE,
    LARGEST_SIZE,
    answer_cross_check,
    draw_cross_check,
)
from studyapp.reports import analyse_study
from studyapp.reports.cross_check import cross_check_of, decided_questions
from studyapp.reports.cross_check_words import cross_check_sentences
from studyapp.selectors.studies import get_study, visible_studies
from studyapp.vocabulary import QuestionKind, StudyState
from studyapp.web.rate_frame import SeeOther, page_policy, rate_page, too_large, wants_json
from studyapp.web.rate_trials import LARGEST_SCALE, Shown, worded

#: Pictures that one page has; the next ones come with the next page.
MOST_SHOWN = 50
_SALT = "quorum.cross-check"
_TOKEN_AGE_S = 24 * 3600
_MAY = "studyapp.change_study"


@login_required
@require_safe
def overview(request: HttpRequest, name: str) -> HttpResponse:
    """What it is, the form that draws the sample, how far it is, and what came out."""
    study = get_study(request.user, name=name)
    found = cross_check_of(study)
    context = {
        "study": study,
        "found": found,
        "sentences": cross_check_sentences(found) if found else [],
        "fits": study.question_kind == QuestionKind.RELEVANCE,
        "settled": study.state == StudyState.CLOSED or study.imported,
        "may": request.user.has_perm(_MAY),
        "default_size": DEFAULT_SIZE,
        "largest_size": LARGEST_SIZE,
    }
    return render(request, "report/cross_check.html", context)


@login_required
@permission_required(_MAY, raise_exception=True)
@require_POST
def draw(request: HttpRequest, name: str) -> HttpResponseRedirect:
    """Draw the sample under the study's own rule; then back to the page."""
    study = get_study(request.user, name=name)
    text = request.POST.get("size", "")
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    try:
        analysis = analyse_study(study)
        summary = draw_cross_check(
            study,
            decided=decided_questions(analysis),
            rule=analysis.rule,
            window=analysis.window,
            size=size,
            actor=request.user if isinstance(request.user, AbstractBaseUser) else None,
        )
        messages.success(request, summary.lines()[0])
    except QuorumError as error:
        messages.error(request, str(error))
    return redirect("study-cross-check", study.name)


@login_required
@permission_required(_MAY, raise_exception=True)
@require_safe
def look(request: HttpRequest, name: str) -> HttpResponse:
    """The next pictures without an answer; `?again=1` the last one answered before them."""
    study = get_study(request.user, name=name)
    check = CrossCheck.objects.filter(study=study).first()
    if check is None or not isinstance(request.user, User):
        return redirect("study-cross-check", study.name)
    items = CrossCheckItem.objects.filter(check_of=check)
    left = items.filter(answers__isnull=True)
    last = _last(check, actor=request.user)
    pks = list(left.order_by("position").values_list("pk", flat=True)[:MOST_SHOWN])
    # Once all are answered the figures are shown, and nothing is taken back.
    again = "again" in request.GET and last is not None and bool(pks)
    if again and last is not None:
        pks.insert(0, last)
    if not pks:
        return redirect("study-cross-check", study.name)
    shown = _shown([*pks, *([last] if last is not None else ())], study=study)
    token = _sign(check, actor=request.user)
    page = {
        "token": token,
        "total": items.count(),
        "trials": [shown[pk].as_json() for pk in pks],
        "last": shown[last].as_json() if last is not None and not again else None,
        "answerUrl": reverse("cross-check-save", args=[study.name]),
        "eventsUrl": reverse("cross-check-events", args=[study.name]),
        "workUrl": reverse("cross-check-look", args=[study.name]),
    }
    response = rate_page(
        "trial",
        {
            "asked": question_type(study.question_kind),
            "token": token,
            "shown": shown[pks[0]],
            "total": page["total"],
            "last": last if not again else None,
            "undo_url": page["eventsUrl"],
            "page": page,
        },
    )
    response.headers["Content-Security-Policy"] = page_policy(ancestors="'none'")
    response.headers["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@require_POST
def save(request: HttpRequest, name: str) -> HttpResponse:
    """One answer, from the script or from the plain form."""
    if too_large(request):
        return HttpResponse("This is too large for an answer.", status=413)
    check, actor = _proven(request, name=name)
    item = CrossCheckItem.objects.filter(check_of=check, pk=_integer(request, "trial")).first()
    if item is None:
        raise Http404
    try:
        finished = answer_cross_check(
            item,
            answer=request.POST.get("answer", ""),
            sequence=_integer(request, "sequence"),
            actor=actor,
        )
    except QuorumError as error:
        if wants_json(request):
            return JsonResponse({"kind": "bad-answer", "message": str(error)}, status=409)
        finished = False
    if wants_json(request):
        return JsonResponse({"finished": finished})
    return SeeOther(reverse("cross-check-look", args=[name]))


@csrf_exempt
@require_POST
def events(request: HttpRequest, name: str) -> HttpResponse:
    """No times are kept here. Without the script this is the undo button: the last one again."""
    if too_large(request):
        return HttpResponse("This is too large.", status=413)
    _proven(request, name=name)
    if wants_json(request):
        return JsonResponse({"finished": False})
    return SeeOther(reverse("cross-check-look", args=[name]) + "?again=1")


def _shown(pks: list[int], *, study: Study) -> dict[int, Shown]:
    """The items as trials of the rater's page; nothing of verdict, votes or model is in them."""
    asked = question_type(study.question_kind)
    rows = CrossCheckItem.objects.filter(pk__in=pks).select_related(
        "question__stimulus", "question__label_class", "question__wording"
    )
    found = {}
    for item in rows.annotate(n_answers=Count("answers")):
        question = item.question
        name = question.label_class.prompt_name if question.label_class else ""
        words, answers = worded(asked, text=question.wording.text, class_name=name)
        stimulus = question.stimulus
        found[item.pk] = Shown(
            trial=item.pk,
            number=item.position + 1,
            sequence=item.n_answers,
            image=reverse("stimulus", args=[stimulus.stimulus_hash]),
            width=(stimulus.width or 0) * LARGEST_SCALE,
            height=(stimulus.height or 0) * LARGEST_SCALE,
            class_name=name,
            question=words,
            answers=answers,
        )
    return found


def _last(check: CrossCheck, *, actor: User) -> int | None:
    """The item this person answered last: the one they can take back."""
    rows = CrossCheckAnswer.objects.filter(item__check_of=check, given_by=actor)
    return rows.order_by("-pk").values_list("item_id", flat=True).first()


def _sign(check: CrossCheck, *, actor: User) -> str:
    return signing.dumps([check.pk, actor.pk], salt=_SALT)


def _proven(request: HttpRequest, *, name: str) -> tuple[CrossCheck, User]:
    """The sample and the person the token was made for, if they may still answer it."""
    try:
        token = request.POST.get("token", "")
        check_pk, actor_pk = signing.loads(token, salt=_SALT, max_age=_TOKEN_AGE_S)
    except signing.BadSignature as error:
        raise PermissionDenied from error
    actor = User.objects.filter(pk=actor_pk, is_active=True).first()
    if actor is None or not actor.has_perm(_MAY):
        raise PermissionDenied
    check = CrossCheck.objects.filter(
        pk=check_pk, study__name=name, study__in=visible_studies(actor)
    ).first()
    if check is None:
        raise PermissionDenied
    return check, actor


def _integer(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Http404
    return int(text)
