from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom, binomtest
from statsmodels.stats.contingency_tables import SquareTable
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar

from studyapp.analytics.columns import Bool
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.paired import bowker, mcnemar, stuart_maxwell
from tests.studyapp.analytics.known import ends, holds, known


def verdicts_of(both: int, only_a: int, only_b: int, neither: int) -> tuple[Bool, Bool]:
    a = np.repeat([True, True, False, False], [both, only_a, only_b, neither])
    b = np.repeat([True, False, True, False], [both, only_a, only_b, neither])
    return a, b


def test_by_hand() -> None:
    """Nine images differ, 8 one way: two-sided p is 2 (1 + 9) / 512."""
    found = mcnemar(*verdicts_of(5, 8, 1, 6))
    assert found.estimate == 7 / 20
    assert found.p == pytest.approx(20 / 512)
    assert found.method == "McNemar (exact)"
    assert found.n == {"n_images": 20, "only_first": 8, "only_second": 1}
    assert found.se == pytest.approx(math.sqrt(9 - 49 / 20) / 20)
    mid = mcnemar(*verdicts_of(5, 8, 1, 6), method="mid_p")
    assert mid.p == pytest.approx((20 - 9) / 512)


def test_the_test_changes_at_25_differing_images() -> None:
    assert mcnemar(*verdicts_of(0, 12, 12, 1)).method == "McNemar (exact)"
    assert mcnemar(*verdicts_of(0, 12, 13, 1)).method == "McNemar (mid_p)"


def test_without_any_difference() -> None:
    """Tango's limits at b = c = 0 are -+ z^2 / (N + z^2)."""
    found = mcnemar([True, False], [True, False])
    z2 = 1.959963984540054**2
    assert (found.estimate, found.p, found.se) == (0, 1, 0)
    assert found.low == pytest.approx(-z2 / (2 + z2))
    assert found.high == pytest.approx(z2 / (2 + z2))
    assert "statistic" in json.loads(json.dumps(found.to_dict()))["undefined"]
    assert mcnemar([True], [True], method="chi2").p == 1


@pytest.mark.slow
@given(*[st.integers(0, 25)] * 2)
def test_statsmodels_and_scipy_agree_on_p(only_a: int, only_b: int) -> None:
    pair = verdicts_of(2, only_a, only_b, 3)
    table = [[2, only_a], [only_b, 3]]
    assert mcnemar(*pair, method="exact").p == pytest.approx(
        their_mcnemar(table, exact=True).pvalue
    )
    n = only_a + only_b
    if n:
        chi2 = mcnemar(*pair, method="chi2")
        theirs = their_mcnemar(table, exact=False, correction=False)
        assert chi2.statistic == pytest.approx(theirs.statistic)
        assert chi2.p == pytest.approx(theirs.pvalue)
        mid = min(1.0, binomtest(only_a, n).pvalue - binom.pmf(only_a, n, 0.5))
        if only_a == only_b:
            mid = 1 - binom.pmf(only_a, n, 0.5)
        # With b = c the one tail is above one half, and twice its mid-p is exactly 1.
        expected = 1.0 if only_a == only_b else mid
        assert mcnemar(*pair, method="mid_p").p == pytest.approx(expected)


@given(*[st.integers(0, 30)] * 4)
def test_tangos_limits_are_where_the_score_test_turns(
    both: int, only_a: int, only_b: int, neither: int
) -> None:
    """The likelihood is maximised numerically under each limit, not by the closed form."""
    n = both + only_a + only_b + neither
    if n == 0:
        return
    found = mcnemar(*verdicts_of(both, only_a, only_b, neither))
    low, high = ends(found)
    assert -1 <= low <= found.estimate <= high <= 1
    for limit, sign in ((low, 1), (high, -1)):
        if abs(limit) > 1 - 1e-6:
            continue
        score = (only_a - only_b - n * limit) / math.sqrt(
            n * (2 * likeliest(limit, only_a, only_b, both + neither) + limit - limit**2)
        )
        assert score == pytest.approx(sign * 1.959963984540054, abs=2e-3)


def likeliest(delta: float, only_a: int, only_b: int, alike: int) -> float:
    """The share q of images only the second holds on, the first's being q + delta."""

    def minus_log(q: float) -> float:
        shares = ((only_a, q + delta), (only_b, q), (alike, 1 - 2 * q - delta))
        return -sum(count * math.log(max(share, 1e-300)) for count, share in shares if count)

    ends = (max(0.0, -delta), (1 - delta) / 2)
    found = minimize_scalar(minus_log, bounds=ends, method="bounded", options={"xatol": 1e-13})
    return float(min((found.x, *ends), key=minus_log))


def test_swapping_turns_the_interval_round() -> None:
    a, b = verdicts_of(10, 7, 2, 40)
    one, other = mcnemar(a, b), mcnemar(b, a)
    low, high = ends(other)
    assert ends(one) == pytest.approx((-high, -low))
    assert one.p == other.p


@pytest.mark.slow
@pytest.mark.parametrize("shares", [(0.1, 0.05, 0.2), (0.02, 0.02, 0.5), (0.3, 0.1, 0.1)])
def test_the_paired_interval_covers_and_the_exact_test_keeps_its_level(
    shares: tuple[float, float, float],
) -> None:
    only_a, only_b, both = shares
    rng = np.random.default_rng(1)
    tables = rng.multinomial(80, [both, only_a, only_b, 1 - both - only_a - only_b], size=1500)
    found = [mcnemar(*verdicts_of(*map(int, table)), method="exact") for table in tables]
    hits = np.mean([holds(one, only_a - only_b) for one in found])
    assert 0.935 <= hits < 1
    if only_a == only_b:
        assert np.mean([known(one.p) <= 0.05 for one in found]) <= 0.05


tables = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 15), min_size=k, max_size=k), min_size=k, max_size=k)
)


@pytest.mark.slow
@given(tables)
def test_statsmodels_agrees_on_symmetry(rows: list[list[int]]) -> None:
    table = np.array(rows)
    found = bowker(table)
    off = table + table.T
    pairs = off[np.triu_indices(len(rows), 1)]
    if not pairs.any():
        assert (found.statistic, found.p) == (None, None)
        return
    theirs = SquareTable(table.astype(float), shift_zeros=False).symmetry()
    if pairs.all():
        assert found.df == theirs.df
        assert found.statistic == pytest.approx(theirs.statistic)
        assert found.p == pytest.approx(theirs.pvalue, abs=1e-12)


@given(st.lists(st.lists(st.integers(1, 15), min_size=3, max_size=3), min_size=3, max_size=3))
def test_statsmodels_agrees_on_margins(rows: list[list[int]]) -> None:
    found = stuart_maxwell(rows)
    theirs = SquareTable(np.array(rows, float), shift_zeros=False).homogeneity("stuart_maxwell")
    assert found.statistic == pytest.approx(theirs.statistic, abs=1e-8)
    assert found.df == theirs.df
    assert found.p == pytest.approx(theirs.pvalue, abs=1e-9)


def test_with_two_codes_both_are_mcnemar() -> None:
    table = [[10, 9], [3, 20]]
    chi2 = mcnemar(*verdicts_of(10, 9, 3, 20), method="chi2")
    for found in (bowker(table), stuart_maxwell(table)):
        assert found.statistic == pytest.approx(3.0)
        assert found.p == pytest.approx(chi2.p)
        assert (found.df, found.n) == (1, 42)


def test_a_code_that_nobody_uses_changes_nothing() -> None:
    table = np.array([[5, 9, 2], [3, 4, 1], [7, 2, 6]])
    wider = np.insert(np.insert(table, 1, 0, axis=0), 1, 0, axis=1)
    for test in (bowker, stuart_maxwell):
        assert test(wider).statistic == pytest.approx(test(table).statistic)
        assert test(wider).df == test(table).df


def test_codes_that_never_trade_make_separate_tests() -> None:
    """Codes 0, 1 trade with each other and 2, 3 do: two tests of one degree each."""
    table = np.zeros((4, 4), dtype=int)
    table[0, 1], table[1, 0], table[2, 3], table[3, 2] = 9, 3, 8, 2
    found = stuart_maxwell(table)
    assert found.statistic == pytest.approx(36 / 12 + 36 / 10)
    assert found.df == 2


def test_same_codes_everywhere() -> None:
    for test in (bowker, stuart_maxwell):
        data = json.loads(json.dumps(test([[4, 0], [0, 2]]).to_dict()))
        assert (data["statistic"], data["p"], data["n"]) == (None, None, 6)
        assert "no item has two different codes" in data["undefined"]["p"]


def test_bad_input_is_refused() -> None:
    with pytest.raises(ColumnError, match="no images to compare"):
        mcnemar([], [])
    with pytest.raises(ColumnError, match="Column b has 1 rows where 2"):
        mcnemar([True, False], [True])
    with pytest.raises(RuleError, match="use one of auto, exact, mid_p, chi2"):
        mcnemar([True], [True], method="wald")
    with pytest.raises(RuleError, match="level=0"):
        mcnemar([True], [True], level=0)
    with pytest.raises(ColumnError, match="as many rows as columns"):
        bowker([[1, 2]])
    with pytest.raises(ColumnError, match="negative count"):
        stuart_maxwell([[1, -1], [0, 1]])
