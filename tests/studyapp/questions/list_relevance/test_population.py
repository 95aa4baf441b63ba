from __future__ import annotations

import pytest

from studyapp.models import Question, Stimulus, Study, Trial, VisionModel
from studyapp.pipeline.build_trials import build_trials
from studyapp.questions.list_relevance.population import list_subject
from studyapp.recruiters.lots import store_lots
from studyapp.reports import build_report
from studyapp.selectors.population import population_size
from studyapp.selectors.readiness import readiness
from studyapp.vocabulary import HITState, PopulationKind, QuestionKind
from tests.factories.dataset import (
    ImageFactory,
    PredictionFactory,
    ShownImageFactory,
    VisionModelFactory,
)
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db

#: Lists by image; the label of each is class 0.
LISTS = {
    "right": [0, 1, 2, 3, 4],
    "listed": [1, 0, 2, 3, 4],
    "outside": [1, 2, 3, 4, 5],
    "again": [5, 4, 3, 2, 1],
}


@pytest.fixture
def study() -> Study:
    made: Study = StudyFactory.create(
        question_kind=QuestionKind.LIST_RELEVANCE,
        question="Is at least one of these relevant for this image?",
        render_resize=32,
        render_crop=28,
    )
    images = {
        name: ShownImageFactory.create(image_set=made.image_set, image_id=name) for name in LISTS
    }
    unseen = ImageFactory.create(image_set=made.image_set, image_id="unseen")
    for model in ("net", "other"):
        row: VisionModel = VisionModelFactory.create(
            name=model, class_list=made.image_set.class_list
        )
        made.vision_models.add(row)
        for name, image in images.items():
            classes = LISTS[name] if model == "net" else list(reversed(LISTS[name]))
            if name == "right":
                classes = LISTS[name]
            PredictionFactory.create(vision_model=row, image=image, classes=classes)
        PredictionFactory.create(vision_model=row, image=unseen, classes=LISTS["outside"])
    return made


def asked() -> set[tuple[str, tuple[int, ...]]]:
    rows = Trial.objects.values_list("question__stimulus__image__image_id", "question__subject")
    return {(image, tuple(subject["classes"])) for image, subject in rows if subject}


def test_protocol_a_asks_about_every_wrong_first_prediction(study: Study) -> None:
    summary = build_trials(study)
    assert asked() == {
        ("listed", (0, 1, 2, 3, 4)),
        ("outside", (1, 2, 3, 4, 5)),
        ("again", (1, 2, 3, 4, 5)),
    }
    # Two models with the same five in another order share the trial.
    assert (summary.new, Trial.objects.count()) == (3, 3)
    size = population_size(study)
    assert (size.images, size.showable, size.pairs) == (4, 3, 3)
    assert Question.objects.filter(label_class__isnull=True).exclude(subject_hash="").count() == 3


def test_protocol_b_asks_only_where_the_label_is_not_listed(study: Study) -> None:
    study.population = PopulationKind.TOP5_MISTAKES
    study.save()
    build_trials(study)
    assert asked() == {("outside", (1, 2, 3, 4, 5)), ("again", (1, 2, 3, 4, 5))}
    assert population_size(study).pairs == 2


def test_again_changes_nothing_and_the_other_protocol_withdraws(study: Study) -> None:
    build_trials(study)
    stimuli = Stimulus.objects.count()
    assert build_trials(study).new == 0
    study.population = PopulationKind.TOP5_MISTAKES
    study.save()
    assert build_trials(study).withdrawn == 1
    assert Stimulus.objects.count() == stimuli


def test_fewer_than_five_classes_forbid_the_launch(study: Study) -> None:
    assert readiness(study).errors == ()
    PredictionFactory.create(
        vision_model=study.vision_models.get(name="net"),
        image=ShownImageFactory.create(image_set=study.image_set),
        classes=[3, 1],
    )
    assert "fewer than five classes" in " ".join(readiness(study).errors)


def test_the_subject_has_no_order() -> None:
    first = list_subject([3, 1, 2, 0, 5], class_list="x")
    assert first == list_subject([0, 1, 2, 3, 5], class_list="x")
    assert first["classes"] == [0, 1, 2, 3, 5]


def test_lists_that_nobody_answered_about_are_no_finding(study: Study) -> None:
    build_trials(study)
    store_lots(study)
    study.hits.update(state=HITState.OPEN)
    part = build_report(study).part
    assert part is not None
    assert part.headline.endswith("of its lists are being asked about, and none is decided yet.")
