from __future__ import annotations

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image as PILImage

from studyapp.models import Image, Prediction, Question, Stimulus, Study
from studyapp.pipeline.build_trials import build_trials
from studyapp.questions.wrong_reason.population import chosen_maps
from studyapp.reports import build_report
from studyapp.selectors.populations import population_of
from studyapp.selectors.protocol import protocol_of
from studyapp.selectors.study_stand import study_stand
from studyapp.vocabulary import PopulationKind, QuestionKind, StudyState
from tests.factories.artefacts import SaliencyMapFactory
from tests.factories.dataset import VisionModelFactory
from tests.factories.study import StudyFactory
from tests.studyapp.questions.rows import cast

pytestmark = pytest.mark.django_db

QUESTION = "Here a program recognised {class}. Did it look at the wrong thing?"


@pytest.fixture
def mapped() -> Study:
    """Two models with maps on four images; the second has the last one wrong."""
    study = StudyFactory.create(
        question_kind=QuestionKind.WRONG_REASON,
        population=PopulationKind.MAPPED,
        question=QUESTION,
        raters_per_trial=3,
        accept_at=2,
        render_crop=64,
        render_resize=64,
    )
    images: list[Image] = []
    for name in ("a", "b"):
        model = VisionModelFactory.create(name=name, class_list=study.image_set.class_list)
        study.vision_models.add(model)
        for at in range(4):
            if name == "a":
                row = SaliencyMapFactory.create(
                    vision_model=model, image__image_set=study.image_set, parameters_hash="m" * 64
                )
                images.append(row.image)
            else:
                SaliencyMapFactory.create(
                    vision_model=model, image=images[at], parameters_hash="m" * 64
                )
            label = images[at].label
            assert label is not None
            wrong = name == "b" and at == 3
            top1 = label.class_list.classes.exclude(pk=label.pk).first() if wrong else label
            assert top1 is not None
            Prediction.objects.create(
                vision_model=model, image=images[at], top1=top1, classes=[top1.index]
            )
    return study


def test_right_predictions_are_shown_with_their_own_map(mapped: Study) -> None:
    summary = build_trials(mapped)
    assert [row.vision_model.name for row in chosen_maps(mapped)] == ["a"] * 4 + ["b"] * 3
    # The maps of both models have the same pixels here: one picture, asked about once.
    assert summary.size.pairs == summary.new == 4
    stimulus = Stimulus.objects.filter(questions__isnull=False).first()
    assert stimulus is not None
    assert (stimulus.width, stimulus.height) == (2 * 64 + 8, 64)
    with default_storage.open(str(stimulus.file)) as stream:
        pixels = np.asarray(PILImage.open(stream)).astype(int)
    assert pixels.shape == (64, 136, 3)
    square, over = pixels[:, :64], pixels[:, 72:]
    # The map is 0 on the left half and 1 on the right: violet, then yellow.
    assert over[32, 8, 2] > over[32, 8, 1]
    assert over[32, 56, 1] > over[32, 56, 2]
    assert np.ptp(square.reshape(-1, 3), axis=0).max() <= 1


def test_shares_and_the_models_against_each_other(mapped: Study) -> None:
    build_trials(mapped)
    questions = list(Question.objects.order_by("stimulus__image"))
    answers = [["yes"] * 3, ["yes", "yes", "no"], ["no"] * 3, ["yes", "no", "unsure"]]
    cast(mapped, questions, answers)
    # As drawn at launch: one map that two models made is judged for both of them.
    mapped.state, mapped.protocol = StudyState.LIVE, protocol_of(mapped)
    mapped.save()
    with CaptureQueriesContext(connection) as queries:
        part = build_report(mapped).part
    # The class of a map comes with it, and is not asked for again map by map.
    of_one_class = [q for q in queries if 'FROM "studyapp_labelclass" WHERE' in q["sql"]]
    assert not [q for q in of_one_class if '"id" = ' in q["sql"]]
    assert part is not None
    models = {row["model"]: row for row in part.values["models"]}
    assert (models["a"]["n_asked"], models["a"]["n_accepted"]) == (4, 2)
    assert (models["a"]["n_undecided"], models["a"]["bound_high"]) == (1, 3 / 4)
    assert (models["b"]["n_asked"], models["b"]["share"]) == (3, 2 / 3)
    (pair,) = part.values["contrasts"]
    assert pair["estimate"] == 0
    assert "of 4 right predictions people were asked about, 50.00 %" in part.headline
    assert len(part.exports[1].rows) == 7


def test_a_kept_report_is_made_anew_when_a_map_comes(mapped: Study) -> None:
    before = study_stand(mapped)
    assert study_stand(mapped) == before
    SaliencyMapFactory.create(
        vision_model=mapped.vision_models.get(name="a"),
        image__image_set=mapped.image_set,
        parameters_hash="m" * 64,
    )
    changed = study_stand(mapped)
    assert changed["maps"] != before["maps"]


def test_two_settings_of_maps_must_be_told_apart(mapped: Study) -> None:
    row = chosen_maps(mapped)[0]
    SaliencyMapFactory.create(
        vision_model=row.vision_model, image=row.image, parameters_hash="n" * 64
    )
    (told,) = population_of(mapped).problems(mapped)
    assert "map: mmmmmmmmmmmm, nnnnnnnnnnnn" in told
    mapped.selection = {"map": "nnnn"}
    assert list(population_of(mapped).problems(mapped)) == []
    assert len(chosen_maps(mapped)) == 1
