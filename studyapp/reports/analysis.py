"""From rows to verdicts: the arrays that a study's report, exports and gallery are read from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Exclusion, Rule, RuleError, Verdicts, Votes, Window, verdicts
from studyapp.errors import InputError
from studyapp.models import Condition, Study
from studyapp.selectors.report_data import (
    ImageTable,
    ModelPredictions,
    QuestionTable,
    load_images,
    load_predictions,
    load_questions,
    models_of,
)
from studyapp.selectors.slices import WHOLE, Slice, narrowed
from studyapp.selectors.turns import complete_questions
from studyapp.selectors.votes import VoteTable, exclude_votes, load_votes, valid_votes, window_of
from studyapp.vocabulary import UnsureCoding


@dataclass(frozen=True, eq=False)
class ModelAnalysis:
    """One model on the labelled images it has a prediction for.

    row: int64[L], rows of ImageTable. top1: int64[L], keys of classes. correct: bool[L], top1 is
    the annotated class. question: int32[L], row of QuestionTable with this image and top1, -1
    where it was not asked or the prediction is correct.
    """

    predictions: ModelPredictions
    row: npt.NDArray[np.int64]
    top1: npt.NDArray[np.int64]
    correct: npt.NDArray[np.bool_]
    question: npt.NDArray[np.int32]

    @property
    def name(self) -> str:
        return self.predictions.model.name


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything a study's figures are counted from, at one moment and under one rule.

    window: the timing window in seconds, an end that is None is open.
    complete: bool[Q], the questions that are asked of all raters whatever the first ones say: all,
    unless the study asks in groups and stops once the verdict is certain.
    """

    study: Study
    rule: Rule
    window: Window
    images: ImageTable
    questions: QuestionTable
    votes: VoteTable
    exclusion: Exclusion
    valid: Votes
    verdicts: Verdicts
    models: tuple[ModelAnalysis, ...]
    complete: npt.NDArray[np.bool_]
    #: The part of the study that all this is of, and how much the whole of it has.
    only: Slice = WHOLE
    n_labelled_of: int = 0
    n_votes_of: int = 0

    @property
    def told(self) -> tuple[ModelAnalysis, ...]:
        """The models whose figures are told."""
        return tuple(model for model in self.models if self.only.tells(model.name))

    def conditions(self) -> list[Condition]:
        """The study's conditions that are looked at, in its order."""
        return [one for one in self.study.conditions.all() if self.only.takes(one.pk)]

    def shows(self, image: int) -> bool:
        """Whether the image of this key is looked at."""
        return not self.only.class_key or image in self._image_keys

    @cached_property
    def _image_keys(self) -> frozenset[int]:
        return frozenset(self.images.image.tolist())

    @property
    def curtailed(self) -> bool:
        """Whether some questions may be closed before all their votes are in."""
        return bool(self.study.vote_groups)

    @cached_property
    def whole(self) -> Votes:
        """The votes that count on complete questions: how raters agree is read from these alone.

        A question that is closed early is closed because of its votes, so that those it has are no
        sample of those it would have had. Its verdict is the same either way.
        """
        if not self.curtailed:
            return self.valid
        return self.valid.valid(self.complete[self.valid.question])

    def shown_whole(self, question: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """The questions of images, -1 where there is none that is complete."""
        if not self.curtailed:
            return question
        return np.where((question >= 0) & self.complete[question], question, -1).astype(np.int32)


def rule_of(study: Study, *, accept: int | None = None, unsure: str | None = None) -> Rule:
    """The study's own rule, or the one asked for instead."""
    if unsure is not None and unsure not in UnsureCoding.values:
        raise InputError(
            f"“unsure” cannot count as {unsure!r}",
            item=study.name,
            remedy=f"Use one of {', '.join(UnsureCoding.values)}",
        )
    try:
        return Rule(
            k=study.accept_at if accept is None else accept,
            n=study.raters_per_trial,
            unsure=study.unsure if unsure is None else unsure,
        )
    except RuleError as error:
        raise InputError(
            str(error), item=study.name, remedy=f"This study asks {study.raters_per_trial} raters"
        ) from error


def analyse_study(
    study: Study,
    *,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    only: Slice = WHOLE,
) -> Analysis:
    """Read the study's rows once and work out every verdict.

    What counts is worked out from the votes as they are now, by the same function that
    filter_votes stores its findings with, so a report is never older than its votes. `accept`,
    `unsure` and `window` are those of the study unless others are given; (None, None) is no window.
    `only`: a part of the study, read as if nothing else had been asked.
    """
    rule = rule_of(study, accept=accept, unsure=unsure)
    _refuse_other_rule(study, rule=rule, window=window)
    if only.rater_key:
        refuse_without_rater(study)
    images, stimuli = load_images(study)
    # Votes before questions: a vote that comes in between has no question that is missing here.
    votes = load_votes(study)
    questions = load_questions(study, stimuli=stimuli)
    n_labelled, n_votes = int(np.count_nonzero(images.label)), len(votes)
    images, questions, votes = narrowed(
        only, study=study, images=images, questions=questions, votes=votes
    )
    window = window or window_of(study)
    exclusion = exclude_votes(votes, study=study, window=window)
    valid = valid_votes(votes, keep=exclusion.keep, questions=questions.question)
    return Analysis(
        study=study,
        rule=rule,
        window=window,
        images=images,
        questions=questions,
        votes=votes,
        exclusion=exclusion,
        valid=valid,
        verdicts=verdicts(valid, rule=rule),
        models=tuple(
            _of_model(load_predictions(model, images=images), images, questions)
            for model in models_of(study)
        ),
        complete=complete_questions(study, questions.question),
        only=only,
        n_labelled_of=n_labelled,
        n_votes_of=n_votes,
    )


def refuse_without_rater(study: Study) -> None:
    """Without a rater others would have been asked, of whom nobody knows. Raises InputError."""
    if study.vote_groups:
        raise InputError(
            "its votes were asked for in groups that stop once a verdict is certain, so without a "
            "rater others would have been asked, and no figure can be read off what there is",
            item=study.name,
            remedy="Read it with all raters",
        )


def _refuse_other_rule(study: Study, *, rule: Rule, window: Window | None = None) -> None:
    """Votes stopped under one rule leave another open, and more so the further it is away.

    So does another timing window: a question was closed by votes that would no longer count, and
    is undecided only because nobody was asked in their place. Raises InputError.
    """
    own_window = window is None or window == window_of(study)
    if study.vote_groups and (rule != rule_of(study) or not own_window):
        raise InputError(
            f"its votes were asked for in groups that stop once {study.accept_at} of "
            f"{study.raters_per_trial} is certain, so no other rule or timing window can be read "
            "off them",
            item=study.name,
            remedy="Read it under its own rule and window",
        )


def _of_model(
    predictions: ModelPredictions, images: ImageTable, questions: QuestionTable
) -> ModelAnalysis:
    labelled = images.label[predictions.row] > 0
    row, top1 = predictions.row[labelled], predictions.top1[labelled]
    correct = images.label[row] == top1
    question = questions.find(images.stimulus[row], label_class=top1)
    question[correct] = -1
    return ModelAnalysis(
        predictions=predictions, row=row, top1=top1, correct=correct, question=question
    )
