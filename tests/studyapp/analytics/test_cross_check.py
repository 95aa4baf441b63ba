from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from studyapp.analytics import RuleError
from studyapp.analytics.cross_check import failure_rate


@pytest.mark.slow
@given(k=st.integers(0, 60), more=st.integers(1, 600), level=st.sampled_from([0.9, 0.95, 0.99]))
def test_the_limit_is_exact(k: int, more: int, level: float) -> None:
    """Under a rate at the limit, k or fewer come up with probability 1 - level, no more."""
    found = failure_rate(
        n_decided=10_000,
        n_drawn=k + more,
        n_agreed=more,
        n_contradicted=k,
        n_unsure=0,
        level=level,
    )
    assert found.rate == k / (k + more)
    assert found.upper is not None
    assert binom.cdf(k, k + more, found.upper) == pytest.approx(1 - level, rel=1e-6)
    _, other = proportion_confint(k, k + more, alpha=2 * (1 - level), method="beta")
    assert found.upper == pytest.approx(other, rel=1e-9)


def test_no_contradiction_in_300_is_the_rule_of_three() -> None:
    found = failure_rate(n_decided=6610, n_drawn=320, n_agreed=300, n_contradicted=0, n_unsure=20)
    assert (found.n, found.rate) == (300, 0.0)
    assert found.upper == pytest.approx(1 - 0.05 ** (1 / 300))
    assert found.upper == pytest.approx(3 / 300, rel=0.01)
    assert found.worst_upper == pytest.approx(
        proportion_confint(20, 320, alpha=0.1, method="beta")[1]
    )


def test_nothing_answered_has_no_rate() -> None:
    found = failure_rate(n_decided=5, n_drawn=3, n_agreed=0, n_contradicted=0, n_unsure=0)
    assert (found.rate, found.upper, found.worst_upper) == (None, None, None)


@pytest.mark.parametrize("counts", [(3, 4, 0, 0, 0), (9, 3, 2, 1, 1), (9, 3, -1, 1, 1)])
def test_counts_that_cannot_be(counts: tuple[int, ...]) -> None:
    names = ("n_decided", "n_drawn", "n_agreed", "n_contradicted", "n_unsure")
    with pytest.raises(RuleError, match="at most the next"):
        failure_rate(**dict(zip(names, counts, strict=True)))
