from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from studyapp.analytics import RuleError, proportion_ci

STATSMODELS = {"wilson": "wilson", "clopper_pearson": "beta", "jeffreys": "jeffreys"}


def test_a_hand_example() -> None:
    """81 of 263, Wilson, the worked example of Newcombe (1998): 0.2553 to 0.3662."""
    interval = proportion_ci(81, n=263)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize("method", STATSMODELS)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
@pytest.mark.parametrize(
    ("k", "n"), [(1, 2), (3, 10), (188, 854), (4735, 50_000), (49_999, 50_000)]
)
def test_statsmodels_gives_the_same(method: str, level: float, k: int, n: int) -> None:
    interval = proportion_ci(k, n=n, method=method, level=level)
    low, high = proportion_confint(k, n, alpha=1 - level, method=STATSMODELS[method])
    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize("n", [8, 50, 854])
def test_nominal_95_per_cent_cover_as_often_as_they_say(n: int) -> None:
    """Summed over everything that can come out: the exact interval never covers less than 95 %,
    Wilson's at least 93.5 % on average over shares, as Brown, Cai and DasGupta (2001) have it."""
    shares = np.linspace(0.005, 0.995, 199)
    chance = binom.pmf(np.arange(n + 1)[:, None], n, shares)
    covered = {}
    for method in ("clopper_pearson", "wilson"):
        found = [proportion_ci(k, n=n, method=method) for k in range(n + 1)]
        low, high = (np.array([[getattr(one, end)] for one in found]) for end in ("low", "high"))
        covered[method] = (chance * ((low <= shares) & (shares <= high))).sum(axis=0)
    assert covered["clopper_pearson"].min() >= 0.95
    assert 0.935 <= covered["wilson"].mean() < 0.97


@pytest.mark.parametrize("k", [0, 7])
@pytest.mark.parametrize(
    ("method", "scipy_name"), [("wilson", "wilson"), ("clopper_pearson", "exact")]
)
def test_scipy_gives_the_same_at_the_ends(method: str, scipy_name: str, k: int) -> None:
    interval = proportion_ci(k, n=7, method=method)
    expected = binomtest(k, 7).proportion_ci(0.95, method=scipy_name)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_jeffreys_reaches_the_ends() -> None:
    assert proportion_ci(0, n=9, method="jeffreys").low == 0
    assert proportion_ci(9, n=9, method="jeffreys").high == 1


@given(
    st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from(sorted(STATSMODELS)),
    st.floats(0.01, 0.9999),
)
def test_the_share_lies_inside_and_the_ends_in_range(
    share: tuple[int, int], method: str, level: float
) -> None:
    k, n = share
    interval = proportion_ci(k, n=n, method=method, level=level)
    assert 0 <= interval.low <= interval.high <= 1
    # A Jeffreys interval at a low level can lie to one side of a share near 0 or 1.
    if method != "jeffreys":
        assert interval.low <= k / n <= interval.high


@pytest.mark.parametrize(
    ("k", "n", "options", "message"),
    [
        (0, 0, {}, "0 of 0 is no share"),
        (3, 2, {}, "3 of 2 is no share"),
        (-1, 2, {}, "-1 of 2 is no share"),
        (1, 2, {"level": 1.0}, "level=1.0"),
        (1, 2, {"level": 95.0}, "level=95.0"),
        (1, 2, {"method": "wald"}, "use one of wilson, clopper_pearson, jeffreys"),
    ],
)
def test_nonsense_is_refused(k: int, n: int, options: dict[str, float], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        proportion_ci(k, n=n, **options)  # type: ignore[arg-type]  # a method is text, a level is not


def test_it_is_json_safe() -> None:
    assert proportion_ci(1, n=4, method="clopper_pearson").to_dict()["method"] == "clopper_pearson"
