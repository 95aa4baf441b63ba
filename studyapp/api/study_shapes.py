"""Studies as JSON: what is told of one, and what makes one, in the keys of `new_study`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from studyapp.api.dataclass_shapes import shape_of
from studyapp.models import Condition, Study
from studyapp.pipeline.new_study import FIELDS
from studyapp.selectors.study_progress import StudyProgress, study_progress
from studyapp.vocabulary import ConditionKind

MOST_MODELS = 100
MOST_KNOWN_ANSWERS = 1_000
#: Text of any length in the database; a study's words fit on a page.
LONGEST_TEXT = 20_000
LONGEST_SECONDS = 86_400
MOST_RATERS = 99
#: What every database takes.
LARGEST_SEED = 2**31 - 1

_LIFE = ("state", "imported", "protocol_hash", "created_at", "live_at", "closed_at")

#: What a file writes as mappings and lists.
_WRITTEN = ("selection", "gold")

ProgressShape = shape_of(
    StudyProgress, name="StudyProgress", also={"complete": serializers.BooleanField()}
)


class PlainMapping(serializers.DictField):
    """A mapping that every database takes as JSON, of bounded size."""

    default_error_messages = {
        "long": f"Write at most {LONGEST_TEXT:,} characters.",
        "odd": "Write plain text and finite numbers: this cannot be stored.",
    }

    def to_internal_value(self, data: Any) -> dict[Any, Any]:
        found = super().to_internal_value(data)
        try:
            text = json.dumps(found, ensure_ascii=False, allow_nan=False)
            text.encode()
        except ValueError:
            self.fail("odd")
        if "\\u0000" in text:
            self.fail("odd")
        if len(text) > LONGEST_TEXT:
            self.fail("long")
        return found


class ConditionShape(serializers.Serializer[Condition]):
    """One arm of a study, in the keys of its file."""

    name = serializers.SlugField(max_length=60)
    kind = serializers.ChoiceField(choices=ConditionKind.choices, required=False)
    parameters = PlainMapping(
        required=False, help_text="What the kind needs: docs/reference/question-types.md."
    )

    class Meta:
        ref_name = "Condition"


class StudyShape(serializers.ModelSerializer[Study]):
    """A study: the keys of a study's file, and where it stands."""

    set = serializers.SlugRelatedField[Any](
        source="image_set", slug_field="name", read_only=True, help_text="Name of the image set."
    )
    models = serializers.SerializerMethodField()
    conditions = ConditionShape(many=True, read_only=True)
    owner = serializers.SerializerMethodField()

    class Meta:
        model = Study
        ref_name = "Study"
        fields = [*FIELDS, *_WRITTEN, "set", "models", "conditions", "owner", *_LIFE]
        read_only_fields = fields

    def get_models(self, study: Study) -> list[str]:
        return sorted(model.name for model in study.vision_models.all())

    def get_owner(self, study: Study) -> str | None:
        return study.owner.get_username() if study.owner else None


class StudyDetailShape(StudyShape):
    """A study with how far it is."""

    progress = serializers.SerializerMethodField()

    class Meta(StudyShape.Meta):
        ref_name = "StudyDetail"
        fields = [*StudyShape.Meta.fields, "progress"]
        read_only_fields = fields

    @extend_schema_field(ProgressShape)
    def get_progress(self, study: Study) -> dict[str, object]:
        found = study_progress(study)
        return {**asdict(found), "complete": found.complete}


class StudyDraft(serializers.ModelSerializer[Study]):
    """A study to be made. What is left out has its default."""

    set = serializers.SlugField(max_length=100, help_text="Name of the image set.")
    models = serializers.ListField(
        child=serializers.CharField(max_length=150),
        max_length=MOST_MODELS,
        required=False,
        help_text="Names of the models whose mistakes are asked about.",
    )
    selection = PlainMapping(
        required=False, help_text="Which of the images are asked about; everything without it."
    )
    gold = serializers.ListField(
        child=PlainMapping(),
        max_length=MOST_KNOWN_ANSWERS,
        required=False,
        help_text='Trials with a known answer: {"image": ID, "class": NAME, "answer": "yes"}.',
    )
    conditions = ConditionShape(
        many=True, required=False, help_text="Without it one: the whole image."
    )

    class Meta:
        model = Study
        ref_name = "StudyDraft"
        fields = [*FIELDS, *_WRITTEN, "set", "models", "conditions"]
        extra_kwargs: Mapping[str, Any] = {
            # Whether the name is free, the step that makes the study finds out.
            "name": {"validators": []},
            "title": {"required": False},
            "instructions": {"max_length": LONGEST_TEXT},
            "consent_text": {"max_length": LONGEST_TEXT},
            "seconds_min": {"max_value": LONGEST_SECONDS},
            "seconds_max": {"max_value": LONGEST_SECONDS},
            "accept_at": {"max_value": MOST_RATERS},
            "seed": {"max_value": LARGEST_SEED},
        }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            told = f"There are: {', '.join(self.fields)}."
            unknown = {
                str(key): [f"There is no such key. {told}"]
                for key in data
                if key not in self.fields
            }
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)
