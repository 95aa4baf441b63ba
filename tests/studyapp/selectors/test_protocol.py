from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from studyapp.errors import StudyError
from studyapp.models import Study, VisionModel
from studyapp.pipeline.launch_study import launch_study
from studyapp.selectors.protocol import (
    changes_since_launch,
    protocol_of,
    refuse_changed_protocol,
)
from studyapp.vocabulary import QuestionKind
from tests.factories.dataset import ShownImageFactory
from tests.recruiting import a_draft, add_predictions

pytestmark = pytest.mark.django_db

#: Fields of a study that are no part of its protocol.
NOT_PROTOCOL = {
    "id",
    "state",
    "imported",
    "owner",
    "protocol",
    "protocol_hash",
    "created_at",
    "live_at",
    "closed_at",
    "budget",
    "contact",
    "stopped_at",
    "launches_by_itself",
}


def live() -> Study:
    study = a_draft(images=2)
    launch_study(study, check_funds=False)
    return study


#: Another value of a field that adding one, or a letter, would not change or would spoil.
OTHER_VALUES: dict[str, Callable[[], dict[str, object]]] = {
    "image_set": lambda: {"image_set": a_draft(images=1).image_set},
    "leaves_out": lambda: {"leaves_out": a_draft(images=1)},
    "question_kind": lambda: {"question_kind": QuestionKind.LIST_RELEVANCE},
    "selection": lambda: {"selection": {"classes": ["n00000001"]}},
    "reward": lambda: {"reward": Decimal("7.77")},
    "vote_groups": lambda: {"vote_groups": "2+2+1"},
    "complete_share": lambda: {"complete_share": Decimal("0.777")},
    "gold": lambda: {"gold": [{"image": "i0", "class": "kite", "answer": "yes"}]},
    "raters_per_trial": lambda: {"raters_per_trial": 6, "vote_groups": "3+3"},
}


def _change(study: Study, *, field: models.Field[Any, Any]) -> bool:
    """Give the field another value; False if that is nothing this test knows how to do."""
    kept = getattr(study, field.attname)
    if field.name in OTHER_VALUES:
        for name, value in OTHER_VALUES[field.name]().items():
            setattr(study, name, value)
    elif isinstance(field, models.BooleanField):
        setattr(study, field.name, not kept)
    elif isinstance(field, models.CharField | models.TextField):
        setattr(study, field.name, f"{kept}x")
    elif field.get_internal_type().endswith("IntegerField") or "seconds" in field.name:
        setattr(study, field.name, (kept or 0) + 1)
    else:
        return False
    return True


@pytest.mark.slow
def test_every_field_that_decides_something_is_in_the_protocol() -> None:
    """Whatever field is changed, the protocol is another one; a new field must be decided upon."""
    draft = a_draft(images=1)
    # What is said only beside another choice is said, then.
    Study.objects.filter(pk=draft.pk).update(vote_groups="3+2", gold_per_hit=1)
    for field in Study._meta.concrete_fields:
        study = Study.objects.get(pk=draft.pk)
        before = json.dumps(protocol_of(study), sort_keys=True)
        if _change(study, field=field):
            same = json.dumps(protocol_of(study), sort_keys=True) == before
            assert same is (field.name in NOT_PROTOCOL), field.name
        else:
            assert field.name in NOT_PROTOCOL, field.name


def test_nothing_changed_is_no_change() -> None:
    study = live()
    assert changes_since_launch(study) == []
    refuse_changed_protocol(study)
    assert changes_since_launch(a_draft(images=1)) == []


def test_a_model_more_or_images_more_are_no_change() -> None:
    study = live()
    add_predictions(study, name="more", wrong={"i000": 4})
    ShownImageFactory.create(image_set=study.image_set)
    assert changes_since_launch(study) == []


def test_a_model_less_or_with_other_weights_is_a_change() -> None:
    study = live()
    name = study.vision_models.get().name
    VisionModel.objects.filter(name=name).update(weights_hash="f" * 64)
    assert changes_since_launch(study) == [f"model {name}"]
    study.vision_models.clear()
    with pytest.raises(StudyError, match=f"different now: model {name}"):
        refuse_changed_protocol(study)


def test_what_changed_is_named() -> None:
    study = live()
    Study.objects.filter(pk=study.pk).update(accept_at=2, seed=8, cooldown_hours=1)
    study.refresh_from_db()
    assert changes_since_launch(study) == ["cooldown", "rule", "seed"]
