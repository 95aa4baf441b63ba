from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace import models as offers
from studyapp.errors import BudgetError, InputError, StudyError
from studyapp.models import HIT, Assignment, RaterIdentity, Study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.pipeline.publish import publish
from studyapp.pipeline.set_budget import set_budget
from studyapp.recruiters.spending import spending
from tests.recruiting import Site, a_live_study, new_workers, take

pytestmark = pytest.mark.django_db(transaction=True)
HALF = Decimal("0.50")


@pytest.fixture
def study(site: Site) -> Study:
    study = a_live_study(images=1, raters_per_trial=2, accept_at=1)
    publish(study)
    take(HIT.objects.get(), worker=new_workers(1)[0])
    return study


def test_the_same_bonus_is_paid_once(study: Study) -> None:
    work = Assignment.objects.get()
    with pytest.raises(StudyError, match="not handed in yet"):
        pay_bonus(study, work.pk, amount=HALF, reason="Careful work.")
    collect_votes(study)
    # Who they are may be forgotten: the marketplace says whom to pay.
    RaterIdentity.objects.all().delete()
    first = pay_bonus(study, work.pk, amount=HALF, reason="Careful work.")
    assert first.lines() == [f"{study.name}, assignment {work.pk}: 0.50 USD + fee 0.10 USD paid."]
    again = pay_bonus(study, work.pk, amount=Decimal("0.5"), reason=" Careful work. ")
    assert again.before
    assert "was paid before" in again.lines()[0]
    assert offers.BonusPayment.objects.count() == 1
    pay_bonus(study, work.pk, amount=HALF, reason="The page failed you.")
    assert offers.BonusPayment.objects.count() == 2
    assert spending(study).bonuses == Decimal("1.20")


@pytest.mark.parametrize("amount", ["0", "0.005", "-1", "10000.01", "NaN", "Infinity"])
def test_amounts_that_cannot_be(study: Study, amount: str) -> None:
    collect_votes(study)
    work = Assignment.objects.get()
    with pytest.raises(InputError, match="whole cents"):
        pay_bonus(study, work.pk, amount=Decimal(amount), reason="x")


def test_the_budget_holds(study: Study) -> None:
    collect_votes(study)
    work = Assignment.objects.get()
    set_budget(study, amount=Decimal("0.83"))  # 2 x 0.12 are committed; the bonus is 0.60
    with pytest.raises(BudgetError, match=r"0\.60 USD on top of the 0\.24 USD"):
        pay_bonus(study, work.pk, amount=HALF, reason="Careful work.")
    set_budget(study, amount=Decimal("0.84"))
    pay_bonus(study, work.pk, amount=HALF, reason="Careful work.")
    assert pay_bonus(study, work.pk, amount=HALF, reason="Careful work.").before
    with pytest.raises(InputError, match="no assignment"):
        pay_bonus(study, work.pk + 1, amount=HALF, reason="x")
