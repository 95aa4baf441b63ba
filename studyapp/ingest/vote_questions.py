"""The ledger's questions and raters that imported votes belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from studyapp.identity import (
    center_crop_rendering,
    elsewhere_stimulus_hash,
    rendered_stimulus_hash,
    wording_version,
)
from studyapp.ingest.bulk_rows import insert_new
from studyapp.ingest.staging import batches, update_rows
from studyapp.models import (
    Image,
    LabelClass,
    Question,
    Rater,
    RaterIdentity,
    Stimulus,
    Study,
    Trial,
    Wording,
)
from studyapp.rendering import rendered_stimulus
from studyapp.vocabulary import StimulusKind


@dataclass(frozen=True)
class _Pair:
    number: int
    image: int
    class_index: int


def find_questions(db: sqlite3.Connection, *, study: Study, make: bool) -> None:
    """Note each pair's question and trial, as far as they exist; with `make`, make questions."""
    version = wording_version(study.question_kind, text=study.question)
    if make:
        Wording.objects.get_or_create(
            version=version, defaults={"kind": study.question_kind, "text": study.question}
        )
    wording = Wording.objects.filter(version=version).first()
    if wording is None:
        return
    keys = dict(
        LabelClass.objects.filter(class_list=study.image_set.class_list_id).values_list(
            "index", "pk"
        )
    )
    has_trials = Trial.objects.filter(condition__study=study).exists()
    for pairs in batches(_pairs(db)):
        stimuli = _stimuli(study, images=sorted({pair.image for pair in pairs}), make=make)
        # Images of equal content share the stimulus, and with it the question.
        wanted: dict[tuple[int, int], list[int]] = {}
        for pair in pairs:
            if pair.image in stimuli:
                asked = stimuli[pair.image], keys[pair.class_index]
                wanted.setdefault(asked, []).append(pair.number)
        questions = _questions(wanted, wording=wording, make=make)
        trials = _trials(study, questions=questions.values()) if has_trials else {}
        update_rows(
            db,
            "UPDATE pair SET question = ?, trial = ? WHERE pair = ?",
            [
                (question, trials.get(question), number)
                for stimulus_and_class, question in questions.items()
                for number in wanted[stimulus_and_class]
            ],
        )


def _trials(study: Study, *, questions: Iterable[int]) -> dict[int, int]:
    """The study's trial of each question; of several conditions the first."""
    return dict(
        Trial.objects.filter(condition__study=study, question__in=list(questions))
        .order_by("-condition__position", "-pk")
        .values_list("question", "pk")
    )


def _pairs(db: sqlite3.Connection) -> Iterator[_Pair]:
    last = 0
    # Page by page: the caller writes to the table between the pages.
    while rows := db.execute(
        "SELECT pair, image, class FROM pair WHERE pair > ? ORDER BY pair LIMIT 1000", (last,)
    ).fetchall():
        yield from (_Pair(*row) for row in rows)
        last = rows[-1][0]


def _stimuli(study: Study, *, images: Sequence[int], make: bool) -> dict[int, int]:
    """The stimulus of each image as this study shows it.

    Votes gathered elsewhere, and images without a file, belong to a showing without pixels.
    """
    rendering = center_crop_rendering(resize=study.render_resize, crop=study.render_crop)
    rows = Image.objects.in_bulk(images)
    hashes: dict[int, str] = {}
    for pk, image in rows.items():
        if study.imported or image.content_hash is None:
            hashes[pk] = elsewhere_stimulus_hash(study.image_set.name, image_id=image.image_id)
        else:
            hashes[pk] = rendered_stimulus_hash(image.content_hash, rendering=rendering)
    known = _by_hash(hashes.values())
    if make:
        missing = {text: rows[pk] for pk, text in hashes.items() if text not in known}
        Stimulus.objects.bulk_create(
            [_stimulus(study, image=image, stimulus_hash=text) for text, image in missing.items()],
            ignore_conflicts=True,
        )
        known = _by_hash(hashes.values())
    return {pk: known[text] for pk, text in hashes.items() if text in known}


def _by_hash(hashes: Iterable[str]) -> dict[str, int]:
    rows = Stimulus.objects.filter(stimulus_hash__in=list(hashes))
    return dict(rows.values_list("stimulus_hash", "pk"))


def _stimulus(study: Study, *, image: Image, stimulus_hash: str) -> Stimulus:
    if study.imported or not image.file:
        return Stimulus(stimulus_hash=stimulus_hash, kind=StimulusKind.ELSEWHERE, image=image)
    return rendered_stimulus(image, resize=study.render_resize, crop=study.render_crop)


def _questions(
    wanted: Collection[tuple[int, int]], *, wording: Wording, make: bool
) -> dict[tuple[int, int], int]:
    """Question keys by (stimulus, class)."""
    if make:
        insert_new(
            Question,
            fields=("stimulus_id", "label_class_id", "wording_id"),
            rows=[(stimulus, label_class, wording.pk) for stimulus, label_class in wanted],
        )
    # By stimulus alone: given the wording too, a database reads all questions of that wording.
    rows = Question.objects.filter(stimulus__in={stimulus for stimulus, _ in wanted}).values_list(
        "stimulus_id", "label_class_id", "wording_id", "pk"
    )
    return {
        (stimulus, label_class): pk
        for stimulus, label_class, version, pk in rows
        if version == wording.pk and (stimulus, label_class) in wanted
    }


def find_raters(db: sqlite3.Connection, *, provider: str, make: bool) -> None:
    """Note each rater's row, as far as it exists; with `make`, make those that are missing."""
    workers = [worker for (worker,) in db.execute("SELECT worker FROM rater ORDER BY worker")]
    for batch in batches(iter(workers)):
        known = _raters(provider, workers=batch)
        if make and len(known) < len(batch):
            try:
                _make_raters(provider, workers=[name for name in batch if name not in known])
            except IntegrityError:
                # Another import of the same study was first with some of them.
                known = _raters(provider, workers=batch)
                _make_raters(provider, workers=[name for name in batch if name not in known])
            known = _raters(provider, workers=batch)
        update_rows(
            db,
            "UPDATE rater SET pk = ? WHERE worker = ?",
            [(pk, worker) for worker, pk in known.items()],
        )


def _raters(provider: str, *, workers: Sequence[str]) -> dict[str, int]:
    rows = RaterIdentity.objects.filter(provider=provider, worker_id__in=workers)
    return dict(rows.values_list("worker_id", "rater_id"))


def _make_raters(provider: str, *, workers: Sequence[str]) -> None:
    with transaction.atomic():
        raters = Rater.objects.bulk_create([Rater() for _ in workers])
        RaterIdentity.objects.bulk_create(
            RaterIdentity(rater=rater, provider=provider, worker_id=worker)
            for rater, worker in zip(raters, workers, strict=True)
        )
