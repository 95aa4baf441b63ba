from __future__ import annotations

import pytest

from studyapp.errors import StudyError
from studyapp.models import AuditEntry, Study, VisionModel
from studyapp.pipeline.add_model import add_model
from studyapp.pipeline.build_trials import build_trials
from studyapp.vocabulary import StudyState
from tests.factories.dataset import VisionModelFactory, mistakes
from tests.recruiting import a_draft, a_live_study

pytestmark = pytest.mark.django_db


def second(study: Study) -> VisionModel:
    mistakes(study.image_set, model="second", wrong={"i000": 5})
    return VisionModel.objects.get(name="second")


def test_a_live_study_gains_questions_and_keeps_its_protocol() -> None:
    study = a_live_study(images=3)
    frozen = (study.protocol, study.protocol_hash)
    assert add_model(study, model=second(study)).added
    assert build_trials(study).new == 1
    study.refresh_from_db()
    assert (study.protocol, study.protocol_hash) == frozen
    assert AuditEntry.objects.get(verb="add_model").summary["state"] == "live"


def test_again_changes_nothing() -> None:
    study = a_draft(images=2)
    model = second(study)
    add_model(study, model=model)
    assert not add_model(study, model=model).added
    assert AuditEntry.objects.filter(verb="add_model").count() == 1


def test_a_model_without_predictions_there_is_refused() -> None:
    study = a_draft(images=2)
    unused = VisionModelFactory.create(class_list=study.image_set.class_list)
    for model in (unused, VisionModelFactory.create()):
        with pytest.raises(StudyError, match="no predictions on the image set"):
            add_model(study, model=model)


def test_a_closed_study_stays_as_it_is() -> None:
    study = a_draft(images=2)
    Study.objects.filter(pk=study.pk).update(state=StudyState.CLOSED)
    study.refresh_from_db()
    with pytest.raises(StudyError, match="it is closed"):
        add_model(study, model=second(study))
