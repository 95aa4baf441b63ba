"""Shares of a model's mistakes with each reason, agreement, and models against each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    Agreement,
    Answer,
    ReasonBreakdown,
    SetAgreement,
    Share,
    Verdict,
    agreement,
    primary_reasons,
    reason_breakdown,
    set_agreement,
    verdicts,
)
from studyapp.analytics.coded import coder_votes
from studyapp.analytics.versus import Versus, coded_flags, each_versus
from studyapp.identity import subject_hash
from studyapp.models import Image
from studyapp.questions.reason import parse_reason
from studyapp.questions.reason.population import (
    Mistake,
    chosen_mistakes,
    reason_subject,
    reasons_of,
)
from studyapp.rendering import picture_hash
from studyapp.reports.analysis import Analysis
from studyapp.reports.asked_about import question_rows, raw_answers
from studyapp.selectors.populations import Picture


@dataclass(frozen=True, eq=False)
class Coded:
    """A mistake somebody coded, whoever made it. main: place of the main reason that more than half
    of its coders gave, -1 where they do not agree or cannot tell."""

    mistake: Mistake
    stimulus: str
    question: int
    main: int
    cannot_tell: bool
    held: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class OfModel:
    """main: shares that add up to 1, `disputed` and `cannot tell` among them. held: reasons that
    hold by the rule, main or not."""

    model: str
    n_mistakes: int
    items: tuple[int, ...]
    main: tuple[Share, ...]
    held: ReasonBreakdown


@dataclass(frozen=True, eq=False)
class Reasons:
    """items: every coded mistake once. main_agreement: on the main reason, cannot tell among its
    categories. set_agreement: on everything that holds. tests: of the main reasons and of all that
    hold, each family adjusted by itself."""

    names: tuple[str, ...]
    items: tuple[Coded, ...]
    models: tuple[OfModel, ...]
    main_agreement: Agreement | None
    set_agreement: SetAgreement | None
    main_tests: tuple[Versus, ...]
    held_tests: tuple[Versus, ...]
    #: Every mistake asked about, with the row of its question, -1 where nobody was asked.
    asked: tuple[tuple[Mistake, int], ...]


CANNOT_TELL = "cannot tell the main one"


def reasons(analysis: Analysis) -> Reasons:
    study, names = analysis.study, tuple(reasons_of(analysis.study))
    chosen = [
        mistake
        for mistake in chosen_mistakes(study)
        if analysis.only.tells(mistake.model) and analysis.shows(mistake.image)
    ]
    question = _questions(analysis, chosen)
    raws = raw_answers(analysis)
    order = sorted({row for row in question.values() if row in raws})
    place = {row: at for at, row in enumerate(order)}
    given = [[parse_reason(raw, n=len(names)) for raw in raws[row]] for row in order]
    flags, coded = coded_flags(
        [raws[row] for row in order],
        parse=lambda raw: _held(raw, n=len(names)),
        n_flags=len(names),
    )
    main = np.full(coded.shape, -1, dtype=np.int64)
    for item, answers in enumerate(given):
        for coder, (reason, _) in enumerate(answers):
            main[item, coder] = len(names) if reason is None else reason
    code = (
        verdicts(coder_votes(flags, coded=coded), rule=analysis.rule).code.reshape(len(order), -1)
        if order
        else np.zeros((0, len(names)), dtype=np.int8)
    )
    chosen_main = _majority(main, n=len(names) + 1)
    first = {question[_key(m)]: m for m in reversed(chosen) if question[_key(m)] in place}
    shown = _stimuli(analysis, [first[row] for row in order])
    items = tuple(
        Coded(
            mistake=first[row],
            stimulus=shown[at],
            question=row,
            main=-1 if chosen_main[at] == len(names) else int(chosen_main[at]),
            cannot_tell=bool(chosen_main[at] == len(names)),
            held=tuple(np.flatnonzero(code[at] == Verdict.ACCEPTED).tolist()),
        )
        for at, row in enumerate(order)
    )
    members = {
        model: sorted(
            {
                place[question[_key(m)]]
                for m in chosen
                if m.model == model and question[_key(m)] in place
            }
        )
        for model in sorted({mistake.model for mistake in chosen})
    }
    groups = {model: set(found) for model, found in members.items()}
    accepted = code == Verdict.ACCEPTED
    return Reasons(
        names=names,
        items=items,
        models=tuple(
            OfModel(
                model=model,
                n_mistakes=sum(mistake.model == model for mistake in chosen),
                items=tuple(found),
                main=primary_reasons(main[found], names=(*names, CANNOT_TELL)),
                held=reason_breakdown(
                    flags[found], names=names, rule=analysis.rule, coded=coded[found]
                ),
            )
            for model, found in members.items()
            if found
        ),
        main_agreement=_main_agreement(main, n=len(names) + 1) if order else None,
        # Who cannot tell the main reason has not said which set holds.
        set_agreement=(
            set_agreement(flags == Answer.YES, coded=coded & (main < len(names)), names=names)
            if order
            else None
        ),
        main_tests=each_versus(
            {name: chosen_main == at for at, name in enumerate(names)}, groups=groups
        ),
        held_tests=each_versus(
            {name: accepted[:, at] for at, name in enumerate(names)}, groups=groups
        ),
        asked=tuple((mistake, question[_key(mistake)]) for mistake in chosen),
    )


def _key(mistake: Mistake) -> tuple[str, int, int]:
    return mistake.content, mistake.label, mistake.said


def _questions(analysis: Analysis, chosen: list[Mistake]) -> dict[tuple[str, int, int], int]:
    """Row of the question about each mistake, -1 where nobody was asked."""
    study, rows = analysis.study, question_rows(analysis)
    images = Image.objects.in_bulk({mistake.image for mistake in chosen})
    stimuli: dict[str, str] = {}
    subjects: dict[tuple[int, int], str] = {}
    found = {}
    for mistake in chosen:
        if mistake.content not in stimuli:
            picture = Picture(images[mistake.image], ())
            stimuli[mistake.content] = picture_hash(picture, study=study)
        about = (mistake.label, mistake.said)
        if about not in subjects:
            subject = reason_subject(study, label=mistake.label, said=mistake.said)
            subjects[about] = subject_hash(study.question_kind, subject=subject)
        key = (stimuli[mistake.content], 0, subjects[about])
        found[_key(mistake)] = rows.get(key, -1)
    return found


def _stimuli(analysis: Analysis, chosen: list[Mistake]) -> list[str]:
    images = Image.objects.in_bulk({mistake.image for mistake in chosen})
    return [
        picture_hash(Picture(images[mistake.image], ()), study=analysis.study) for mistake in chosen
    ]


def _held(raw: str, *, n: int) -> list[int]:
    """Yes where a reason is given. What was not ticked is a no, but of somebody who cannot tell it
    is not: they have not ruled it out."""
    main, held = parse_reason(raw, n=n)
    other = Answer.UNSURE if main is None else Answer.NO
    return [Answer.YES if place in held else other for place in range(n)]


def _counts(main: npt.NDArray[np.int64], *, n: int) -> npt.NDArray[np.int64]:
    """int64[I, n], coders of each main reason."""
    return np.stack([(main == reason).sum(axis=1) for reason in range(n)], axis=1)


def _majority(main: npt.NDArray[np.int64], *, n: int) -> npt.NDArray[np.int64]:
    """int64[I], what more than half of an item's coders chose, -1 without."""
    counts = _counts(main, n=n)
    sure = 2 * counts.max(axis=1, initial=0) > counts.sum(axis=1)
    best = counts.argmax(axis=1) if counts.size else np.zeros(len(main), dtype=np.int64)
    return np.where(sure, best, -1)


def _main_agreement(main: npt.NDArray[np.int64], *, n: int) -> Agreement:
    return agreement(_counts(main, n=n), coding="main reason")
