from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp.models import HIT, Study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.publish import publish
from studyapp.pipeline.set_budget import set_budget
from studyapp.pipeline.stop_study import halt
from studyapp.reports.monitor import monitor
from studyapp.vocabulary import QuestionKind
from studyapp.voting.seats import begin
from studyapp.web.monitor_facts import trial_facts
from tests.recruiting import Site, a_live_study, new_workers, site, take

__all__ = ["site"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(site: Site) -> Study:
    """Two lots for two raters: one paid, one forged, one at work, one place free."""
    study = a_live_study(images=4, trials_per_hit=2, raters_per_trial=2, accept_at=2)
    publish(study)
    first, second = HIT.objects.order_by("lot")
    worker, forger, busy = new_workers(3)
    take(first, worker=worker, seconds=18.0)
    take(first, worker=forger, nonce="0" * 32)
    begin(second, assignment_id="3BUSY", worker_id=busy.worker_id)
    set_budget(study, amount=Decimal("0.50"))
    return study


def cells(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-key="([^"]+)">([^<]*)<', page))


def test_everything_is_in_its_place_and_the_page_and_its_renewal_agree(
    study: Study, client: Client
) -> None:
    url = reverse("study-monitor", args=[study.name])
    owner = User.objects.create_user("owner", password="x", is_staff=True)
    stranger = User.objects.create_user("stranger", password="x", is_staff=True)
    Study.objects.filter(pk=study.pk).update(owner=owner)
    assert client.get(url).status_code == 302
    client.force_login(stranger)
    assert client.get(url).status_code == client.get(url, {"live": "1"}).status_code == 404
    client.force_login(owner)
    before = cells(client.get(url).content.decode())
    assert (before["people-at_work"], before["lot-1-work"], before["lot-1-free"]) == ("3", "1", "1")
    # Nobody has asked the marketplace yet: two are at work or gone, as far as we know.
    assert before["money-paid"] == "0.00 USD"

    collect_votes(study)
    found = monitor(study)
    people = found.people
    assert (people.paid, people.unproven, people.at_work, people.total) == (1, 1, 1, 3)
    assert found.held == Decimal("0.24"), "two of four places are paid, the forged one too"
    assert found.wage.median == Decimal("10.00"), "0.10 USD for 36 s"
    page = client.get(url).content.decode()
    live = client.get(url, {"live": "1"}).json()
    assert {key: live["cells"][key] for key in cells(page)} == cells(page)
    assert f'data-shape="{live["shape"]}"' in page
    told = cells(page)
    assert (told["money-wage"], told["money-timed"]) == ("10.00 USD", "1")
    assert told["lot-0-in"] == "2 of 2"
    needs = {need.slug for need in found.needs}
    assert needs == {"strange", "short", "budget"}
    assert "handed in without proof" in told["need-strange"]
    # One vote says yes and one was lost: two of two cannot be reached without asking again.
    assert "2 trials short of votes" in told["need-short"]
    # Stopped by a button, and no worker has taken the HITs off.
    halt(study)
    stopped = {need.slug for need in monitor(Study.objects.get(pk=study.pk)).needs}
    assert stopped - needs == {"left", "stopped"}


def test_answers_that_decide_nothing_are_complete_once_all_are_in(study: Study) -> None:
    collect_votes(study)
    Study.objects.filter(pk=study.pk).update(question_kind=QuestionKind.REASON)
    found = monitor(Study.objects.get(pk=study.pk))
    assert (found.trials.complete, found.trials.short, found.trials.accepted) == (0, 2, 0)
    take(HIT.objects.get(lot=1), worker=new_workers(1)[0])
    Study.objects.filter(pk=study.pk).update(raters_per_trial=1, accept_at=1)
    collect_votes(study)
    found = monitor(Study.objects.get(pk=study.pk))
    assert (found.trials.complete, found.trials.total) == (4, 4)
    assert trial_facts(found)[0].label == "Complete"
