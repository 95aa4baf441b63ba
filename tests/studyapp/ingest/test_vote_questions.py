from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from django.core.files.storage import default_storage

from studyapp.errors import InputError
from studyapp.identity import center_crop_rendering
from studyapp.ingest import vote_rows
from studyapp.ingest.staging import staging
from studyapp.ingest.vote_questions import find_questions, find_raters
from studyapp.models import Question, Rater, RaterIdentity, Stimulus, Study, Wording
from tests.factories.dataset import ImageFactory, ImageSetFactory, ShownImageFactory
from tests.factories.study import StudyFactory, TrialFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with staging(vote_rows.SCHEMA) as connection:
        yield connection


@pytest.fixture
def study() -> Study:
    return StudyFactory.create(image_set=ImageSetFactory.create(), render_resize=32, render_crop=24)


def _pairs(db: sqlite3.Connection, *pairs: tuple[int, int]) -> None:
    db.executemany("INSERT INTO pair (image, class) VALUES (?, ?)", pairs)


def _found(db: sqlite3.Connection) -> list[tuple[int | None, int | None]]:
    return db.execute("SELECT question, trial FROM pair ORDER BY pair").fetchall()


def test_looking_makes_nothing(db: sqlite3.Connection, study: Study) -> None:
    _pairs(db, (ImageFactory.create(image_set=study.image_set).pk, 1))
    find_questions(db, study=study, make=False)
    assert _found(db) == [(None, None)]
    assert Question.objects.count() == Stimulus.objects.count() == Wording.objects.count() == 0


def test_trials_of_the_study_are_found_and_only_its_own(
    db: sqlite3.Connection, study: Study
) -> None:
    image = ShownImageFactory.create(image_set=study.image_set, number=41)
    rendering = center_crop_rendering(resize=32, crop=24)
    trial = TrialFactory.create(
        condition=study.conditions.get(),
        question__stimulus__image=image,
        question__stimulus__rendering=rendering,
        question__class_index=2,
    )
    other = StudyFactory.create(image_set=study.image_set, render_resize=32, render_crop=24)
    _pairs(db, (image.pk, 2), (image.pk, 3))
    find_questions(db, study=study, make=False)
    assert _found(db) == [(trial.question_id, trial.pk), (None, None)]
    find_questions(db, study=other, make=True)
    assert _found(db)[0] == (trial.question_id, None)
    assert Question.objects.count() == 2
    find_questions(db, study=other, make=True)
    assert Question.objects.count() == 2


def test_a_lost_file_is_named(db: sqlite3.Connection, study: Study) -> None:
    image = ShownImageFactory.create(image_set=study.image_set, image_id="lost", number=42)
    default_storage.delete(image.file or "")
    _pairs(db, (image.pk, 1))
    with pytest.raises(InputError, match=r"image lost: its file .* is not in the storage"):
        find_questions(db, study=study, make=True)


def test_raters_are_made_once_per_provider(db: sqlite3.Connection) -> None:
    db.executemany("INSERT INTO rater (worker) VALUES (?)", [("R1",), ("R2",)])
    find_raters(db, provider="import:a", make=False)
    assert Rater.objects.count() == 0
    for _ in range(2):
        find_raters(db, provider="import:a", make=True)
    assert Rater.objects.count() == 2
    keys = dict(RaterIdentity.objects.values_list("worker_id", "rater_id"))
    assert dict(db.execute("SELECT worker, pk FROM rater")) == keys
    find_raters(db, provider="import:b", make=True)
    assert Rater.objects.count() == 4
