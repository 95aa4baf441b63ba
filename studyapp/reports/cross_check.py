"""The blind cross-check in figures: shown when every answer is there, not before."""

from __future__ import annotations

from collections import Counter

from studyapp.analytics import Verdict
from studyapp.analytics.cross_check import FailureRate, failure_rate
from studyapp.models import CrossCheck, CrossCheckAnswer, CrossCheckItem, Study
from studyapp.reports.analysis import Analysis
from studyapp.reports.cross_check_values import CrossCheckReport
from studyapp.vocabulary import Answer, CheckedVerdict

#: What contradicts each verdict.
_CONTRADICTS = {CheckedVerdict.ACCEPTED: Answer.NO, CheckedVerdict.REJECTED: Answer.YES}
_AGREES = {CheckedVerdict.ACCEPTED: Answer.YES, CheckedVerdict.REJECTED: Answer.NO}


def decided_questions(analysis: Analysis) -> dict[int, CheckedVerdict]:
    """The verdict of every question that has one, by key."""
    kinds = {Verdict.ACCEPTED: CheckedVerdict.ACCEPTED, Verdict.REJECTED: CheckedVerdict.REJECTED}
    pairs = zip(analysis.questions.question.tolist(), analysis.verdicts.code.tolist(), strict=True)
    return {question: kinds[Verdict(code)] for question, code in pairs if Verdict(code) in kinds}


def cross_check_of(study: Study) -> CrossCheckReport | None:
    """The study's cross-check as it stands; None where no sample was drawn."""
    check = CrossCheck.objects.filter(study=study).first()
    if check is None:
        return None
    items = dict(CrossCheckItem.objects.filter(check_of=check).values_list("pk", "verdict"))
    answers: dict[int, str] = {}
    people, given = set(), 0
    rows = CrossCheckAnswer.objects.filter(item__check_of=check).order_by("item", "sequence")
    for item, answer, person in rows.values_list("item_id", "answer", "given_by_id"):
        answers[item] = answer
        people.add(person)
        given += 1
    complete = len(answers) == len(items)
    return CrossCheckReport(
        drawn_at=check.drawn_at.isoformat(),
        seed=check.seed,
        accept_at=check.accept_at,
        unsure=check.unsure,
        seconds_min=check.seconds_min,
        seconds_max=check.seconds_max,
        n_drawn=len(items),
        n_answered=len(answers),
        n_not_shown=check.n_not_shown,
        n_people=len(people),
        n_changed=given - len(answers),
        false_yes=_rate(check, CheckedVerdict.ACCEPTED, items, answers) if complete else None,
        false_no=_rate(check, CheckedVerdict.REJECTED, items, answers) if complete else None,
    )


def _rate(
    check: CrossCheck, verdict: CheckedVerdict, items: dict[int, str], answers: dict[int, str]
) -> FailureRate:
    drawn = [item for item, found in items.items() if found == verdict]
    said = Counter(answers[item] for item in drawn)
    of = {
        CheckedVerdict.ACCEPTED: check.n_accepted,
        CheckedVerdict.REJECTED: check.n_rejected,
    }
    return failure_rate(
        n_decided=of[verdict],
        n_drawn=len(drawn),
        n_agreed=said[_AGREES[verdict]],
        n_contradicted=said[_CONTRADICTS[verdict]],
        n_unsure=said[Answer.UNSURE],
    )
