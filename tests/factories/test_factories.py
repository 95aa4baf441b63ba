"""The factories make rows that the tables accept and that belong together."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from tests.factories.crowd import AssignmentFactory, HITFactory, RaterIdentityFactory, VoteFactory
from tests.factories.dataset import (
    ImageFactory,
    ImageSetFactory,
    PredictionFactory,
    RealLabelFactory,
    ShownImageFactory,
    mistakes,
    png,
)
from tests.factories.study import ElsewhereStimulusFactory, StudyFactory, TrialFactory

pytestmark = pytest.mark.django_db


def test_shown_image_has_its_file_in_the_storage() -> None:
    image = ShownImageFactory.create(number=3)
    assert image.file is not None
    with default_storage.open(image.file) as file:
        assert file.read() == png(number=3)


def test_trial_is_about_an_image_of_its_study() -> None:
    study = StudyFactory.create()
    trial = TrialFactory.create(condition=study.conditions.get())
    assert trial.question.stimulus.image.image_set == study.image_set
    assert trial.question.label_class is not None
    assert trial.question.label_class.class_list == study.image_set.class_list


def test_hit_with_trials_and_votes_about_one_study() -> None:
    hit = HITFactory.create(with_trials=3)
    assert hit.trials.count() == 3
    assignment = AssignmentFactory.create(hit=hit)
    trial = hit.trials.first()
    vote = VoteFactory.create(
        trial=trial, rater=assignment.rater, assignment=assignment, import_key=None
    )
    assert vote.study == hit.study
    assert VoteFactory.create().study.conditions.count() == 1
    assert RaterIdentityFactory.create().rater.pk


def test_predictions_and_labels() -> None:
    images = ImageSetFactory.create()
    for name in ("a", "b"):
        ImageFactory.create(image_set=images, image_id=name)
    ImageFactory.create(image_set=images, image_id="c", label_index=None)
    mistakes(images, model="m", wrong={"b": 4})
    said = dict(images.images.values_list("image_id", "predictions__top1__index"))
    assert said == {"a": 0, "b": 4, "c": 0}
    prediction = PredictionFactory.create(classes=[2, 1])
    assert prediction.top1.index == 2
    assert prediction.vision_model.class_list == prediction.image.image_set.class_list
    assert RealLabelFactory.create().label_class.index == 0
    assert ElsewhereStimulusFactory.create().file is None
