from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studyapp.models import LabelClass, Study
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.launch_study import launch_study
from studyapp.selectors.population import (
    mistake_table,
    mistakes,
    population_size,
    study_cost,
)
from tests.factories.dataset import ImageFactory, PredictionFactory, ShownImageFactory
from tests.recruiting import a_draft, add_predictions

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Two models on i000..i003, a twin of i000 and an image known by id only.

    a: i000 as 1, i001 as 2, twin as 1, by-id as 3. b: i000 as 1, i001 as 4.
    """
    study = a_draft(images=4, wrong=2)
    first = study.vision_models.get()
    twin = ShownImageFactory.create(
        image_set=study.image_set, image_id="twin", number=0, size=(20, 16)
    )
    PredictionFactory.create(image=twin, vision_model=first, classes=[1])
    by_id = ImageFactory.create(image_set=study.image_set, image_id="by-id")
    PredictionFactory.create(image=by_id, vision_model=first, classes=[3])
    probe = ShownImageFactory.create(image_set=study.image_set, image_id="probe", label_index=None)
    PredictionFactory.create(image=probe, vision_model=first, classes=[3])
    add_predictions(study, name="b", wrong={"i000": 1, "i001": 4})
    return study


def test_mistakes_are_wrong_first_classes_of_labelled_images(study: Study) -> None:
    rows = mistakes(study).values_list("image__image_id", "top1__index", "vision_model__name")
    first = study.vision_models.exclude(name="b").get().name
    assert sorted(rows) == sorted(
        [
            ("i000", 1, first),
            ("i001", 2, first),
            ("twin", 1, first),
            ("by-id", 3, first),
            ("i000", 1, "b"),
            ("i001", 4, "b"),
        ]
    )


def test_size_counts_pictures_once(study: Study) -> None:
    size = population_size(study)
    assert (size.images, size.showable, size.by_id_only, size.pairs) == (4, 3, 1, 3)


def test_other_models_and_sets_stay_out(study: Study) -> None:
    other = a_draft(images=3)
    stranger = add_predictions(study, name="c", wrong={"i003": 1})
    study.vision_models.remove(stranger)
    assert population_size(study).images == 4
    assert population_size(other).images == 3


def test_the_table_has_each_pair_once_with_its_models(study: Study) -> None:
    table = mistake_table(study)
    names = dict(study.image_set.images.values_list("pk", "image_id"))
    index = dict(LabelClass.objects.values_list("pk", "index"))
    b = int(np.flatnonzero(table.models == study.vision_models.get(name="b").pk)[0])
    rows = {
        (names[image], index[predicted]): (bool(has_file), bool(made_by[1 - b]), bool(made_by[b]))
        for image, predicted, has_file, made_by in zip(
            table.image.tolist(),
            table.predicted.tolist(),
            table.has_file,
            table.made_by,
            strict=True,
        )
    }
    assert rows == {
        ("i000", 1): (True, True, True),
        ("i001", 2): (True, True, False),
        ("i001", 4): (True, False, True),
        ("twin", 1): (True, True, False),
        ("by-id", 3): (False, True, False),
    }


def test_an_empty_population_is_an_empty_table() -> None:
    study = a_draft(images=2, wrong=0)
    table = mistake_table(study)
    assert table.image.shape == table.has_file.shape == (0,)
    assert table.made_by.shape == (0, 1)
    assert population_size(study).pairs == 0


def test_the_queries_do_not_grow_with_the_images(study: Study) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        population_size(study)
        mistake_table(study)
    assert len(queries) <= 4


def test_the_cost_is_the_same_before_and_after_building(study: Study) -> None:
    before = study_cost(study)
    assert (before.trials, before.hits) == (3, 1)
    build_trials(study)
    launch_study(study, check_funds=False)
    assert study_cost(study) == before
