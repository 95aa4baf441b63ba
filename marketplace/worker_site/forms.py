"""Forms of the worker's pages."""

from __future__ import annotations

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.functional import lazy

_NAME = RegexValidator(
    r"\A[a-z0-9][a-z0-9_.-]{2,39}\Z",
    "Use 3 to 40 small letters, digits, dots, dashes or underscores. It need not be your name.",
)


def _password_rules() -> str:
    """What the site's settings ask of a password."""
    return " ".join(password_validators_help_texts())


class SignInForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label="Name", max_length=150, widget=forms.TextInput({"autocomplete": "username"})
    )
    password = forms.CharField(
        max_length=1000, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


class SignUpForm(forms.Form):
    """A new worker's name and password; nothing else is asked."""

    username = forms.CharField(
        label="Name",
        validators=[_NAME],
        help_text="Any name you like, of 3 to 40 small letters, digits, dots, dashes or "
        "underscores; requesters never see it.",
        widget=forms.TextInput({"autocomplete": "username"}),
    )
    password = forms.CharField(
        max_length=1000,
        help_text=lazy(_password_rules, str)(),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        """Refuse a name that somebody has."""
        name: str = self.cleaned_data["username"]
        if get_user_model().objects.filter(username__iexact=name).exists():
            raise ValidationError("Somebody uses this name already: choose another.")
        return name

    def clean_password(self) -> str:
        """Apply the site's password rules."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
