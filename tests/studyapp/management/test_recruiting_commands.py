"""The commands about calls and money, over real HTTP."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from marketplace import models as offers
from studyapp.models import HIT, Assignment, Study
from studyapp.people import make_researcher
from tests.recruiting import Site, a_live_study, new_workers, proxy, site, take

__all__ = ["proxy", "site"]
pytestmark = pytest.mark.django_db(transaction=True)


def run(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def study(site: Site) -> Study:
    return a_live_study(images=1, raters_per_trial=3, accept_at=2, name="birds")


def test_from_plan_to_disposal(study: Study) -> None:
    make_researcher("ada", password="a long one")
    assert "the limit is 0.30 USD" in run("budget", "birds", "0.30")
    assert "CreateHITWithHITType: lot 0, 1 trials, 3 raters, 0.36 USD" in run("plan", "birds")
    with pytest.raises(CommandError, match=r"Raise the limit with `manage.py budget birds AMOUNT`"):
        run("publish", "birds")
    run("budget", "birds", "5")
    run("publish", "birds")
    for worker in new_workers(3):
        take(HIT.objects.get(), worker=worker)
    assert "3 newly confirmed, 0 approved" in run("collect_votes", "birds", "--no-pay")
    first, second, _ = (str(pk) for pk in Assignment.objects.values_list("pk", flat=True))
    rejection = ["review", "birds", "--reject", first, "--reason", "Nothing done."]
    with pytest.raises(CommandError, match="needs the name"):
        run(*rejection)
    with pytest.raises(CommandError, match="asked twice"):
        run(*rejection, "--by", "ada")
    assert f"assignment {first} is rejected" in run(*rejection, "--by", "ada", "--confirm")
    assert f"assignment {second} is approved" in run("review", "birds", "--approve", second)
    assert "1 of 1 assignment approved" in run("review", "birds", "--approve-valid")
    assert "after all" in run("review", "birds", "--approve", first, "--override")
    bonus = ["bonus", "birds", second, "0.25", "--reason", "Careful."]
    assert "0.25 USD + fee 0.05 USD paid" in run(*bonus)
    assert "was paid before" in run(*bonus)
    assert "2 of 2 calls done" in run("extend", "birds", "--raters", "4", "--days", "9")
    assert "1 HIT taken off the list" in run("stop", "birds")
    assert "no difference" in run("reconcile", "birds")
    run("close", "birds")
    assert "1 HIT disposed of" in run("dispose", "birds")
    said = run("plan", "birds")
    assert "No call is waiting." in said
    assert "Paid so far: 0.66 USD" in said
    assert offers.BonusPayment.objects.count() == 1


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["budget", "birds", "much"], "no amount of money"),
        (["bonus", "birds", "1", "x", "--reason", "y"], "no amount of money"),
        (["extend", "birds"], "neither more raters nor more time"),
        (["dispose", "birds"], "it is live"),
        (["review", "birds", "--approve", "999999"], "no assignment of this number"),
    ],
)
def test_what_cannot_be_is_told(study: Study, command: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(*command)
