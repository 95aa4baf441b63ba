from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact as scipy_fisher

from studyapp.analytics import RuleError, fisher_exact


@pytest.mark.slow
@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_the_p_of_scipy(n1: int, n2: int, data: st.DataObject) -> None:
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    found = fisher_exact(k1, n1=n1, k2=k2, n2=n2)
    wanted = scipy_fisher([[k1, n1 - k1], [k2, n2 - k2]]).pvalue
    assert found.p == pytest.approx(wanted, rel=1e-6)
    assert found.estimate == pytest.approx(k1 / n1 - k2 / n2)
    assert found.low is not None and found.high is not None  # noqa: PT018
    assert found.low <= found.estimate <= found.high


def test_the_basketball_shares_at_two_sizes() -> None:
    # The same shares, nearly: how many images there are is the whole argument.
    assert fisher_exact(7, n1=9, k2=2, n2=10).p == pytest.approx(0.023, abs=5e-4)
    assert fisher_exact(39, n1=50, k2=10, n2=50).p == pytest.approx(8e-9, rel=0.05)


def test_shares_that_cannot_differ() -> None:
    assert fisher_exact(0, n1=5, k2=0, n2=9).p == 1
    with pytest.raises(RuleError):
        fisher_exact(6, n1=5, k2=0, n2=9)
