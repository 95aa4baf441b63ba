"""Draw the sample a researcher looks at blind, and keep what they say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F, Q

from studyapp import audit, clock
from studyapp.analytics import Rule, Window
from studyapp.errors import InputError, StudyError
from studyapp.models import (
    HIT,
    CrossCheck,
    CrossCheckAnswer,
    CrossCheckItem,
    Question,
    Study,
)
from studyapp.plurals import counted
from studyapp.selectors.turns import places_out
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import (
    HANDED_IN_STATES,
    Answer,
    CheckedVerdict,
    HITState,
    QuestionKind,
    StimulusKind,
    StudyState,
)

#: "More than 500" were looked at in the study this follows.
DEFAULT_SIZE = 500
LARGEST_SIZE = 20_000
MOST_CHANGES = 20
#: So long after its end Mechanical Turk gives a HIT up: nothing of it will be collected any more. A
#: recruiter may be gone as a whole, too, and be asked in vain.
FORGOTTEN_AFTER = timedelta(days=120)
_ROWS_PER_STATEMENT = 500


@dataclass(frozen=True)
class DrawSummary:
    study: str
    size: int
    n_accepted: int
    n_rejected: int
    n_not_shown: int

    def lines(self) -> list[str]:
        decided = counted(self.n_accepted + self.n_rejected, "decided question")
        where = "Answer them on the page “Cross-check” of the study."
        lines = [f"{self.study}: {self.size:,} of {decided} drawn, for good. {where}"]
        if self.n_not_shown:
            lines.append(
                f"{self.n_not_shown:,} decided questions have no picture here and were left out."
            )
        return lines


def draw_cross_check(
    study: Study,
    *,
    decided: Mapping[int, CheckedVerdict],
    rule: Rule,
    window: Window,
    size: int = DEFAULT_SIZE,
    actor: AbstractBaseUser | None = None,
) -> DrawSummary:
    """Draw `size` of the decided questions, each as likely as any other; once for a study.

    decided: verdict of every decided question, by its key, under `rule` and `window`. The draw
    follows the study's seed and what is asked, not keys or the order of rows.
    """
    _check(study, size=size)
    with transaction.atomic():
        held = Study.objects.select_for_update().get(pk=study.pk)
        if CrossCheck.objects.filter(study=held).exists():
            raise StudyError(
                "its sample is drawn already, and a second one could be drawn until it pleases",
                item=f"study {study.name}",
                remedy="Answer the one there is",
            )
        order = _in_drawn_order(held, decided)
        if not order:
            raise StudyError(
                "no decided question of it has a picture here",
                item=f"study {study.name}",
                remedy="Import the images with their files, or collect votes first",
            )
        drawn = order[:size]
        kinds = [decided[question] for question in order]
        check = CrossCheck.objects.create(
            study=held,
            seed=held.seed,
            accept_at=rule.k,
            unsure=rule.unsure,
            seconds_min=window[0],
            seconds_max=window[1],
            n_accepted=kinds.count(CheckedVerdict.ACCEPTED),
            n_rejected=kinds.count(CheckedVerdict.REJECTED),
            n_not_shown=len(decided) - len(order),
            drawn_by=actor if isinstance(actor, User) else None,
        )
        CrossCheckItem.objects.bulk_create(
            (
                CrossCheckItem(
                    check_of=check, position=at, question_id=question, verdict=decided[question]
                )
                for at, question in enumerate(drawn)
            ),
            batch_size=_ROWS_PER_STATEMENT,
        )
        audit.record("draw_cross_check", study=held, actor=actor, summary={"size": len(drawn)})
    return DrawSummary(
        study=study.name,
        size=len(drawn),
        n_accepted=check.n_accepted,
        n_rejected=check.n_rejected,
        n_not_shown=check.n_not_shown,
    )


def answer_cross_check(item: CrossCheckItem, *, answer: str, sequence: int, actor: User) -> bool:
    """Keep an answer, or recognise it as one that is there; whether the whole check is answered.

    sequence: 0 for the first answer to the item, one more each time it is taken back. With the
    last item answered the figures are shown, so from then on nothing is taken back.
    """
    if answer not in Answer.values:
        raise InputError("this is no answer", item=answer[:20], remedy="Yes, no or cannot tell")
    with transaction.atomic():
        CrossCheck.objects.select_for_update().get(pk=item.check_of_id)
        given = list(item.answers.order_by("sequence").values_list("answer", flat=True))
        if 0 <= sequence < len(given):
            if given[sequence] != answer:
                raise StudyError(
                    "this picture was answered differently in another window",
                    item=f"picture {item.position + 1}",
                    remedy="Go on with the next one",
                )
        elif sequence != len(given) or sequence > MOST_CHANGES:
            raise InputError(
                "the answer is out of order",
                item=f"picture {item.position + 1}",
                remedy="Load the page again",
            )
        elif _complete(item):
            raise StudyError(
                "the check is complete and its figures are shown, so its answers stay as they are",
                item=f"picture {item.position + 1}",
            )
        else:
            CrossCheckAnswer.objects.create(
                item=item, sequence=sequence, answer=answer, given_by=actor
            )
    return _complete(item)


def _complete(item: CrossCheckItem) -> bool:
    """Whether every item of the same check has an answer."""
    items = CrossCheckItem.objects.filter(check_of=item.check_of_id)
    return not items.filter(answers__isnull=True).exists()


def _check(study: Study, *, size: int) -> None:
    if study.question_kind != QuestionKind.RELEVANCE:
        raise StudyError(
            "its questions are not answered yes or no about one class",
            item=f"study {study.name}",
            remedy="The cross-check is for questions of relevance",
        )
    if study.state != StudyState.CLOSED and not study.imported:
        raise StudyError(
            "votes may still come in and change verdicts",
            item=f"study {study.name}",
            remedy=f"Close it first: `manage.py close {study.name}`",
        )
    if any(places_out(study).values()) or not _is_collected(study):
        raise StudyError(
            "raters who were at work when it was closed may still hand in and change verdicts, or "
            "have done so and it is not collected",
            item=f"study {study.name}",
            remedy=f"Run `manage.py collect_votes {study.name}` when their time is over, then draw",
        )
    if not 1 <= size <= LARGEST_SIZE:
        raise InputError(
            f"a sample of {size} cannot be", item="size", remedy=f"Give 1 to {LARGEST_SIZE:,}"
        )


def _is_collected(study: Study) -> bool:
    """Whether the recruiter has told of all that could be handed in for each HIT that has ended."""
    came = Count("assignments", filter=Q(assignments__state__in=HANDED_IN_STATES))
    ended = HIT.objects.filter(study=study, state__in=[HITState.OPEN, HITState.EXPIRED]).exclude(
        expires_at__lte=clock.now() - FORGOTTEN_AFTER
    )
    late = Q(asked_at__isnull=True) | Q(asked_at__lt=F("expires_at") + time_allowed(study))
    return not ended.annotate(came=came).filter(late, came__lt=F("raters")).exists()


def _in_drawn_order(study: Study, decided: Mapping[int, CheckedVerdict]) -> list[int]:
    """Every decided question with a picture, in the order of the draw."""
    rows = Question.objects.filter(
        votes__study=study,
        stimulus__kind=StimulusKind.RENDERED,
        stimulus__file__isnull=False,
    ).exclude(stimulus__file="")
    found = rows.values_list("pk", "stimulus__stimulus_hash", "label_class__index").distinct()
    drawn = sorted(
        (hashlib.sha256(f"cross-check/{study.seed}/{shown}/{index}".encode()).hexdigest(), pk)
        for pk, shown, index in found
        if pk in decided
    )
    return [pk for _, pk in drawn]
