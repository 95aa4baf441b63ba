from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from studyapp.ingest import image_keys, vote_rows
from studyapp.ingest.staging import staging
from studyapp.ingest.vote_files import open_votes
from studyapp.ingest.vote_rows import join_images, stage_votes, staged_votes, usual_raters
from studyapp.vocabulary import ANSWER_SPELLINGS
from tests.factories.dataset import ImageFactory, ImageSetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    image_set = ImageSetFactory.create()
    for name in ("x/a", "b"):
        ImageFactory.create(image_set=image_set, image_id=name)
    with staging(vote_rows.SCHEMA + image_keys.SCHEMA) as connection:
        image_keys.stage_images(connection, image_set=image_set)
        yield connection


def _stage(db: sqlite3.Connection, folder: Path, rows: str) -> int:
    path = folder / "v.csv"
    path.write_text("image_id,class_index,rater_id,answer\n" + rows)
    count = stage_votes(db, file=open_votes(path), n_classes=6)
    join_images(db, file=open_votes(path))
    return count


def test_repetitions_are_counted_per_rater_and_pair(db: sqlite3.Connection, tmp_path: Path) -> None:
    rows = "a,1,R,yes\nb,1,R,yes\nx/a,1,R,no\na,2,R,yes\na,1,S,yes\n"
    assert _stage(db, tmp_path, rows) == 5
    staged = list(staged_votes(db))
    assert [vote.repetition for vote in staged] == [0, 0, 1, 0, 0]
    assert [vote.line for vote in staged] == [2, 3, 4, 5, 6]
    assert {(vote.question, vote.rater, vote.trial) for vote in staged} == {(0, 0, None)}
    assert len({vote.key(7) for vote in staged}) == 2, "keys tell apart only what has rows"


def test_every_spelling_of_an_answer(db: sqlite3.Connection, tmp_path: Path) -> None:
    rows = "".join(f"a,1,R{n},{text.upper()}\n" for n, text in enumerate(ANSWER_SPELLINGS))
    _stage(db, tmp_path, rows)
    assert [vote.answer for vote in staged_votes(db)] == list(ANSWER_SPELLINGS.values())


def test_usual_number_of_raters(db: sqlite3.Connection, tmp_path: Path) -> None:
    rows = "a,1,R,yes\na,1,R,yes\na,1,S,no\nb,1,R,yes\nb,1,S,yes\nb,2,R,no\n"
    _stage(db, tmp_path, rows)
    assert usual_raters(db) == 2
