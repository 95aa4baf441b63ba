from __future__ import annotations

import json
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from studyapp.analytics.columns import Bool, Float64, Int64
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.finite_population import hypergeometric_ends
from studyapp.analytics.subsample import Estimate, subsample_estimate
from tests.peers import peer
from tests.studyapp.analytics.known import known

#: ResNet-101 of Table 1 in whole images: all, errors, accepted.
N, M, A = 50_000, 11_345, 6_610


def codes(accepted: int, n: int) -> Int64:
    return np.repeat([1, 0], [accepted, n - accepted])


@pytest.mark.parametrize(
    ("n", "half"), [(200, "1.54"), (500, "0.96"), (1000, "0.66"), (2000, "0.45"), (4000, "0.28")]
)
def test_half_widths_for_resnet_101(n: int, half: str) -> None:
    found = subsample_estimate(N, n_errors=M, verdict=codes(round(n * A / M), n))
    assert f"{100 * 1.959964 * found.se:.2f}" == half
    assert 100 * (found.high - found.low) / 2 == pytest.approx(float(half), abs=0.015)
    assert found.rectified_top1_error == pytest.approx(0.0947, abs=6e-4)


def test_by_hand() -> None:
    """3 of 10 drawn of 40 errors of 100 images: a 0.3, s^2 = 2.1 / 9, three quarters unasked."""
    found = subsample_estimate(100, n_errors=40, verdict=[1, 1, 1, 0, 0, 0, 0, 0, -1, -1])
    assert found.accepted_share == 0.3
    assert found.rectified_top1_error == pytest.approx(0.28)
    assert found.se == pytest.approx(0.4 * math.sqrt(2.1 / 9 / 10 * 0.75))
    assert (found.n_sampled, found.n_accepted, found.n_undecided) == (10, 3, 2)
    assert found.effective_n == pytest.approx(0.21 / (2.1 / 9 / 10 * 0.75))
    assert (found.saving, found.rho, found.smallest_stratum) == (0, None, None)
    low, high = proportion_confint(
        0.3 * known(found.effective_n), known(found.effective_n), method="wilson"
    )
    assert found.low == pytest.approx(0.4 * (1 - high))
    assert found.high == pytest.approx(0.4 * (1 - low))
    assert json.loads(json.dumps(found.to_dict()))["rho"] is None


def test_a_sample_of_all_is_a_census() -> None:
    for exact in (False, True):
        found = subsample_estimate(N, n_errors=M, verdict=codes(A, M), exact=exact)
        assert found.low == found.high == pytest.approx(0.0947)
        assert found.se == 0
        assert f"{found.rectified_top1_error:.4f}" == "0.0947"


def test_nothing_accepted_still_has_an_interval() -> None:
    found = subsample_estimate(1000, n_errors=500, verdict=codes(0, 50))
    assert (found.se, found.effective_n, found.saving) == (0, None, None)
    assert found.high == 0.5
    assert 0.45 < found.low < 0.48


def test_strata_by_hand() -> None:
    """Half of 10 of 60 and a tenth of 10 of 40 errors: a = 0.6 * 0.5 + 0.4 * 0.1."""
    found = subsample_estimate(
        200,
        n_errors=100,
        verdict=[1] * 5 + [0] * 5 + [1] + [0] * 9,
        stratum=[0] * 10 + [2] * 10,
        stratum_sizes=[60, 0, 40],
    )
    assert found.accepted_share == pytest.approx(0.34)
    variance = 0.36 * 0.25 / 9 * (1 - 1 / 6) + 0.16 * 0.09 / 9 * (1 - 1 / 4)
    assert found.se == pytest.approx(0.5 * math.sqrt(variance))
    assert found.smallest_stratum == 10
    simple = subsample_estimate(200, n_errors=100, verdict=[1] * 6 + [0] * 14)
    assert found.saving == pytest.approx(1 - (found.se / simple.se) ** 2)


def test_one_stratum_is_the_simple_estimate() -> None:
    simple = subsample_estimate(90, n_errors=50, verdict=codes(7, 20))
    found = subsample_estimate(
        90, n_errors=50, verdict=codes(7, 20), stratum=[0] * 20, stratum_sizes=[50]
    )
    assert found.se == pytest.approx(simple.se)
    assert found.low == pytest.approx(simple.low)
    assert found.saving == pytest.approx(0)


def world(seed: int, *, m: int = 3000) -> tuple[Bool, Float64, np.random.Generator]:
    """Errors of which some are acceptable, with a score that tells something of it."""
    rng = np.random.default_rng(seed)
    proxy = np.clip(rng.beta(0.8, 2.4, m), 0, 1)
    return rng.random(m) < proxy, proxy, rng


def powered(accepted: Bool, proxy: Float64, drawn: Int64) -> Estimate:
    return subsample_estimate(
        4 * proxy.size,
        n_errors=proxy.size,
        verdict=accepted[drawn].astype(int),
        proxy_sampled=proxy[drawn],
        proxy_all=proxy,
    )


def test_prediction_powered_is_the_regression_estimator() -> None:
    """The second way: least squares of the verdict on the proxy, read at the proxy's mean."""
    accepted, proxy, rng = world(1)
    drawn = rng.choice(proxy.size, 300, replace=False)
    found = powered(accepted, proxy, drawn)
    slope, intercept = np.polyfit(proxy[drawn], accepted[drawn], 1)
    assert found.accepted_share == pytest.approx(intercept + slope * proxy.mean())
    left = accepted[drawn] - intercept - slope * proxy[drawn]
    variance = (left**2).sum() / 298 / 300 * (1 - 300 / 3000)
    assert found.se == pytest.approx(math.sqrt(variance) / 4)
    assert found.rho == pytest.approx(np.corrcoef(accepted[drawn], proxy[drawn])[0, 1])
    assert found.saving == pytest.approx(1 - (1 - known(found.rho) ** 2) * 299 / 298)


def test_ppi_python_gives_the_same_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Theirs keeps sampled errors and the others apart, so that its L is ours times 1 - n / m."""
    # It compiles one function that a mean has no need of; numba is not installed for that.
    monkeypatch.setitem(sys.modules, "numba", SimpleNamespace(njit=lambda function: function))
    ppi = peer("ppi_py")
    accepted, proxy, rng = world(2)
    drawn = rng.choice(proxy.size, 400, replace=False)
    others = np.setdiff1d(np.arange(proxy.size), drawn)
    found = powered(accepted, proxy, drawn)
    slope = np.cov(accepted[drawn], proxy[drawn])[0, 1] / proxy[drawn].var(ddof=1)
    columns = accepted[drawn].astype(float), proxy[drawn], proxy[others]
    theirs = ppi.ppi_mean_pointestimate(*columns, lam=slope * (1 - 400 / 3000))
    assert found.accepted_share == pytest.approx(float(theirs[0]), abs=1e-12)
    # Left to itself theirs takes the variance of the proxy from both parts.
    tuned = ppi.ppi_mean_pointestimate(*columns)
    assert found.accepted_share == pytest.approx(float(tuned[0]), abs=0.4 * found.se)


def test_a_proxy_that_says_nothing_changes_nothing() -> None:
    simple = subsample_estimate(90, n_errors=50, verdict=codes(7, 20))
    found = subsample_estimate(
        90, n_errors=50, verdict=codes(7, 20), proxy_sampled=[0.5] * 20, proxy_all=[0.5] * 50
    )
    assert (found.accepted_share, found.rho) == (simple.accepted_share, 0)
    assert found.se == pytest.approx(simple.se * math.sqrt(19 / 18))


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 400])
def test_the_intervals_cover(n: int) -> None:
    accepted, proxy, rng = world(3)
    stratum = np.digitize(proxy, [0.1, 0.3])
    sizes = np.bincount(stratum)
    truth = (1 - accepted.mean()) / 4
    hits = np.zeros(3)
    for _ in range(1000):
        drawn = rng.choice(proxy.size, n, replace=False)
        verdict = accepted[drawn].astype(int)
        by_stratum = np.concatenate(
            [rng.choice(np.flatnonzero(stratum == h), n // 3, replace=False) for h in range(3)]
        )
        found = (
            subsample_estimate(12_000, n_errors=3000, verdict=verdict),
            subsample_estimate(
                12_000,
                n_errors=3000,
                verdict=accepted[by_stratum].astype(int),
                stratum=stratum[by_stratum],
                stratum_sizes=sizes,
            ),
            powered(accepted, proxy, drawn),
        )
        hits += [one.low <= truth <= one.high for one in found]
    assert (hits / 1000 >= 0.935).all()
    assert (hits < 1000).all()


def test_the_exact_interval_is_that_of_the_accepted_turned_round() -> None:
    found = subsample_estimate(90, n_errors=60, verdict=codes(7, 30), exact=True)
    low, high = hypergeometric_ends(7, n=30, population=60, level=0.95)
    assert (found.low, found.high) == (60 / 90 * (1 - high), 60 / 90 * (1 - low))
    assert found.method == "simple, hypergeometric"


@pytest.mark.slow
@given(st.integers(2, 40), st.integers(0, 60), st.data())
def test_the_interval_holds_the_estimate_and_stays_possible(
    n: int, more: int, data: st.DataObject
) -> None:
    m = n + more
    verdict = data.draw(st.lists(st.integers(-1, 1), min_size=n, max_size=n))
    found = subsample_estimate(2 * m, n_errors=m, verdict=verdict)
    assert -1e-12 <= found.low <= found.rectified_top1_error + 1e-12
    assert found.rectified_top1_error - 1e-12 <= found.high <= 0.5 + 1e-12


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"n_errors": 11}, RuleError, "11 errors of 10 images"),
        ({"verdict": [1]}, ColumnError, "1 verdicts are no sample of 8 errors"),
        ({"verdict": [1, 2]}, ColumnError, "Row 1 of column verdict holds 2"),
        ({"level": 1.0}, RuleError, "between 0 and 1"),
        ({"stratum": [0, 0, 0]}, RuleError, "stratum and stratum_sizes one is missing"),
        ({"proxy_all": [0.0] * 8}, RuleError, "proxy_sampled and proxy_all one is missing"),
        (
            {"stratum": [0, 0, 0], "stratum_sizes": [8], "exact": True},
            RuleError,
            "cannot be combined",
        ),
        ({"stratum": [0, 0, 0], "stratum_sizes": [7]}, ColumnError, "sums to 7"),
        ({"stratum": [0, 0, 1], "stratum_sizes": [4, 4]}, ColumnError, "Stratum 1 has 1 sampled"),
        ({"stratum": [0, 0, 0], "stratum_sizes": [4, 4]}, ColumnError, "Stratum 1 has 0 sampled"),
        ({"proxy_sampled": [0, 0, 0], "proxy_all": [1.0]}, ColumnError, "proxy_all has 1 rows"),
        (
            {"verdict": [1, 0], "proxy_sampled": [0, 0], "proxy_all": [0.0] * 8},
            ColumnError,
            "at least three",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(
    wrong: dict[str, object], error: type[Exception], message: str
) -> None:
    options = {"n_errors": 8, "verdict": [1, 0, 1]} | wrong
    with pytest.raises(error, match=message):
        subsample_estimate(10, **options)  # type: ignore[arg-type]
