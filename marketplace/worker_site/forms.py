"""Forms of the worker's pages."""

from __future__ import annotations

import re

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.functional import lazy

from marketplace.actions.contest import LONGEST
from marketplace.models import Worker

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


class PasswordForm(forms.Form):
    """A new password, by whoever knows the present one."""

    present = forms.CharField(
        label="Present password",
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label="New password",
        max_length=1000,
        help_text=lazy(_password_rules, str)(),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Apply the site's password rules."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class ProfileForm(forms.ModelForm[Worker]):
    """What a worker says of themselves, all of it optional."""

    class Meta:
        model = Worker
        fields = ("country", "subdivision", "adult_content", "auto_accept")
        labels = {
            "country": "Country",
            "subdivision": "State",
            "adult_content": "I am of age and agree to be shown adult content",
            "auto_accept": "After handing in, take the next task of the same kind at once",
        }
        help_texts = {
            "country": "Two letters, such as DE or US. Some tasks ask for people in certain "
            "countries; requesters see only whether you meet that.",
            "subdivision": "Of the United States, two letters such as CA; else leave it empty.",
            "adult_content": "",
            "auto_accept": "",
        }

    def clean_country(self) -> str:
        """Two letters."""
        return self._letters("country", what="a country")

    def clean_subdivision(self) -> str:
        """Two letters."""
        return self._letters("subdivision", what="a state")

    def _letters(self, name: str, *, what: str) -> str:
        value = str(self.cleaned_data[name] or "").upper()
        if value and not re.fullmatch("[A-Z]{2}", value):
            raise ValidationError(f"Write the two letters of {what}, or nothing.")
        return value


class ContestForm(forms.Form):
    """Why a worker disagrees with a rejection."""

    text = forms.CharField(
        label="Why you disagree",
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
        help_text="The people who run this site read it, with your answers and the reason given. "
        "You can do this once for each task.",
    )
