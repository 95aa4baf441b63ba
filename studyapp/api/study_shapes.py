"""Studies as JSON: what is told of one, and what makes one, in the keys of `new_study`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from studyapp.api.dataclass_shapes import shape_of
from studyapp.models import Study
from studyapp.pipeline.new_study import FIELDS
from studyapp.selectors.study_progress import StudyProgress, study_progress

MOST_MODELS = 100
#: Text of any length in the database; a study's words fit on a page.
LONGEST_TEXT = 20_000
LONGEST_SECONDS = 86_400
MOST_RATERS = 99
#: What every database takes.
LARGEST_SEED = 2**31 - 1

_LIFE = ("state", "imported", "protocol_hash", "created_at", "live_at", "closed_at")

ProgressShape = shape_of(
    StudyProgress, name="StudyProgress", also={"complete": serializers.BooleanField()}
)


class StudyShape(serializers.ModelSerializer[Study]):
    """A study: the keys of a study's file, and where it stands."""

    set = serializers.SlugRelatedField[Any](
        source="image_set", slug_field="name", read_only=True, help_text="Name of the image set."
    )
    models = serializers.SerializerMethodField()
    owner = serializers.SerializerMethodField()

    class Meta:
        model = Study
        ref_name = "Study"
        fields = [*FIELDS, "set", "models", "owner", *_LIFE]
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

    class Meta:
        model = Study
        ref_name = "StudyDraft"
        fields = [*FIELDS, "set", "models"]
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
