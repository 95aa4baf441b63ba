from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from studyapp.people import make_researcher
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db


def test_a_researcher_can_work_but_not_see_who_raters_are() -> None:
    user = make_researcher("mara", password="a long secret")
    user = User.objects.get(pk=user.pk)
    assert user.is_staff
    assert not user.is_superuser
    assert user.has_perm("studyapp.change_study")
    assert user.has_perm("studyapp.view_vote")
    assert not user.has_perm("studyapp.change_vote")
    assert not user.has_perm("studyapp.view_rateridentity")


def test_making_one_again_changes_the_password_only() -> None:
    first = make_researcher("mara", password="a long secret")
    again = make_researcher("mara", password="another secret")
    assert again.pk == first.pk
    assert again.check_password("another secret")


def test_studies_of_others_are_not_there(client: Client) -> None:
    owner = make_researcher("mara", password="a long secret")
    make_researcher("noor", password="a long secret")
    study = StudyFactory.create(owner=owner)
    client.login(username="noor", password="a long secret")
    assert client.get(f"/admin/studyapp/study/{study.pk}/change/").status_code == 302
    assert client.post(f"/admin/studyapp/study/{study.pk}/act/").status_code == 404
    study.members.add(User.objects.get(username="noor"))
    assert client.get(f"/admin/studyapp/study/{study.pk}/change/").status_code == 200


def test_the_command_refuses_a_weak_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("12345\n"))
    with pytest.raises(CommandError, match="too short"):
        call_command("researcher", "mara", password_stdin=True)
    assert not User.objects.exists()


def test_a_page_that_is_not_theirs_says_why_and_leads_home(client: Client) -> None:
    make_researcher("noor", password="a long secret")
    study = StudyFactory.create()
    client.login(username="noor", password="a long secret")
    answer = client.get(f"/studies/{study.name}/")
    assert answer.status_code == 404
    assert "belongs to a study that is not yours" in answer.content.decode()


def test_without_a_terminal_the_command_says_how_to_give_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: input())
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match="--password-stdin"):
        call_command("researcher", "mara")
    assert not User.objects.exists()
