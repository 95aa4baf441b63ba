"""Votes as a table states them, staged and checked before any is stored."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from studyapp.errors import InputError
from studyapp.ingest.image_keys import LeftOut, left_out_of
from studyapp.ingest.tables import Row, Table
from studyapp.vocabulary import ANSWER_SPELLINGS, Answer

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
CREATE VIEW numbered AS
    SELECT line, pair, ROW_NUMBER() OVER
        (PARTITION BY COALESCE(question, -pair), rater ORDER BY line) - 1 AS repetition
    FROM ledger JOIN vote USING (line) JOIN pair USING (pair);
"""
#: A day: no single answer takes longer, so the column must mean something else.
MOST_SECONDS = 86_400.0
_MAX_WORKER = 200
_MAX_SOURCE = 100


@dataclass(frozen=True)
class StagedVote:
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


def stage_votes(db: sqlite3.Connection, *, table: Table, n_classes: int) -> int:
    """Read the table once and count its rows. Raises InputError at the first bad one."""
    count = 0
    db.execute("BEGIN")
    for row in table.rows(required=("image_id", "class_index", "rater_id", "answer")):
        index = row.whole("class_index")
        if index >= n_classes:
            raise row.error(
                f"class_index is {index}, but the class list ends at {n_classes - 1}",
                remedy="Check --set: the votes must be about its classes",
            )
        source = row.get("question_id")
        if len(source) > _MAX_SOURCE:
            raise row.error(
                f"question_id has more than {_MAX_SOURCE} characters", remedy="Shorten it"
            )
        db.execute(
            "INSERT INTO vote VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.line,
                row.identifier("image_id"),
                index,
                _rater(row),
                _answer(row),
                row["answer"],
                _seconds(row),
                source,
            ),
        )
        count += 1
    db.execute("COMMIT")
    if not count:
        raise InputError("no votes", item=table.name, remedy="Nothing was imported")
    return count


def _rater(row: Row) -> str:
    rater = row["rater_id"]
    if not rater or len(rater) > _MAX_WORKER or not rater.isprintable():
        # Without its text: a rater's id stays out of terminals and logs.
        raise row.error(
            "rater_id cannot be used", remedy=f"Give 1 to {_MAX_WORKER} printable characters"
        )
    return rater


def _answer(row: Row) -> Answer:
    answer = ANSWER_SPELLINGS.get(row["answer"].lower())
    if answer is None:
        raise row.error(
            f"answer is {row['answer'][:60]!r}",
            remedy=f"Use one of: {', '.join(sorted(ANSWER_SPELLINGS))}",
        )
    return answer


def _seconds(row: Row) -> float | None:
    text = row.get("seconds")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= MOST_SECONDS:
        raise row.error(
            f"seconds is {text[:60]!r}",
            remedy=f"Give the time of one answer, 0 to {MOST_SECONDS:.0f} seconds, or nothing",
        )
    return value


def join_images(db: sqlite3.Connection, *, table: Table) -> LeftOut | None:
    """Number the (image, class) pairs, once the images are staged.

    Returns what was left out since the set has no such images.
    """
    left_out = left_out_of(db, staged="vote", table=table)
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
    for row in db.execute(
        "SELECT line, COALESCE(question, 0), trial, COALESCE(rater.pk, 0), answer, raw, seconds, "
        "source_question, repetition FROM vote JOIN numbered USING (line) JOIN pair USING (pair) "
        "JOIN rater ON worker = vote.rater ORDER BY line"
    ):
        yield StagedVote(*row)
