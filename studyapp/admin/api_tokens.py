"""A person's own access tokens of the API: made here and shown once, revoked here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from studyapp.admin.readonly import ReadOnlyAdmin
from studyapp.api_tokens import DEFAULT_DAYS, MOST_DAYS, issue_token, revoke_token, token_state
from studyapp.models import ApiToken
from studyapp.vocabulary import Scope


class ApiTokenForm(forms.ModelForm[ApiToken]):
    """What a new token is for, what it allows and for how long."""

    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ]
    )
    days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS, label="Good for (days)"
    )

    class Meta:
        model = ApiToken
        fields = ["label"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin[ApiToken]):
    """Everybody's own; a superuser sees and can revoke all."""

    form = ApiTokenForm
    list_display = ["start", "label", "user", "allowed", "state", "expires_at", "last_used_at"]
    list_select_related = ["user"]
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user=request.user.pk)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return request.user.is_staff

    def has_add_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return request.user.is_staff

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[Any]:
        if obj is None:
            return ["label", "scopes", "days"]
        shown = ["start", "label", "user", "allowed", "state", "created_at", "expires_at"]
        return [*shown, "last_used_at", "revoked_at"]

    def save_model(
        self, request: HttpRequest, obj: ApiToken, form: forms.ModelForm[Any], change: bool
    ) -> None:
        wanted = form.cleaned_data
        issued = issue_token(
            User.objects.get(username=request.user.get_username()),
            label=wanted["label"],
            scopes=wanted["scopes"],
            days=wanted["days"],
        )
        obj.__dict__.update(issued.__dict__)

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The one page that shows the token; it goes through no cookie and no cache."""
        context = {**self.admin_site.each_context(request), "title": "Your token", "token": obj}
        response = render(request, "admin/studyapp/apitoken/issued.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def log_addition(self, request: HttpRequest, obj: ApiToken, message: Any) -> Any:
        """The audit log has it."""

    @admin.action(description="Revoke the chosen tokens", permissions=["view"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        user = User.objects.get(username=request.user.get_username())
        revoked = sum(revoke_token(token, actor=user) for token in tokens)
        self.message_user(request, f"Revoked: {revoked}.")

    @admin.display(description="Allows")
    def allowed(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    @admin.display(description="State")
    def state(self, token: ApiToken) -> str:
        return token_state(token)
