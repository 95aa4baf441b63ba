from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from studyapp.models import Prediction
from studyapp.selectors.readiness import readiness
from studyapp.vocabulary import Allocation, Environment
from tests.factories.dataset import ImageFactory, PredictionFactory, VisionModelFactory
from tests.factories.study import ConditionFactory, StudyFactory
from tests.recruiting import a_draft

pytestmark = pytest.mark.django_db


def test_a_good_draft() -> None:
    found = readiness(a_draft(images=3))
    assert (found.errors, found.warnings) == ((), ())
    assert (found.size.pairs, found.cost.trials) == (3, 3)


def test_invalid_fields_are_named() -> None:
    study = a_draft(images=1)
    study.accept_at, study.question = 6, "Is it?"
    # Nobody reads it here, and the study would ask, and pay, about all classes.
    study.selection = {"classes": ["n00000001"]}
    errors = "; ".join(readiness(study).errors)
    assert "question: The question must contain {class}" in errors
    assert "larger than the raters per trial" in errors
    assert "its selection has classes, which means nothing for relevance of mistakes" in errors


def test_models_without_predictions_or_of_other_classes() -> None:
    study = a_draft(images=1)
    study.vision_models.add(
        VisionModelFactory.create(name="idle", class_list=study.image_set.class_list),
        VisionModelFactory.create(name="alien"),
    )
    idle, alien = sorted(readiness(study).errors, reverse=True)
    assert "idle has no predictions" in idle
    assert "alien has other classes" in alien
    study.vision_models.clear()
    (error,) = readiness(study).errors
    assert "no model is chosen" in error


def test_nothing_to_show_is_an_error_and_something_missing_a_warning() -> None:
    study = a_draft(images=0)
    model = study.vision_models.get()
    image = ImageFactory.create(image_set=study.image_set)
    PredictionFactory.create(image=image, vision_model=model, classes=[2])
    (error,) = readiness(study).errors
    assert "none of the 1 images of the population has a file" in error
    mixed = a_draft(images=2)
    extra = ImageFactory.create(image_set=mixed.image_set)
    PredictionFactory.create(image=extra, vision_model=mixed.vision_models.get(), classes=[2])
    found = readiness(mixed)
    assert found.errors == ()
    (warning,) = found.warnings
    assert warning.startswith("1 of 3 images of the population are known by id only")


def test_predictions_on_a_part_of_the_set_are_a_warning() -> None:
    study = a_draft(images=3)
    Prediction.objects.filter(image__image_id="i002").delete()
    (warning,) = readiness(study).warnings
    assert "predictions on 2 of 3 labelled images" in warning


@pytest.mark.parametrize(
    ("environment", "url", "fine"),
    [
        (Environment.MARKETPLACE, "http://127.0.0.1:8000", True),
        (Environment.MARKETPLACE, "http://lab.example", False),
        (Environment.SANDBOX, "http://127.0.0.1:8000", False),
        (Environment.PRODUCTION, "https://lab.example", True),
    ],
)
def test_rater_pages_are_https(
    environment: Environment, url: str, fine: bool, settings: Settings
) -> None:
    settings.QUORUM_URL = url
    assert (readiness(a_draft(images=1, environment=environment)).errors == ()) is fine


def test_words_that_say_nothing_to_raters_are_a_warning() -> None:
    study = StudyFactory.create(consent_text="...", contact=" ")
    told = " ".join(readiness(study).warnings)
    assert "the consent text says nothing" in told
    assert "there is no contact" in told


def test_conditions_of_the_same_images_judged_by_one_rater_are_a_warning() -> None:
    study = a_draft(images=1)
    ConditionFactory.create(study=study, name="again", position=1)
    (warning,) = readiness(study).warnings
    assert warning.startswith("the conditions whole, again show the same images")
    study.allocation = Allocation.ONE
    assert readiness(study).warnings == ()
    study.allocation, study.cooldown_hours = Allocation.EVERY, 72
    found = readiness(study)
    assert (found.errors, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"cooldown_hours": 72}, "keep nothing apart here, for there is one condition"),
        ({"launch_gap_hours": 72}, "there is one condition, so that none can be launched later"),
        ({"launch_gap_hours": 72, "allocation": "one"}, "a HIT holds all of them"),
        ({"cooldown_studies": "other"}, "Say how many hours the studies are to be kept apart"),
        ({"cooldown_hours": 72, "cooldown_studies": "other"}, "there is no study other"),
        ({"cooldown_hours": 72, "cooldown_studies": "a b/c"}, "“b/c” is no name of a study"),
        ({"countries": "US Germany"}, "“GERMANY” is no country"),
        ({"qualifications": "3ABC at least 80"}, "is no qualification: write its id"),
    ],
)
def test_what_cannot_be_held_is_an_error(fields: dict[str, Any], why: str) -> None:
    study = a_draft(images=1, **fields)
    assert why in " ".join(readiness(study).errors)
