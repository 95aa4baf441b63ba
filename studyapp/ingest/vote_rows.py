"""Votes as a file states them, staged and checked before any is stored."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from studyapp.errors import InputError
from studyapp.ingest.image_keys import LeftOut, left_out_of
from studyapp.ingest.staging import update_rows
from studyapp.ingest.tables import MAX_ID
from studyapp.ingest.vote_files import VoteFile
from studyapp.vocabulary import Answer

SCHEMA = """
CREATE TABLE vote (
    line INTEGER PRIMARY KEY, image_id TEXT NOT NULL, class INTEGER NOT NULL,
    rater TEXT NOT NULL, answer TEXT NOT NULL, raw TEXT NOT NULL, seconds REAL,
    source_question TEXT NOT NULL
);
CREATE TABLE pair (
    pair INTEGER PRIMARY KEY, image INTEGER NOT NULL, class INTEGER NOT NULL,
    question INTEGER, trial INTEGER, UNIQUE (image, class)
);
CREATE TABLE rater (worker TEXT PRIMARY KEY, pk INTEGER) WITHOUT ROWID;
CREATE TABLE ledger (line INTEGER PRIMARY KEY, pair INTEGER NOT NULL);
CREATE TABLE known_vote (line INTEGER PRIMARY KEY);
CREATE VIEW numbered AS
    SELECT line, pair, ROW_NUMBER() OVER
        (PARTITION BY COALESCE(question, -pair), rater ORDER BY line) - 1 AS repetition
    FROM ledger JOIN vote USING (line) JOIN pair USING (pair);
"""
_STAGED = (
    "SELECT line, COALESCE(question, 0), trial, COALESCE(rater.pk, 0), answer, raw, seconds, "
    "source_question, repetition FROM vote JOIN numbered USING (line) JOIN pair USING (pair) "
    "JOIN rater ON worker = vote.rater"
)
#: A day: no single answer takes longer, so the column must mean something else.
MOST_SECONDS = 86_400.0
_MAX_WORKER = 200
_MAX_SOURCE = 100
_CELLS_KEPT = 1 << 16

#: Line, image id, class, rater, answer, answer as written, seconds, question of the source.
CheckedVote = tuple[int, str, int, str, str, str, float | None, str]


class StagedVote(NamedTuple):
    """A vote with the keys of its question and rater; 0 where these have no row yet."""

    line: int
    question: int
    trial: int | None
    rater: int
    answer: str
    raw: str
    seconds: float | None
    source_question: str
    #: 0 for the rater's first row about this question, 1 for a second one in the same file, ...
    repetition: int

    def key(self, study: int) -> str:
        """The same row of the same file gives the same key, which the ledger holds once."""
        return f"{study}/{self.question}/{self.rater}/{self.repetition}"


def stage_votes(db: sqlite3.Connection, *, file: VoteFile, n_classes: int) -> int:
    """Read the file once and count its votes. Raises InputError at the first bad one."""
    db.execute("BEGIN")
    count = db.executemany(
        "INSERT INTO vote VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        checked_votes(file, n_classes=n_classes),
    ).rowcount
    db.execute("COMMIT")
    if count < 1:
        raise InputError("no votes", item=file.name, remedy="Nothing was imported")
    return count


def checked_votes(file: VoteFile, *, n_classes: int) -> Iterator[CheckedVote]:
    """Every vote of the file, found usable. Raises InputError at the first that is not."""
    # Few different cells make up millions of rows, so each is looked at once.
    kept = lru_cache(_CELLS_KEPT)
    image_of, rater_of, seconds_of, source_of = (
        kept(_image),
        kept(_rater),
        kept(_seconds),
        kept(_source),
    )
    class_of = kept(partial(_class, n_classes=n_classes))
    answer_of = kept(partial(_answer, spellings=file.answers))
    for line, image, label, rater, answer, seconds, source in file.raw_votes():
        try:
            vote = (
                line,
                image_of(image),
                class_of(label),
                rater_of(rater),
                answer_of(answer),
                answer,
                seconds_of(seconds),
                source_of(source),
            )
        except _CellError as error:
            happened, remedy = error.args
            raise InputError(
                happened, item=f"{file.name}, {file.place} {line}", remedy=remedy
            ) from error
        yield vote


class _CellError(ValueError):
    """A cell cannot be used: what happened, and the remedy."""


def _image(text: str) -> str:
    if not text or len(text) > MAX_ID or not text.isprintable():
        raise _CellError(
            f"image_id is {text[:60]!r}", f"Give it 1 to {MAX_ID} printable characters"
        )
    return text


def _class(text: str, *, n_classes: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _CellError(f"class_index is {text[:60]!r}", "Give a whole number from 0")
    if int(text) >= n_classes:
        raise _CellError(
            f"class_index is {int(text)}, but the class list ends at {n_classes - 1}",
            "Check that the votes are about the classes of this list",
        )
    return int(text)


def _rater(text: str) -> str:
    if not text or len(text) > _MAX_WORKER or not text.isprintable():
        # Without its text: a rater's id stays out of terminals and logs.
        raise _CellError("rater_id cannot be used", f"Give 1 to {_MAX_WORKER} printable characters")
    return text


def _answer(text: str, *, spellings: Mapping[str, Answer]) -> str:
    answer = spellings.get(text.lower())
    if answer is None:
        raise _CellError(
            f"answer is {text[:60]!r}",
            f"Use one of: {', '.join(sorted(spellings))}; or say what it means, as in "
            "--answer yes=Relevant",
        )
    # The plain text, which a database driver takes as it is.
    return answer.value


def _seconds(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= MOST_SECONDS:
        raise _CellError(
            f"seconds is {text[:60]!r}",
            f"Give the time of one answer, 0 to {MOST_SECONDS:.0f} seconds, or nothing",
        )
    return value


def _source(text: str) -> str:
    if len(text) > _MAX_SOURCE:
        raise _CellError(f"question_id has more than {_MAX_SOURCE} characters", "Shorten it")
    return text


def join_images(db: sqlite3.Connection, *, file: VoteFile) -> LeftOut | None:
    """Number the (image, class) pairs, once the images are staged.

    Returns what was left out since the set has no such images.
    """
    left_out = left_out_of(db, staged="vote", table=file)
    db.execute(
        "INSERT INTO pair (image, class) SELECT DISTINCT pk, class FROM vote "
        "JOIN known_image ON name = image_id ORDER BY line"
    )
    db.execute(
        "INSERT INTO ledger SELECT line, pair FROM vote "
        "JOIN known_image ON name = image_id JOIN pair ON image = pk AND pair.class = vote.class"
    )
    db.execute(
        "INSERT INTO rater (worker) SELECT DISTINCT rater FROM vote JOIN ledger USING (line)"
    )
    return left_out


def usual_raters(db: sqlite3.Connection) -> int:
    """How many raters a question has most often in the file."""
    (count,) = db.execute(
        "SELECT n FROM (SELECT count(DISTINCT rater) AS n FROM ledger JOIN vote USING (line) "
        "GROUP BY pair) GROUP BY n ORDER BY count(*) DESC, n DESC LIMIT 1"
    ).fetchone()
    return int(count)


def staged_votes(db: sqlite3.Connection) -> Iterator[StagedVote]:
    """The votes in the order of the file."""
    return map(StagedVote._make, db.execute(f"{_STAGED} ORDER BY line"))


def note_known(db: sqlite3.Connection, *, lines: Sequence[int]) -> None:
    """Keep in mind that the votes of these lines are stored already."""
    update_rows(db, "INSERT INTO known_vote VALUES (?)", [(line,) for line in lines])


def new_votes(db: sqlite3.Connection) -> Iterator[StagedVote]:
    """The votes that are not known to be stored, in the order of the file."""
    unknown = "line NOT IN (SELECT line FROM known_vote)"
    return map(StagedVote._make, db.execute(f"{_STAGED} WHERE {unknown} ORDER BY line"))
