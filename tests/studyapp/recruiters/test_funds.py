from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from studyapp.cost import cost_of_hits
from studyapp.recruiters.funds import funds_warnings
from tests.recruiting import Site

COST = cost_of_hits(10, trials=100, raters_per_hit=5, reward=Decimal("10"))


@pytest.mark.django_db(transaction=True)
def test_enough_and_too_little(site: Site) -> None:
    little = cost_of_hits(1, trials=1, raters_per_hit=1, reward=Decimal("1"))
    assert funds_warnings("marketplace", cost=little) == ()
    huge = cost_of_hits(100, trials=100, raters_per_hit=5, reward=Decimal("10"))
    (warning,) = funds_warnings("marketplace", cost=huge)
    assert "the account has 1,000.00 USD and the study costs 6,000.00 USD" in warning


def test_no_answer_is_a_warning(settings: Settings) -> None:
    settings.MARKETPLACE_CREDENTIALS = "/nonexistent/keys"
    (warning,) = funds_warnings("marketplace", cost=COST)
    assert warning.startswith("the balance is not known: /nonexistent/keys")
