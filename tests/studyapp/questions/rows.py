"""Rows by the thousand for the papers' tables: images, stimuli, questions and votes in bulk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice

from studyapp.identity import elsewhere_stimulus_hash, subject_hash, wording_version
from studyapp.models import (
    ClassList,
    Image,
    ImageSet,
    LabelClass,
    Question,
    Rater,
    Stimulus,
    Study,
    Trial,
    Vote,
    Wording,
)
from studyapp.vocabulary import StimulusKind

BATCH = 5_000
#: As few votes as decide under four of five.
ACCEPTED, REJECTED = ("yes",) * 4, ("no",) * 2


def paper_classes(n: int) -> list[LabelClass]:
    class_list = ClassList.objects.create(name="paper", content_hash="c" * 64, n_classes=n)
    return LabelClass.objects.bulk_create(
        LabelClass(class_list=class_list, index=i, wnid=f"n{i}", name=f"c{i}", prompt_name=f"c{i}")
        for i in range(n)
    )


def paper_images(
    n: int, *, label: LabelClass, with_files: bool = False
) -> tuple[ImageSet, list[Image]]:
    """A set of images, all of one class, known by their ids, or with files that are nowhere."""
    image_set = ImageSet.objects.create(name="paper", class_list=label.class_list)
    rows = (
        Image(
            image_set=image_set,
            image_id=f"v{i:06d}",
            label=label,
            content_hash=f"{i:064d}" if with_files else None,
            file=f"images/{i}.png" if with_files else None,
        )
        for i in range(n)
    )
    return image_set, Image.objects.bulk_create(rows, batch_size=BATCH)


def wording_of(study: Study) -> Wording:
    version = wording_version(study.question_kind, text=study.question)
    found, _ = Wording.objects.get_or_create(
        version=version, defaults={"kind": study.question_kind, "text": study.question}
    )
    return found


def elsewhere(images: Iterable[Image], *, image_set: str) -> list[Stimulus]:
    return Stimulus.objects.bulk_create(
        (
            Stimulus(
                stimulus_hash=elsewhere_stimulus_hash(image_set, image_id=image.image_id),
                kind=StimulusKind.ELSEWHERE,
                image=image,
            )
            for image in images
        ),
        batch_size=BATCH,
    )


def about_subjects(
    study: Study, stimuli: Sequence[Stimulus], subjects: Sequence[dict[str, object]]
) -> list[Question]:
    wording = wording_of(study)
    return Question.objects.bulk_create(
        (
            Question(
                stimulus=stimulus,
                wording=wording,
                subject=subject,
                subject_hash=subject_hash(study.question_kind, subject=subject),
            )
            for stimulus, subject in zip(stimuli, subjects, strict=True)
        ),
        batch_size=BATCH,
    )


def cast(
    study: Study,
    questions: Sequence[Question],
    answers: Sequence[Sequence[str]],
    *,
    trials: Sequence[Trial | None] | None = None,
    raws: Sequence[Sequence[str]] | None = None,
    seconds: float | None = None,
) -> None:
    """The answers to each question, one by each of a few raters, as imported votes."""
    raters = Rater.objects.bulk_create(Rater() for _ in range(max(map(len, answers))))
    given = raws or answers
    votes = (
        Vote(
            study=study,
            question=question,
            trial=trials[at] if trials else None,
            rater=rater,
            answer=answer,
            answer_raw=raw,
            seconds=seconds,
            import_key=hashlib.sha256(f"{study.pk} {question.pk} {rater.pk}".encode()).hexdigest(),
        )
        for at, question in enumerate(questions)
        for rater, answer, raw in zip(raters, answers[at], given[at], strict=False)
    )
    while part := list(islice(votes, BATCH)):
        Vote.objects.bulk_create(part)


def printed(share: float | None) -> float:
    """A share as a paper prints it."""
    return round(100 * (share or 0), 2)
