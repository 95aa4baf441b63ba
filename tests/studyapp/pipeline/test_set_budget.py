from __future__ import annotations

from decimal import Decimal

import pytest

from studyapp.errors import BudgetError, InputError
from studyapp.models import HIT, AuditEntry, Study
from studyapp.pipeline.publish import publish
from studyapp.pipeline.set_budget import set_budget
from tests.recruiting import Site, a_live_study

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(site: Site) -> Study:
    return a_live_study(images=2, trials_per_hit=1, raters_per_trial=2, accept_at=1)


def test_nothing_is_published_beyond_it(study: Study, site: Site) -> None:
    set_budget(study, amount=Decimal("0.47"))
    with pytest.raises(BudgetError, match=r"would cost 0\.48 USD on top of the 0\.00 USD"):
        publish(study)
    assert not HIT.objects.exists()
    assert site.offered() == []
    set_budget(study, amount=Decimal("0.48"))
    assert publish(study).opened == 2
    assert publish(study).opened == 0


def test_lots_stored_before_the_limit_was_lowered_are_not_sent(study: Study, site: Site) -> None:
    publish(study)
    HIT.objects.update(state="planned", hit_id=None, sent_at=None)
    summary = set_budget(study, amount=Decimal("0.10"))
    assert "already come to more" in summary.lines()[-1]
    with pytest.raises(BudgetError):
        publish(study)
    assert set(HIT.objects.values_list("state", flat=True)) == {"planned"}
    assert AuditEntry.objects.filter(verb="set_budget").get().summary == {"budget": "0.10"}


@pytest.mark.parametrize("amount", ["-1", "0.001", "NaN", "10000000"])
def test_amounts_that_cannot_be(study: Study, amount: str) -> None:
    with pytest.raises(InputError, match="whole cents"):
        set_budget(study, amount=Decimal(amount))
