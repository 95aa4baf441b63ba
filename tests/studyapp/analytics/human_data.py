"""What people answered, read from the shared tables: gold questions, trials, label choices."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studyapp.analytics import Votes
from studyapp.analytics.columns import Bool, Float64, Int64
from tests.conftest import skip_or_fail

ANSWERS = {"yes": 1, "no": 0, "maybe": -1}


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, packed or not."""
    if not path.is_file():
        skip_or_fail(f"no {path}: set QUORUM_SHARED to the folder above data")
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def numbered(values: list[str]) -> Int64:
    """int64[N]: each value's number in the order of first appearance."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values])


@dataclass(frozen=True)
class Gold:
    """The gold questions: what five experts and every rater said of each."""

    experts: Votes
    raters: Votes
    images: set[str]


def read_gold(shared_data: Path) -> Gold:
    folder = shared_data / "reassessed_imagenet"
    asked = table(folder / "golden_questions.csv")
    answers = table(folder / "golden_answers.csv.gz")
    number = {row["question_id"]: place for place, row in enumerate(asked)}
    five = range(1, 6)
    return Gold(
        experts=Votes.from_columns(
            [number[row["question_id"]] for row in asked for _ in five],
            rater=[expert - 1 for _ in asked for expert in five],
            answer=[ANSWERS[row[f"expert{expert}"]] for row in asked for expert in five],
        ),
        raters=Votes.from_columns(
            [number[row["question_id"]] for row in answers],
            rater=numbered([row["rater_id"] for row in answers]),
            answer=[ANSWERS[row["answer"]] for row in answers],
        ),
        images={row["image_id"] for row in asked},
    )


@dataclass(frozen=True)
class Trials:
    """Object recognition trials of one experiment."""

    rater: Int64
    item: Int64
    correct: Bool
    answered: Bool
    seconds: Float64


def read_trials(shared_data: Path, *, experiment: str) -> Trials:
    rows = table(shared_data / "reaction_times" / f"{experiment}.csv.gz")
    shown = [re.sub(r"^\d{4}_[a-z]{3}_s\d{2}_", "", row["imagename"]) for row in rows]
    return Trials(
        rater=numbered([row["subj"] for row in rows]),
        item=numbered(
            [f"{row['condition']}/{name}" for row, name in zip(rows, shown, strict=True)]
        ),
        correct=np.array([row["object_response"] == row["category"] for row in rows]),
        answered=np.array([row["object_response"] != "na" for row in rows]),
        seconds=np.array([float(row["rt"]) for row in rows]),
    )


#: What a choice says of (the given label, the guessed label).
CHOICES = {
    "votes_given": (True, False),
    "votes_guessed": (False, True),
    "votes_both": (True, True),
    "votes_neither": (False, False),
}


def read_label_choices(shared_data: Path) -> Bool:
    """bool[images, 5 raters, 2]: whether the given and the guessed label are right.

    The table has counts, so the places of the five raters mean nothing.
    """
    rows = table(shared_data / "label_error_votes" / "votes.csv")
    return np.array(
        [
            [said for choice, said in CHOICES.items() for _ in range(int(row[choice]))]
            for row in rows
        ]
    )
