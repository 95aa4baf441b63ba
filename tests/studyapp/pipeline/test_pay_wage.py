from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from marketplace import models as offers
from studyapp.errors import BudgetError, InputError
from studyapp.models import HIT, Assignment, Study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.pay_lost_work import pay_lost_work
from studyapp.pipeline.pay_wage import pay_wage
from studyapp.pipeline.publish import publish
from studyapp.pipeline.set_budget import set_budget
from studyapp.recruiters.spending import spending
from studyapp.selectors.work_times import wage
from studyapp.vocabulary import AssignmentState
from tests.factories.crowd import VoteFactory
from tests.recruiting import Site, a_live_study, new_workers, take, take_here

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


def test_work_is_brought_to_a_wage_once(study: Study) -> None:
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
    assert pay_wage(study, hourly=Decimal("15"), pays=True).paid == 3
    assert paid() == [Decimal("0.07")] * 3
    assert pay_wage(study, hourly=Decimal("15"), pays=True).paid == 0
    assert pay_wage(study, hourly=Decimal("12")).due == 0
    set_budget(study, amount=None)
    # A higher wage pays the difference: 18 USD is 0.10 in all.
    assert pay_wage(study, hourly=Decimal("18"), pays=True).amount == Decimal("0.09")
    assert sum(paid()) == 3 * Decimal("0.10")
    with pytest.raises(InputError):
        pay_wage(study, hourly=Decimal("NaN"))


def test_work_that_could_not_be_handed_in_is_paid_by_name_alone(site: Site) -> None:
    study = a_live_study(images=4, trials_per_hit=2, raters_per_trial=2)
    publish(study)
    first, second = HIT.objects.order_by("lot")
    worker, stranger = new_workers(2)
    take(first, worker=worker)
    collect_votes(study)
    lost, unknown = (
        take_here(second, worker_id=one.worker_id, assignment_id=f"3LOST{n}")
        for n, one in enumerate((worker, stranger))
    )
    for work in (lost, unknown):
        for trial in second.trials.all():
            VoteFactory.create(trial=trial, rater=work.rater, assignment=work, import_key=None)
    Assignment.objects.filter(pk__in=[lost.pk, unknown.pk]).update(state=AssignmentState.FINISHED)
    assert pay_lost_work(study).found == [], "there is time left"
    Assignment.objects.filter(pk__in=[lost.pk, unknown.pk]).update(
        started_at=timezone.now() - timedelta(hours=2)
    )
    told = "\n".join(pay_lost_work(study).lines())
    assert f"assignment {lost.pk}, lot 1: all answers saved: 0.10 USD" in told
    assert "no other work to pay it with" in told
    with pytest.raises(InputError, match="not said"):
        pay_lost_work(study, pays=True)
    with pytest.raises(InputError, match=f"assignment {unknown.pk}"):
        pay_lost_work(study, only=[lost.pk, unknown.pk], pays=True)
    assert paid() == [], "all of them or none"
    for _ in range(2):
        assert pay_lost_work(study, only=[lost.pk], pays=True).paid == 1
    assert paid() == [Decimal("0.10")]
