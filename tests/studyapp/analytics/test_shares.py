from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from studyapp.analytics import ColumnError, RuleError, proportion_ci
from studyapp.analytics.shares import shares

COUNTS = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.slow
@settings(max_examples=50)
@given(st.lists(COUNTS, min_size=1, max_size=8), st.floats(0.5, 0.999))
def test_every_row_has_the_interval_of_its_proportion(
    rows: list[tuple[int, int]], level: float
) -> None:
    found = shares(np.array([k for k, _ in rows]), n=[n for _, n in rows], level=level)
    for place, (k, n) in enumerate(rows):
        one = proportion_ci(k, n=n, level=level)
        assert found.share[place] == k / n
        assert found.low[place] == pytest.approx(one.low, abs=1e-15)
        assert found.high[place] == pytest.approx(one.high, abs=1e-15)
        assert 0 <= found.low[place] <= found.share[place] <= found.high[place] <= 1


def test_statsmodels_agrees() -> None:
    k, n = np.array([1, 30, 77]), np.array([9, 40, 132])
    low, high = proportion_confint(k, n, method="wilson")
    found = shares(k, n=n)
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)


def test_without_a_denominator_there_is_no_share_and_it_is_counted() -> None:
    found = shares(np.array([0, 3]), n=[0, 4])
    assert (len(found), found.n_undefined) == (2, 1)
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["share"] == [None, 0.75]
    assert data["ci_low"][0] is data["ci_high"][0] is None
    assert data["n_undefined"] == 1


def test_sums_of_fractions_are_shares_too() -> None:
    """Ten tenths pass 1 by rounding in some orders, which is not an error."""
    tenths = np.array([sum([0.1] * 3), 1.0 + 2e-16])
    found = shares(tenths, n=[3, 1])
    assert found.share == pytest.approx([0.1, 1.0])
    assert found.share.max() <= 1
    assert found.k.dtype == np.float64


@pytest.mark.parametrize(
    ("k", "n", "message"),
    [
        ([2], [1], "Row 0 has 2 of 1"),
        ([0, -1], [1, 1], "Row 1 has -1 of 1"),
        ([1], [1, 1], "one of both per row"),
        ([1], [[1]], "one of both per row"),
    ],
)
def test_what_is_no_share_is_refused(k: list[int], n: list[int], message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        shares(np.array(k), n=n)


def test_a_level_outside_0_and_1_is_refused() -> None:
    with pytest.raises(RuleError, match=r"level=1\.5 is no confidence"):
        shares(np.array([1]), n=[1], level=1.5)


def test_the_columns_are_read_only() -> None:
    found = shares(np.array([1]), n=[2])
    with pytest.raises(ValueError, match="read-only"):
        found.share[0] = 0
