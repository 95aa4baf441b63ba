from __future__ import annotations

import math

import numpy as np
import pytest

from studyapp.analytics import RuleError, proportion_ci
from studyapp.analytics.sampling import Sampled, with_sampling


def test_by_hand() -> None:
    """Half of a part of 40 of 100 images was asked; 8 of the 20 count."""
    found = with_sampling(
        0.16, parts=[Sampled(n_yes=8, n=20, population=40)], n=100, method="wilson", level=0.95
    )
    image, part = proportion_ci(16, n=100), proportion_ci(8, n=20)
    below = math.hypot(0.16 - image.low, 0.4 * math.sqrt(0.5) * (0.4 - part.low))
    above = math.hypot(image.high - 0.16, 0.4 * math.sqrt(0.5) * (part.high - 0.4))
    assert (found.low, found.high) == pytest.approx((0.16 - below, 0.16 + above))
    assert found.method.startswith("wilson,")


@pytest.mark.parametrize("method", ["wilson", "clopper_pearson", "jeffreys"])
def test_a_part_that_was_asked_whole_adds_nothing(method: str) -> None:
    found = with_sampling(
        0.3, parts=[Sampled(n_yes=9, n=20, population=20)], n=50, method=method, level=0.9
    )
    alone = proportion_ci(15, n=50, method=method, level=0.9)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))


def test_the_two_variances_are_that_of_the_estimate() -> None:
    """e q with e of N images and q of n of the m errors: the delta method, by another way."""
    n_images, m, n, q = 5_000_000, 1_000_000, 400_000, 0.3
    e = m / n_images
    found = with_sampling(
        e * q,
        parts=[Sampled(n_yes=round(q * n), n=n, population=m)],
        n=n_images,
        method="wilson",
        level=0.95,
    )
    variance = q * q * e * (1 - e) / n_images + e * e * q * (1 - q) / n
    half = 1.959964 * math.sqrt(variance)
    assert found.high - found.low == pytest.approx(2 * half, rel=1e-4)


@pytest.mark.parametrize("high", [False, True])
def test_the_ends_stay_shares(high: bool) -> None:
    """Two distances, each a little less than the share itself, are more than it in squares."""
    part = Sampled(n_yes=9 if high else 1, n=10, population=20)
    share = 0.98 if high else 0.02
    found = with_sampling(share, parts=[part], n=100, method="clopper_pearson", level=0.95)
    assert (found.high == 1) if high else (found.low == 0)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(RuleError, match="unknown"):
        with_sampling(0.5, parts=[], n=10, method="wald", level=0.95)


@pytest.mark.parametrize(("error", "q", "n"), [(0.27, 0.9, 60), (0.3, 0.4, 150), (0.1, 0.97, 30)])
def test_it_covers_the_true_share_as_often_as_it_says(error: float, q: float, n: int) -> None:
    """Draw 1,000 images, their errors and a sample of n of them, 2,000 times."""
    rng = np.random.default_rng(7)
    covered, times = 0, 2000
    for m in rng.binomial(1000, error, size=times):
        left = rng.binomial(m, q)
        asked = min(n, int(m))
        yes = int(rng.hypergeometric(left, m - left, asked))
        found = with_sampling(
            m * yes / asked / 1000,
            parts=[Sampled(n_yes=yes, n=asked, population=int(m))],
            n=1000,
            method="wilson",
            level=0.95,
        )
        covered += found.low <= error * q <= found.high
    assert covered / times >= 0.935
