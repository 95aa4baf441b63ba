"""Real votes: the reassessed-ImageNet release in both its forms, and a batch of MTurk's."""

from __future__ import annotations

import csv
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from studyapp.ingest.vote_files import VoteLayout
from studyapp.models import Exclusion, ImageSet, Question, Vote
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.pipeline.import_images import import_images
from studyapp.pipeline.import_votes import import_votes
from studyapp.reports.build import build_report
from studyapp.vocabulary import Answer
from tests.factories.dataset import ImageFactory
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db


def _reassessed(shared_data: Path) -> ImageSet:
    import_images(
        "re",
        path=None,
        labels=shared_data / "reassessed_imagenet" / "labels.csv.gz",
        classes=shared_data / "imagenet_classes" / "classes.csv",
    )
    return ImageSet.objects.get()


@pytest.mark.slow
@pytest.mark.one_database
def test_real_votes_with_bounded_memory(shared_data: Path) -> None:
    image_set = _reassessed(shared_data)
    file = shared_data / "reassessed_imagenet" / "votes.csv.gz"
    summary = import_votes(image_set, study="crowd", file=file)
    assert (summary.added, summary.questions, summary.raters) == (91_855, 18_371, 83)
    assert Counter(Vote.objects.values_list("answer", flat=True)) == {
        "no": 72_234,
        "unsure": 8_095,
        "yes": 11_526,
    }
    assert Question.objects.values("stimulus").distinct().count() == 2_490
    tracemalloc.start()
    again = import_votes(image_set, study="crowd", file=file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (again.added, again.known) == (0, 91_855)
    # The rows themselves would take some 60 MB.
    assert peak < 15_000_000, f"{peak / 1e6:.0f} MB"


Ledger = Counter[tuple[str, int, str | None, str, str]]


def _ledger(name: str) -> Ledger:
    rows = Vote.objects.filter(study__name=name).values_list(
        "question__stimulus__image__image_id",
        "question__label_class__index",
        "rater__identity__worker_id",
        "answer",
        "answer_raw",
    )
    return Counter(rows)


@pytest.mark.slow
@pytest.mark.one_database
def test_the_release_and_its_table_give_equal_ledgers(shared_data: Path) -> None:
    image_set = _reassessed(shared_data)
    folder = shared_data / "reassessed_imagenet"
    import_votes(image_set, study="table", file=folder / "votes.csv.gz")
    summary = import_votes(image_set, study="release", file=folder / "raters_release_format.npz")
    assert (summary.added, summary.questions, summary.raters) == (91_855, 18_371, 83)
    table = _ledger("table")
    assert table.total() == len(table) == 91_855
    assert _ledger("release") == table
    into = import_votes(image_set, study="table", file=folder / "raters_release_format.npz")
    assert (into.added, into.known) == (0, 91_855), "the same votes, whatever file they come in"


BATCH = VoteLayout(
    columns={"image_id": "Input.UNITID", "answer": "Answer.field_03_feedback_01"},
    constants={"class_index": "0"},
    answers={"{}": Answer.YES},
)


def test_real_batch_results_under_the_study_s_own_window(shared_data: Path) -> None:
    file = shared_data / "mturk_batch_format" / "batch_results_a.csv"
    study = StudyFactory.create(name="batch", seconds_min=20, seconds_max=180)
    with file.open() as rows:
        for number in {row["Input.UNITID"] for row in csv.DictReader(rows)}:
            ImageFactory.create(image_set=study.image_set, image_id=number)
    summary = import_votes(study.image_set, study="batch", file=file, layout=BATCH)
    assert (summary.added, summary.questions, summary.raters, summary.rejected) == (55, 55, 4, 0)
    filter_votes(study)
    reasons = Counter(Exclusion.objects.values_list("reason", flat=True))
    assert reasons == {"too_fast": 1, "too_slow": 1}
    assert build_report(study).votes.n_valid == 53


@pytest.mark.slow
def test_real_golden_votes(shared_data: Path) -> None:
    image_set = _reassessed(shared_data)
    file = shared_data / "reassessed_imagenet" / "golden_answers.csv.gz"
    summary = import_votes(image_set, study="golden", file=file)
    assert (summary.added, summary.questions, summary.raters) == (10_296, 132, 78)
    assert summary.raters_per_trial == 78
