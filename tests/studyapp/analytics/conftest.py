from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from studyapp.analytics import Rectified, Rule, Votes, rectified_top1, verdicts
from studyapp.analytics.columns import Bool, Int64
from tests.conftest import skip_or_fail

CODES = {"yes": 1, "no": 0, "maybe": -1}


@dataclass(frozen=True)
class RealModel:
    """Columns over the images, in the order of the labels file."""

    correct: Bool
    prediction: Int64
    question: Int64


@dataclass(frozen=True)
class RealRelease:
    """The real votes, labels and predictions as columns."""

    votes: Votes
    models: dict[str, RealModel]
    indptr: Int64
    indices: Int64

    def rectified(self, model: str, *, rule: Rule) -> Rectified:
        columns = self.models[model]
        return rectified_top1(
            columns.correct, question=columns.question, verdicts=verdicts(self.votes, rule=rule)
        )


def read_rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="session")
def real_release(shared_data: Path) -> RealRelease:
    folder = shared_data / "reassessed_imagenet"
    if not folder.is_dir():
        skip_or_fail(f"the real votes are not in {folder}: set QUORUM_SHARED to the folder above")
    vote_rows = read_rows(folder / "votes.csv.gz")
    questions: dict[tuple[str, int], int] = {}
    raters: dict[str, int] = {}
    votes = Votes.from_columns(
        [
            questions.setdefault((row["image_id"], int(row["class_index"])), len(questions))
            for row in vote_rows
        ],
        rater=[raters.setdefault(row["rater_id"], len(raters)) for row in vote_rows],
        answer=[CODES[row["answer"]] for row in vote_rows],
    )
    label_rows = read_rows(folder / "labels.csv.gz")
    truth = np.array([int(row["ground_truth"]) for row in label_rows])
    real = [[int(label) for label in row["real_labels"].split()] for row in label_rows]
    by_image = {row["image_id"]: row for row in read_rows(folder / "predictions.csv.gz")}
    models = {}
    for name in [name for name in next(iter(by_image.values())) if name != "image_id"]:
        classes = [int(by_image[row["image_id"]][name]) for row in label_rows]
        pairs = zip((row["image_id"] for row in label_rows), classes, strict=True)
        models[name] = RealModel(
            correct=np.array(classes) == truth,
            prediction=np.array(classes),
            question=np.array([questions.get(pair, -1) for pair in pairs]),
        )
    return RealRelease(
        votes=votes,
        models=models,
        indptr=np.cumsum([0, *map(len, real)]),
        indices=np.array([label for labels in real for label in labels]),
    )
