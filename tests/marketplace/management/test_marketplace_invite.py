from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from marketplace.models import Invitation


def test_links_that_work(db: None, settings: Settings) -> None:
    settings.MARKETPLACE_URL = "https://work.example"
    out = StringIO()
    call_command("marketplace_invite", "--count", "3", "--note", "course 3", stdout=out)
    links = out.getvalue().split()
    assert len(set(links)) == Invitation.objects.filter(note="course 3").count() == 3
    for link in links:
        path = link.removeprefix("https://work.example")
        assert Client().get(path).status_code == 200


@pytest.mark.parametrize("wrong", [("--count", "0"), ("--count", "1001"), ("--days", "366")])
def test_refusals(db: None, wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="must be from 1"):
        call_command("marketplace_invite", *wrong)
    assert not Invitation.objects.exists()
