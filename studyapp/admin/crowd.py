"""HITs, votes and exclusions by hand. Who a rater is stays out of these pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Field, ForeignKey, QuerySet
from django.forms import ModelChoiceField, ModelForm, NumberInput
from django.http import HttpRequest
from django_stubs_ext import StrOrPromise

from studyapp.admin.readonly import ReadOnlyAdmin
from studyapp.models import HIT, ManualExclusion, Vote
from studyapp.selectors.studies import visible_studies


class VisibleStudyFilter(admin.RelatedFieldListFilter):
    """Offers the reader's own studies: even the names of the others are not theirs to know."""

    def field_choices(
        self, field: Field[Any, Any], request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, StrOrPromise]]:
        studies = visible_studies(request.user).order_by("name")
        return [(str(pk), name) for pk, name in studies.values_list("pk", "name")]


@admin.register(HIT)
class HITAdmin(ReadOnlyAdmin[HIT]):
    list_display = ["study", "lot", "state", "environment", "hit_id", "raters", "opened_at"]
    list_filter = ["state", "environment", ("study", VisibleStudyFilter)]
    search_fields = ["hit_id"]
    list_select_related = ["study"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[HIT]:
        return super().get_queryset(request).filter(study__in=visible_studies(request.user))


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin[Vote]):
    list_display = [
        "id",
        "study",
        "question",
        "answer",
        "rater",
        "active_seconds",
        "submitted_at",
        "why_excluded",
    ]
    list_filter = ["answer", "exclusion__reason", ("study", VisibleStudyFilter)]
    list_select_related = ["study", "question", "rater", "exclusion"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Vote]:
        return super().get_queryset(request).filter(study__in=visible_studies(request.user))

    @admin.display(description="Does not count because")
    def why_excluded(self, vote: Vote) -> str:
        return vote.exclusion.reason if hasattr(vote, "exclusion") else ""


@admin.register(ManualExclusion)
class ManualExclusionAdmin(admin.ModelAdmin[ManualExclusion]):
    """A vote taken out by a person, with the reason. The vote itself stays."""

    list_display = ["vote", "note", "decided_by", "decided_at"]
    fields = ["vote", "note"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ManualExclusion]:
        visible = visible_studies(request.user)
        return super().get_queryset(request).filter(vote__study__in=visible)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """A vote of the person's own studies, by its number: anybody else's does not exist."""
        if db_field.name == "vote":
            kwargs["queryset"] = Vote.objects.filter(study__in=visible_studies(request.user))
            kwargs["widget"] = NumberInput
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(
        self, request: HttpRequest, obj: ManualExclusion | None = None
    ) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: ManualExclusion, form: ModelForm[Any], change: bool
    ) -> None:
        obj.decided_by_id = request.user.pk
        super().save_model(request, obj, form, change)
