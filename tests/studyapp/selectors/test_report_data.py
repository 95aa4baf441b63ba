from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.models import Study
from studyapp.selectors.report_data import (
    QuestionTable,
    load_images,
    load_predictions,
    load_questions,
    models_of,
)
from tests.factories.dataset import PredictionFactory, VisionModelFactory
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import hand_study


@pytest.mark.django_db
def test_tables_of_a_study() -> None:
    made = hand_study()
    images, stimuli = load_images(made.study)
    assert images.image.tolist() == [image.pk for image in made.images.values()]
    assert len(stimuli) == 10
    assert np.diff(images.real_ends).tolist() == [1, 0, 0, 0, 2, 1, 1, 0, 0, 0]
    questions = load_questions(made.study, stimuli=stimuli)
    assert questions.question.size == 6
    alpha, beta = models_of(made.study)
    assert load_predictions(alpha, images=images).row.tolist() == list(range(10))
    assert load_predictions(beta, images=images).row.size == 9


@pytest.mark.django_db
def test_an_imported_study_tells_about_every_model_with_predictions_on_its_set() -> None:
    made = hand_study()
    VisionModelFactory.create(name="gamma", class_list=made.study.image_set.class_list)
    PredictionFactory.create()
    imported = StudyFactory.create(image_set=made.study.image_set, imported=True)
    assert [model.name for model in models_of(imported)] == ["alpha", "beta"]
    Study.objects.filter(pk=made.study.pk).update(render_crop=32)
    # Another rendering is another stimulus: the questions asked are not those of the study now.
    study = Study.objects.get(pk=made.study.pk)
    _, stimuli = load_images(study)
    assert (load_questions(study, stimuli=stimuli).stimulus == -1).all()


pairs = st.lists(st.tuples(st.integers(-1, 6), st.integers(1, 5)), max_size=30, unique=True)


@pytest.mark.slow
@given(known=pairs, wanted=st.lists(st.tuples(st.integers(-1, 6), st.integers(1, 5)), max_size=30))
def test_find_agrees_with_a_dictionary(
    known: list[tuple[int, int]], wanted: list[tuple[int, int]]
) -> None:
    table = QuestionTable(
        question=np.arange(1, len(known) + 1),
        stimulus=np.array([pair[0] for pair in known], dtype=np.int32),
        label_class=np.array([pair[1] for pair in known], dtype=np.int64),
    )
    found = table.find(
        np.array([pair[0] for pair in wanted], dtype=np.int32),
        label_class=np.array([pair[1] for pair in wanted], dtype=np.int64),
    )
    row_of = {pair: row for row, pair in enumerate(known) if pair[0] >= 0}
    assert found.tolist() == [row_of.get(pair, -1) for pair in wanted]
