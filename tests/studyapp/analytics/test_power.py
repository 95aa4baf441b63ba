from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import power_proportions_2indep, samplesize_confint_proportion

from studyapp.analytics import RuleError
from studyapp.analytics.power import (
    detectable_paired,
    detectable_two_arms,
    power_halfwidth,
    power_two_arms,
    size_for_halfwidth,
    size_paired,
    size_two_arms,
)

#: ResNet-101 of Table 1: 11,345 errors of 50,000 images, 6,610 of them accepted.
RESNET_101: dict[str, Any] = {"n_images": 50_000, "m": 11_345, "a": 6_610 / 11_345}


@pytest.mark.parametrize(
    ("n", "points"), [(200, "1.54"), (500, "0.96"), (1000, "0.66"), (2000, "0.45"), (4000, "0.28")]
)
def test_halfwidths_for_resnet_101(n: int, points: str) -> None:
    half = power_halfwidth(**RESNET_101, n=n)
    assert f"{100 * half:.2f}" == points


@pytest.mark.parametrize(("points", "n"), [(1, 462), (0.5, 1645), (0.25, 4586), (0.1, 9180)])
def test_sizes_for_resnet_101(points: float, n: int) -> None:
    assert size_for_halfwidth(**RESNET_101, halfwidth=points / 100) == n


def test_a_census_leaves_nothing_but_the_raters() -> None:
    assert power_halfwidth(1000, m=100, a=0.5, n=100) == 0
    half = power_halfwidth(1000, m=100, a=0.5, n=100, deff=1.5)
    assert half == pytest.approx(1.959964 * 0.1 * math.sqrt(0.25 * 0.5 / 100), rel=1e-6)


def test_without_a_finite_population_statsmodels_gives_the_size() -> None:
    found = size_for_halfwidth(10**12, m=10**12, a=0.3, halfwidth=0.02)
    other = samplesize_confint_proportion(0.3, 0.02, alpha=0.05)
    assert found == math.ceil(other)


def test_a_design_effect_multiplies_the_size() -> None:
    small = size_for_halfwidth(50_000, m=11_345, a=0.5, halfwidth=0.01)
    assert size_for_halfwidth(50_000, m=11_345, a=0.5, halfwidth=0.01, deff=3) == pytest.approx(
        3 * small, abs=3
    )


@pytest.mark.slow
@given(st.integers(2, 5000), st.floats(0.01, 0.99), st.floats(1, 5), st.data())
def test_the_size_is_the_smallest_that_gives_the_halfwidth(
    m: int, a: float, deff: float, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, m))
    half = power_halfwidth(10_000, m=m, a=a, n=n, deff=deff)
    if half < 1e-6:
        return
    found = size_for_halfwidth(10_000, m=m, a=a, halfwidth=half * (1 + 1e-9), deff=deff)
    assert found == n


def test_a_halfwidth_that_all_errors_do_not_give_is_refused() -> None:
    with pytest.raises(RuleError, match="ask more raters"):
        size_for_halfwidth(1000, m=100, a=0.5, halfwidth=0.001, deff=2)


def test_halfwidth_holds_in_a_simulation() -> None:
    """Draw n of the m errors 20,000 times: 95 % of the estimates lie within it."""
    rng = np.random.default_rng(3)
    draws = rng.hypergeometric(660, 1135 - 660, 300, size=20_000) / 300
    half = power_halfwidth(5000, m=1135, a=660 / 1135, n=300)
    inside = np.abs(1135 / 5000 * (draws - 660 / 1135)) <= half
    assert inside.mean() == pytest.approx(0.95, abs=0.01)


def test_table_2_needs_391_images_in_each_setting() -> None:
    assert size_two_arms(0.2201, p2=0.3080) == 391
    assert power_two_arms(0.2201, p2=0.3080, n=391) == pytest.approx(0.8, abs=0.001)


def test_table_3_needs_many_times_its_236_answers() -> None:
    """Adversarial prototypes with criticisms against random, 57.06 against 49.80."""
    assert size_two_arms(0.5706, p2=0.4980) == 738
    assert size_two_arms(0.5706, p2=0.4980, comparisons=21) == 1414
    assert power_two_arms(0.5706, p2=0.4980, n=236) < 0.4


@pytest.mark.parametrize(("p1", "p2", "n"), [(0.22, 0.31, 391), (0.5, 0.6, 200), (0.1, 0.9, 12)])
def test_statsmodels_gives_the_power(p1: float, p2: float, n: int) -> None:
    """Its method leaves the variances apart under the alternative; ours under both."""
    variance = (p1 * (1 - p1) + p2 * (1 - p2)) / n
    by_hand = norm.cdf(abs(p1 - p2) / math.sqrt(variance) - norm.ppf(0.975))
    assert power_two_arms(p1, p2=p2, n=n) == pytest.approx(by_hand)
    other = power_proportions_2indep(p1 - p2, p2, n, return_results=False)
    assert power_two_arms(p1, p2=p2, n=n) == pytest.approx(float(other), abs=0.04)


def test_two_arms_reach_their_power_in_a_simulation() -> None:
    rng = np.random.default_rng(4)
    n = size_two_arms(0.45, p2=0.55)
    low, high = (rng.binomial(n, p, size=20_000) / n for p in (0.45, 0.55))
    z = (high - low) / np.sqrt((low * (1 - low) + high * (1 - high)) / n)
    assert (z > 1.959964).mean() == pytest.approx(0.8, abs=0.015)


def test_pairs_reach_their_power_in_a_simulation() -> None:
    """McNemar's z on multinomial draws; a tenth more of one kind of difference."""
    rng = np.random.default_rng(5)
    n = size_paired(0.1, discordant=0.3)
    cells = rng.multinomial(n, [0.2, 0.1, 0.7], size=20_000)
    z = (cells[:, 0] - cells[:, 1]) / np.sqrt(cells[:, 0] + cells[:, 1])
    assert (z > 1.959964).mean() == pytest.approx(0.8, abs=0.02)


def test_pairs_need_fewer_images_than_arms() -> None:
    """Table 2's two settings show the same images; the discordant share is not printed."""
    assert size_paired(0.0879, discordant=0.2) < size_two_arms(0.2201, p2=0.3080)
    assert size_paired(-0.1, discordant=0.3) == size_paired(0.1, discordant=0.3)


@given(st.floats(0.02, 0.9), st.integers(50, 5000), st.floats(1, 3))
def test_the_detectable_difference_needs_just_that_size(p1: float, n: int, deff: float) -> None:
    try:
        found = detectable_two_arms(p1, n=n, deff=deff)
    except RuleError:
        # Even a share of 1 is not far enough from p1.
        assert size_two_arms(p1, p2=1.0, deff=deff) >= n
        return
    assert size_two_arms(p1, p2=p1 + found * (1 + 1e-9), deff=deff) == n
    if n > 50:
        assert detectable_two_arms(p1, n=n - 1, deff=deff) > found


@given(st.floats(0.05, 1), st.integers(200, 5000))
def test_the_detectable_paired_difference_needs_just_that_size(discordant: float, n: int) -> None:
    found = detectable_paired(n, discordant=discordant)
    assert 0 < found <= discordant
    assert size_paired(found * (1 + 1e-9), discordant=discordant) == n


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: power_halfwidth(10, m=11, a=0.5, n=1), "m=11 errors of 10"),
        (lambda: power_halfwidth(10, m=5, a=0.5, n=6), "n=6 of m=5"),
        (lambda: power_halfwidth(10, m=5, a=1.0, n=5), "leaves nothing to estimate"),
        (lambda: power_halfwidth(10, m=5, a=0.5, n=5, deff=0.5), "deff=0.5"),
        (lambda: power_halfwidth(10, m=5, a=0.5, n=5, level=1), "is no confidence"),
        (lambda: size_for_halfwidth(10, m=5, a=0.5, halfwidth=0), "halfwidth=0"),
        (lambda: size_two_arms(0.5, p2=0.5), "cannot be told apart"),
        (lambda: size_two_arms(0.0, p2=1.0), "need no plan"),
        (lambda: size_two_arms(0.5, p2=0.6, power=0.2), "no chance to plan for"),
        (lambda: size_two_arms(0.5, p2=0.6, comparisons=0), "comparisons=0"),
        (lambda: size_paired(0.3, discordant=0.2), "no larger"),
        (lambda: size_paired(0.3, discordant=1.2), "discordant=1.2"),
        (lambda: power_two_arms(0.5, p2=0.6, n=0), "n=0 cannot be"),
        (lambda: detectable_two_arms(1.0, n=10), "p1=1.0 cannot be"),
        (lambda: detectable_two_arms(0.9, n=5), "look for a difference below"),
        (lambda: detectable_paired(3, discordant=0.1), "tell no difference"),
    ],
)
def test_what_cannot_be_planned_is_refused(call: Any, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        call()
