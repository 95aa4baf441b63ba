"""A part of a study: one model, the images of one class, one condition, everybody but one rater."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Q, QuerySet

from studyapp.models import Question, Study, Trial, Vote
from studyapp.selectors.report_data import ImageTable, QuestionTable
from studyapp.selectors.votes import VoteTable

ROWS_PER_FETCH = 5_000
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Slice:
    """What is looked at; empty, None and 0 are all of it.

    model: name; its figures alone are told, and nothing is counted otherwise. class_*: the images
    annotated with this class. condition: the votes given in it. rater: pseudonym of the one whose
    votes are left out. Keys are those of rows and leave the program nowhere.
    """

    model: str = ""
    class_index: int | None = None
    class_name: str = ""
    class_key: int = 0
    condition: str = ""
    condition_key: int = 0
    rater: str = ""
    rater_key: int = 0

    @property
    def recounts(self) -> bool:
        """Whether figures are over fewer images or votes than the study's."""
        return bool(self.class_key or self.condition_key or self.rater_key)

    @property
    def whole(self) -> bool:
        return not (self.model or self.recounts)

    def tells(self, model: str) -> bool:
        """Whether the figures of this model are told."""
        return self.model in ("", model)

    def takes(self, condition: int) -> bool:
        """Whether the condition of this key is looked at."""
        return self.condition_key in (0, condition)

    def made(self) -> Q:
        """Of what a model made of an image, the rows that are looked at."""
        of = Q(vision_model__name=self.model) if self.model else Q()
        return of & Q(image__label=self.class_key) if self.class_key else of

    def cast(self) -> Q:
        """The votes that are looked at; of a class, those on pictures of its own images."""
        of = Q(trial__condition=self.condition_key) if self.condition_key else Q()
        if self.class_key:
            of &= Q(question__stimulus__image__label=self.class_key)
        return of & ~Q(rater=self.rater_key) if self.rater_key else of

    def stand(self) -> dict[str, object]:
        """What names it among values that are kept."""
        return {
            "slice": [self.model, self.class_key, self.condition_key, self.rater_key, self.rater]
        }


WHOLE = Slice()


def narrowed(
    only: Slice,
    *,
    study: Study,
    images: ImageTable,
    questions: QuestionTable,
    votes: VoteTable,
) -> tuple[ImageTable, QuestionTable, VoteTable]:
    """The rows of the slice, as if nothing else had been asked.

    A question that is asked in several conditions keeps the votes given in this one, and the first
    of them count, as many as the study asks for.
    """
    if not only.recounts:
        return images, questions, votes
    asked = np.ones(questions.question.size, dtype=np.bool_)
    given = np.ones(len(votes), dtype=np.bool_)
    if only.class_key:
        of_class = images.label == only.class_key
        asked &= _about(only.class_key, study=study, shown=images.stimulus[of_class], of=questions)
        images = _images(images, of_class)
    if only.condition_key:
        here = Trial.objects.filter(condition=only.condition_key).values_list("question_id")
        asked &= np.isin(questions.question, _keys(here))
        cast = Vote.objects.filter(study=study, trial__condition=only.condition_key)
        given &= np.isin(votes.vote, _keys(cast.values_list("pk")))
    if only.rater_key:
        given &= votes.raters[votes.rater] != only.rater_key
    questions = QuestionTable(
        question=questions.question[asked],
        stimulus=questions.stimulus[asked],
        label_class=questions.label_class[asked],
    )
    given &= np.isin(votes.questions, questions.question)[votes.question]
    return images, questions, _votes(votes, given)


def _about(label: int, *, study: Study, shown: npt.NDArray[np.int32], of: QuestionTable) -> Bool:
    """bool[Q]: the question shows an image of the class, or a picture made from one."""
    made = Question.objects.filter(
        stimulus__image__label=label, stimulus__image__image_set=study.image_set_id
    )
    by_number = np.isin(of.stimulus, shown) & (of.stimulus >= 0)
    other = of.stimulus < 0
    if other.any():
        by_number |= other & np.isin(of.question, _keys(made.values_list("pk")))
    return np.asarray(by_number, dtype=np.bool_)


def _keys(rows: QuerySet[Any, tuple[int, ...]]) -> npt.NDArray[np.int64]:
    found = (row[0] for row in rows.iterator(chunk_size=ROWS_PER_FETCH))
    return np.fromiter(found, dtype=np.int64)


def _images(images: ImageTable, keep: Bool) -> ImageTable:
    counts = np.diff(images.real_ends)
    return ImageTable(
        image=images.image[keep],
        label=images.label[keep],
        stimulus=images.stimulus[keep],
        real_ends=np.concatenate(([0], np.cumsum(counts[keep]))).astype(np.int64),
        real_labels=images.real_labels[np.repeat(keep, counts)],
    )


def _votes(votes: VoteTable, keep: Bool) -> VoteTable:
    used, question = np.unique(votes.question[keep], return_inverse=True)
    raters, rater = np.unique(votes.rater[keep], return_inverse=True)
    return replace(
        votes,
        vote=votes.vote[keep],
        question=question.astype(np.int32),
        rater=rater.astype(np.int32),
        answer=votes.answer[keep],
        seconds=votes.seconds[keep],
        test_run=votes.test_run[keep],
        unconfirmed=votes.unconfirmed[keep],
        late=votes.late[keep],
        superseded=votes.superseded[keep],
        exposure=votes.exposure[keep],
        manual=votes.manual[keep],
        questions=votes.questions[used],
        raters=votes.raters[raters],
    )
