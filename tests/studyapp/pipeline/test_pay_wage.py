from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from marketplace import models as offers
from studyapp.errors import BudgetError, InputError
from studyapp.models import HIT, Job, Study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.pay_wage import pay_wage
from studyapp.pipeline.publish import publish
from studyapp.pipeline.set_budget import set_budget
from studyapp.recruiters.spending import spending
from studyapp.selectors.work_times import wage
from studyapp.tasks import run_job
from tests.recruiting import Site, a_live_study, new_workers, take

pytestmark = pytest.mark.django_db(transaction=True)


def paid() -> list[Decimal]:
    return list(offers.BonusPayment.objects.order_by("pk").values_list("amount", flat=True))


@pytest.fixture
def study(site: Site) -> Study:
    """Two trials a HIT at 0.10 USD; three people take 10, 20 and 300 s a trial."""
    study = a_live_study(images=2, trials_per_hit=2, raters_per_trial=4)
    publish(study)
    for worker, seconds in zip(new_workers(3), (10.0, 20.0, 300.0), strict=True):
        take(HIT.objects.get(), worker=worker, seconds=seconds)
    collect_votes(study)
    return study


def test_work_is_brought_to_a_wage_once(study: Study, client: Client) -> None:
    # 0.10 USD for 40 s is 9 USD an hour; whoever left the page open moves nobody's pay.
    assert wage(study).median == Decimal("9.00")
    assert wage(study).n == 3
    plan = pay_wage(study, hourly=Decimal("15"))
    # 15 USD an hour for 40 s is 0.1667 USD: 0.0667 lacks, up to the cent 0.07.
    assert (plan.due, plan.amount, plan.fees) == (3, Decimal("0.21"), Decimal("0.03"))
    assert paid() == []
    before = spending(study).committed
    set_budget(study, amount=before + Decimal("0.23"))
    with pytest.raises(BudgetError):
        pay_wage(study, hourly=Decimal("15"), pays=True)
    set_budget(study, amount=before + Decimal("0.24"))
    # As the page asks for it: first in words, then for good.
    client.force_login(User.objects.create_superuser("root"))
    url = reverse("admin:studyapp_study_money", args=[study.pk])
    told = client.post(url, {"wage": "say", "hourly": "15"}, follow=True).content.decode()
    assert "3 assignments lack 0.21 USD to 15.00 USD an hour, with fees 0.24 USD" in told
    assert paid() == []
    client.post(url, {"wage": "pay", "hourly": "15"})
    run_job(Job.objects.get(verb="pay_wage").pk)
    assert paid() == [Decimal("0.07")] * 3
    assert pay_wage(study, hourly=Decimal("15"), pays=True).paid == 0
    assert pay_wage(study, hourly=Decimal("12")).due == 0
    set_budget(study, amount=None)
    # A higher wage pays the difference: 18 USD is 0.10 in all.
    assert pay_wage(study, hourly=Decimal("18"), pays=True).amount == Decimal("0.09")
    assert sum(paid()) == 3 * Decimal("0.10")
    with pytest.raises(InputError):
        pay_wage(study, hourly=Decimal("NaN"))
