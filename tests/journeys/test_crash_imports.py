"""kill -9 of the steps that take over tables: the same command again ends in the same database."""

from __future__ import annotations

import csv
import gzip
import random
import time
from pathlib import Path

import pytest
from django.core.management import call_command

from studyapp.models import Exclusion, Prediction, Question, Rater, Stimulus, Vote
from tests.factories.dataset import ImageFactory, ImageSetFactory
from tests.processes import finish, started

N_IMAGES, RATERS = 1500, 5
#: From before the first row is written until shortly before the end.
MOMENTS = (0.1, 1.5)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    """Predictions and votes about 1,500 images; every third vote is too slow to count."""
    image_set = ImageSetFactory.create(name="i")
    ImageFactory.create_batch(N_IMAGES, image_set=image_set)
    ids = list(image_set.images.order_by("pk").values_list("image_id", flat=True))
    predictions, votes = tmp_path / "predictions.csv", tmp_path / "votes.csv.gz"
    with predictions.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["image_id", "net"])
        out.writerows([name, 1] for name in ids)
    with gzip.open(votes, "wt", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["image_id", "class_index", "rater_id", "answer", "seconds"])
        for number, name in enumerate(ids):
            for rater in range(RATERS):
                seconds = 500 if (number + rater) % 3 == 0 else 5
                out.writerow([name, 1, f"R{(number + rater) % 40}", "yes", seconds])
    return predictions, votes


def killed_now_and_then(*command: str) -> None:
    """Kill the command twice on its way, then let it finish, then once more for nothing."""
    draw = random.Random("/".join(command[:1]))
    for _ in range(2):
        with started(*command):
            time.sleep(draw.uniform(*MOMENTS))
    finish(*command)
    finish(*command)


def test_every_row_is_there_once(tables: tuple[Path, Path], tmp_path: Path) -> None:
    predictions, votes = tables
    killed_now_and_then("import_predictions", "--set", "i", str(predictions))
    assert Prediction.objects.count() == N_IMAGES

    killed_now_and_then("import_votes", "--set", "i", "--study", "s", str(votes))
    assert Vote.objects.count() == N_IMAGES * RATERS
    assert Question.objects.count() == Stimulus.objects.count() == N_IMAGES
    assert Rater.objects.count() == 40

    study = Vote.objects.select_related("study")[0].study
    study.seconds_max = 180
    study.save()
    killed_now_and_then("filter_votes", "s")
    assert Exclusion.objects.count() == N_IMAGES * RATERS // 3
    assert set(Exclusion.objects.values_list("reason", flat=True)) == {"too_slow"}

    out = tmp_path / "export"
    killed_now_and_then("export", "s", "--out", str(out))
    rows = (out / "votes.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + N_IMAGES * RATERS
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    call_command("analyse", "s")
