"""A study in the admin: set up in the order a person thinks, then watched."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import JSONField, ManyToManyField, QuerySet
from django.forms import ModelForm, ModelMultipleChoiceField, Textarea
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path

from studyapp.admin import study_actions, study_presets
from studyapp.admin.money import money
from studyapp.lifecycle import unreview
from studyapp.models import Condition, Study, StudyLink, VisionModel
from studyapp.models.study import DEFAULT_TITLE
from studyapp.row_locks import lock_study
from studyapp.selectors.studies import visible_studies
from studyapp.study_conditions import read_conditions, store_conditions
from studyapp.study_link import address_to_hand_out, link_of
from studyapp.vocabulary import Environment

#: Image sets named beside a model; a few tell which they are.
SETS_NAMED = 3


class ModelChoices(ModelMultipleChoiceField[VisionModel]):
    """Models by name, each with the image sets it shares its classes with."""

    def label_from_instance(self, obj: VisionModel) -> str:
        sets = sorted(image_set.name for image_set in obj.class_list.image_sets.all())
        more = ", …" if len(sets) > SETS_NAMED else ""
        return f"{obj.name} (for {', '.join(sets[:SETS_NAMED])}{more})" if sets else obj.name


class ConditionInline(admin.TabularInline[Condition, Study]):
    """The arms of a study; who may change the study may change them, until it is live."""

    model = Condition
    fields = ["name", "kind", "parameters", "position"]
    extra = 0
    # A line of JSON: as large as Django makes it, it pushes the form past a desktop's width.
    formfield_overrides = {JSONField: {"widget": Textarea(attrs={"rows": 3, "cols": 24})}}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("studyapp.view_study")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def _may_change(self, request: HttpRequest, obj: Any) -> bool:
        frozen = isinstance(obj, Study) and obj.frozen
        return request.user.has_perm("studyapp.change_study") and not frozen


class StudyLinkInline(admin.StackedInline[StudyLink, Study]):
    """How people come by link and go back. No part of the protocol, so it stays open to change."""

    model = StudyLink
    fields = [
        "to_hand_out",
        ("panel", "tasks_each", "fee_percent"),
        ("participant_field", "session_field", "invited_only"),
        ("completion_code", "screen_out_code", "full_code"),
        "return_url",
    ]
    readonly_fields = ["to_hand_out"]
    verbose_name_plural = "Link"
    can_delete = False
    max_num = 1
    extra = 0

    @admin.display(description="Link to hand out")
    def to_hand_out(self, link: StudyLink) -> str:
        return address_to_hand_out(link) if link.pk else "made when the study is saved"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """From live on people may have taken part, and a new panel would make them new people."""
        frozen = isinstance(obj, Study) and obj.frozen
        return ["to_hand_out", *(["panel"] if frozen else ())]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("studyapp.view_study")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("studyapp.change_study")


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin[Study]):
    list_display = ["name", "image_set", "state", "raters_per_trial", "accept_at", "environment"]
    list_filter = ["state", "environment"]
    search_fields = ["name", "title"]
    list_select_related = ["image_set"]
    filter_horizontal = ["vision_models", "members"]
    radio_fields = {"unsure": admin.HORIZONTAL}
    change_form_template = "admin/studyapp/study/change_form.html"
    change_list_template = "admin/studyapp/study/change_list.html"
    inlines = [ConditionInline, StudyLinkInline]
    fieldsets = [
        ("What", {"fields": ["name", "title", "image_set", "vision_models"]}),
        ("Rendering", {"fields": [("render_resize", "render_crop")]}),
        (
            "Question",
            {
                "fields": [
                    ("question_kind", "population"),
                    "question",
                    "instructions",
                    "consent_text",
                    "contact",
                ]
            },
        ),
        (
            "Which pictures, which conditions",
            {
                "fields": ["selection", "allocation"],
                "classes": ["collapse"],
                "description": "A study of mistakes needs nothing here. A preset fills it in.",
            },
        ),
        (
            "Who decides, and how",
            {
                "fields": [
                    ("raters_per_trial", "accept_at"),
                    "unsure",
                    ("seconds_min", "seconds_max"),
                ],
                "description": "No timing window is the default for this question.",
            },
        ),
        (
            "How votes are spent",
            {
                "fields": [
                    ("vote_groups", "complete_share"),
                    "most_raters_per_hit",
                    ("gold_per_hit", "most_votes_per_rater"),
                    "gold",
                ],
                "classes": ["collapse"],
                "description": "A study that asks all raters at once needs nothing here.",
            },
        ),
        (
            "Analysis plan",
            {
                "fields": ["planned_contrasts", "plan_note"],
                "description": "Rule, window and exclusions above are part of the plan; it is "
                "stamped at launch. Whatever is looked at later is marked as not planned.",
            },
        ),
        (
            "Payment and publication",
            {
                "fields": [
                    "environment",
                    ("reward", "trials_per_hit"),
                    "budget",
                    ("assignment_minutes", "lifetime_days", "auto_approval_hours"),
                    "description",
                    "keywords",
                    "seed",
                ]
            },
        ),
        (
            "Who may take part, and when",
            {
                "fields": [
                    ("cooldown_hours", "launch_gap_hours"),
                    "launches_by_itself",
                    "cooldown_studies",
                    ("approved_percent", "approved_number", "masters_only"),
                    "countries",
                    "qualifications",
                ],
                "classes": ["collapse"],
                "description": "Empty: whoever comes. The marketplace tells people what they lack.",
            },
        ),
        ("People", {"fields": ["members"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Study]:
        return super().get_queryset(request).filter(pk__in=visible_studies(request.user))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Study | None:
        """Locked while a form is saved: a launch at that moment waits, or the form sees it."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST":
            return found
        return lock_study(found)

    def get_readonly_fields(self, request: HttpRequest, obj: Study | None = None) -> list[str]:
        """From live on the protocol is frozen; only who may see the study can still change."""
        if obj is None or not obj.frozen:
            return []
        return [
            field.name
            for field in [*Study._meta.fields, *Study._meta.many_to_many]
            if field.name != "members"
        ]

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        """Members are staff; the marketplace's workers are accounts too and stay unnamed here."""
        if db_field.name == "members":
            kwargs["queryset"] = User.objects.filter(is_staff=True).order_by("username")
        if db_field.name == "vision_models":
            models = VisionModel.objects.select_related("class_list").order_by("name")
            kwargs["queryset"] = models.prefetch_related("class_list__image_sets")
            kwargs["form_class"] = ModelChoices
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.frozen)

    def save_model(
        self, request: HttpRequest, obj: Study, form: ModelForm[Any], change: bool
    ) -> None:
        if not change:
            obj.owner_id = request.user.pk
        if set(form.changed_data) - {"members"}:
            unreview(obj)
        super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool
    ) -> None:
        """Conditions are part of the protocol: to change them is to change what was reviewed."""
        super().save_related(request, form, formsets, change)
        study: Study = form.instance
        protocol = [formset for formset in formsets if formset.model is not StudyLink]
        if any(formset.has_changed() for formset in protocol):
            unreview(study)
            study.save(update_fields=["state"])
        if not study.conditions.exists():
            store_conditions(study, read_conditions(None, item=study.name))
        if study.environment == Environment.LINK:
            link_of(study)

    def get_inline_instances(
        self, request: HttpRequest, obj: Study | None = None
    ) -> list[admin.options.InlineModelAdmin[Any, Any]]:
        """The link's own form where people come by it."""
        by_link = obj is not None and obj.environment == Environment.LINK
        found = super().get_inline_instances(request, obj)
        return [one for one in found if by_link or not isinstance(one, StudyLinkInline)]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What a study from a file starts with too."""
        return {"title": DEFAULT_TITLE, **super().get_changeform_initial_data(request)}

    def response_post_save_add(self, request: HttpRequest, obj: Study) -> HttpResponseRedirect:
        """On to the study's own page: its costs and its next step stand there."""
        return redirect("admin:studyapp_study_change", obj.pk)

    def response_post_save_change(self, request: HttpRequest, obj: Study) -> HttpResponseRedirect:
        """Back to the study's own page, as after it was added."""
        return redirect("admin:studyapp_study_change", obj.pk)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "studyapp_study_{}"
        own = [
            path(
                f"<int:pk>/{view.__name__}/",
                wrap(view),
                name=name.format(view.__name__),
            )
            for view in (study_actions.act, study_actions.launch, study_actions.cost, money)
        ]
        own.append(
            path("presets/", wrap(study_presets.from_preset), name=name.format("from_preset"))
        )
        return [*own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        panel = study_actions.panel(request, object_id) if object_id else {}
        return super().changeform_view(
            request, object_id, form_url, {**panel, **(extra_context or {})}
        )
