from __future__ import annotations

import pytest

from marketplace.worker_site.forms import SignInForm, SignUpForm


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ada", "a.b-c_9", "9lives"])
def test_names_that_are_taken(name: str) -> None:
    form = SignUpForm({"username": name, "password": "correct-horse"})
    assert form.is_valid()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["", "ab", "-abc", "Ada", "ada\x00", "a\nda", "x" * 41, "ädä", "a b c"]
)
def test_names_that_are_refused(name: str) -> None:
    assert "username" in SignUpForm({"username": name, "password": "correct-horse"}).errors


def test_passwords_are_never_shown_again() -> None:
    assert "secret" not in str(SignInForm({"username": "a", "password": "secret"}))
    assert "secret" not in str(SignUpForm({"username": "", "password": "secret"})["password"])
