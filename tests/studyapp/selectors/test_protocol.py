from __future__ import annotations

import json
from decimal import Decimal

import pytest

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
}


#: What fields that are no plain text or number are changed to, with what must change beside.
CHANGED: dict[str, dict[str, object]] = {
    "question_kind": {"question_kind": QuestionKind.LIST_RELEVANCE},
    "selection": {"selection": {"classes": ["n00000001"]}},
    "reward": {"reward": Decimal("9.00")},
    "masters_only": {"masters_only": True},
    "vote_groups": {"vote_groups": "2+2+1"},
    "complete_share": {"complete_share": Decimal("0.9")},
    "gold": {"gold": [{"image": "i0", "class": "kite", "answer": "yes"}]},
    "raters_per_trial": {"raters_per_trial": 6, "vote_groups": "3+3"},
}


def live() -> Study:
    study = a_draft(images=2)
    launch_study(study, check_funds=False)
    return study


def test_every_field_that_decides_something_is_in_the_protocol() -> None:
    """Whatever field is changed, the protocol is another one; a new field must be decided upon."""
    draft = a_draft(images=1)
    # What is said only beside another choice is said, then.
    Study.objects.filter(pk=draft.pk).update(vote_groups="3+2", gold_per_hit=1)
    study = Study.objects.get(pk=draft.pk)
    for field in Study._meta.concrete_fields:
        before = json.dumps(protocol_of(study), sort_keys=True)
        kept = getattr(study, field.attname)
        if field.name in {"image_set", "leaves_out"}:
            other = a_draft(images=1)
            setattr(study, field.name, other.image_set if field.name == "image_set" else other)
        elif field.name in CHANGED:
            for name, value in CHANGED[field.name].items():
                setattr(study, name, value)
        elif field.get_internal_type() in {"CharField", "TextField", "SlugField"}:
            setattr(study, field.name, f"{kept}x")
        elif field.get_internal_type().endswith("IntegerField") or "seconds" in field.name:
            setattr(study, field.name, (kept or 0) + 1)
        else:
            assert field.name in NOT_PROTOCOL, field.name
            continue
        same = json.dumps(protocol_of(study), sort_keys=True) == before
        assert same is (field.name in NOT_PROTOCOL), field.name
        study = Study.objects.get(pk=study.pk)


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
