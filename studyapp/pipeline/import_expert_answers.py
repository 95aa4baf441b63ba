"""Give a study the answers of experts to some of its questions, whenever they come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import transaction

from studyapp import audit
from studyapp.errors import InputError, StudyError
from studyapp.ingest.expert_answers import ExpertRow, read_expert_answers
from studyapp.models import ExpertAnswer, Image, LabelClass, Study
from studyapp.plurals import counted
from studyapp.selectors.report_data import load_images, load_questions
from studyapp.vocabulary import QuestionKind

KEYS_PER_FETCH = 500


@dataclass(frozen=True)
class ExpertAnswersSummary:
    study: str
    n_new: int
    n_known: int
    #: Questions asked, and those of them that experts answer now.
    n_questions: int
    n_answered: int

    def lines(self) -> list[str]:
        asked = f"{self.n_answered:,} of {counted(self.n_questions, 'question')} asked"
        lines = [
            f"{self.study}: {counted(self.n_new, 'expert answer')} added, {self.n_known:,} known.",
            f"Experts now answer {asked}.",
            "The page of raters holds each rater against them; no figure about a model does.",
        ]
        if self.n_questions and not self.n_answered:
            lines.append("None is about an image and class that were asked: do indices begin at 0?")
        return lines


def import_expert_answers(
    study: Study, path: Path, *, actor: AbstractBaseUser | None = None
) -> ExpertAnswersSummary:
    """Keep every row, or none. The same again changes nothing; another answer is refused."""
    if study.question_kind != QuestionKind.RELEVANCE:
        raise StudyError(
            "its questions are not about one class",
            item=f"study {study.name}",
            remedy="Expert answers are for studies that ask whether a class is right",
        )
    rows = read_expert_answers(path)
    images = _images(study, {row.image_id for row in rows})
    classes = dict(
        LabelClass.objects.filter(class_list=study.image_set.class_list_id).values_list(
            "index", "pk"
        )
    )
    author = actor if isinstance(actor, User) else None
    with transaction.atomic():
        # One at a time for a study: two would each miss what the other adds.
        Study.objects.select_for_update().get(pk=study.pk)
        known = {
            (row.image_id, row.label_class_id): row.answer
            for row in ExpertAnswer.objects.filter(study=study)
        }
        n_before = len(known)
        new: list[ExpertAnswer] = []
        for row in rows:
            pair = _key(row, images=images, classes=classes, study=study)
            said = known.setdefault(pair, row.answer)
            if said != row.answer:
                raise InputError(
                    f"the answer to {row.image_id} with class {row.class_index} is {said} already",
                    item=row.item,
                    remedy="An expert answer is never written over: take the line out",
                )
            if len(known) > n_before + len(new):
                new.append(
                    ExpertAnswer(
                        study=study,
                        image_id=pair[0],
                        label_class_id=pair[1],
                        answer=row.answer,
                        author=author,
                    )
                )
        ExpertAnswer.objects.bulk_create(new, batch_size=KEYS_PER_FETCH)
        if new:
            audit.record(
                "import_expert_answers", study=study, actor=actor, summary={"added": len(new)}
            )
    n_questions, n_answered = _answered(study)
    return ExpertAnswersSummary(
        study.name,
        n_new=len(new),
        n_known=len(rows) - len(new),
        n_questions=n_questions,
        n_answered=n_answered,
    )


def _answered(study: Study) -> tuple[int, int]:
    """Questions of the study, and those of them that an expert answers."""
    images, stimuli = load_images(study)
    questions = load_questions(study, stimuli=stimuli)
    answers = ExpertAnswer.objects.filter(study=study).values_list("image_id", "label_class_id")
    pairs = np.array(list(answers), dtype=np.int64).reshape(-1, 2)
    found = questions.find(
        images.stimulus[np.searchsorted(images.image, pairs[:, 0])], label_class=pairs[:, 1]
    )
    return questions.question.size, int(np.unique(found[found >= 0]).size)


def _images(study: Study, names: set[str]) -> dict[str, int]:
    wanted = sorted(names)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), KEYS_PER_FETCH):
        part = Image.objects.filter(
            image_set=study.image_set_id, image_id__in=wanted[start : start + KEYS_PER_FETCH]
        )
        found.update(part.values_list("image_id", "pk"))
    return found


def _key(
    row: ExpertRow, *, images: dict[str, int], classes: dict[int, int], study: Study
) -> tuple[int, int]:
    if row.image_id not in images:
        raise InputError(
            f"there is no image {row.image_id} in {study.image_set.name}",
            item=row.item,
            remedy="Name images as the image set does",
        )
    if row.class_index not in classes:
        raise InputError(
            f"there is no class {row.class_index}",
            item=row.item,
            remedy=f"The class list has 0 to {max(classes, default=0)}",
        )
    return images[row.image_id], classes[row.class_index]
