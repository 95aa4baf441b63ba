from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest import image_keys, prediction_rows
from studyapp.ingest.prediction_rows import (
    join_images,
    model_names,
    stage_predictions,
    staged_predictions,
)
from studyapp.ingest.staging import staging
from studyapp.ingest.tables import Table
from tests.factories.dataset import ImageFactory, ImageSetFactory


def _table(folder: Path, text: str) -> Table:
    path = folder / "p.csv"
    path.write_text(text)
    return Table(path)


def test_names_come_from_the_caller_or_from_the_columns(tmp_path: Path) -> None:
    assert model_names(_table(tmp_path, "image_id,class_1,prob_1\n"), name="net") == ["net"]
    assert model_names(_table(tmp_path, "image_id,a,b\n"), name=None) == ["a", "b"]
    assert model_names(_table(tmp_path, "image_id,a\n"), name="net") == ["net"]
    with pytest.raises(InputError, match="a model is called"):
        model_names(_table(tmp_path, f"image_id,{'x' * 151}\n"), name=None)


@pytest.mark.django_db
def test_staged_rows_come_back_with_keys_of_images(tmp_path: Path) -> None:
    image_set = ImageSetFactory.create()
    first, second = (
        ImageFactory.create(image_set=image_set, image_id=name) for name in ("x/a", "b")
    )
    table = _table(tmp_path, "image_id,m,n\nb,1,\na,2,3\n")
    with staging(prediction_rows.SCHEMA + image_keys.SCHEMA) as db:
        stage_predictions(db, table=table, names=["m", "n"], n_classes=4)
        image_keys.stage_images(db, image_set=image_set)
        join_images(db, table=table)
        staged = [(row.image, row.classes, row.line) for row in staged_predictions(db, model=0)]
        assert staged == [(first.pk, [2], 3), (second.pk, [1], 2)]
        assert [row.classes for row in staged_predictions(db, model=1)] == [[3]]


@pytest.mark.django_db
def test_images_that_are_not_there_or_meant_twice(tmp_path: Path) -> None:
    image_set = ImageSetFactory.create()
    ImageFactory.create(image_set=image_set, image_id="x/a")
    for text, told in (("b,1\n", "no image 'b'"), ("a,1\nx/a,1\n", "same image as in line 2")):
        table = _table(tmp_path, "image_id,m\n" + text)
        with staging(prediction_rows.SCHEMA + image_keys.SCHEMA) as db:
            stage_predictions(db, table=table, names=["m"], n_classes=4)
            image_keys.stage_images(db, image_set=image_set)
            with pytest.raises(InputError, match=told):
                join_images(db, table=table)
