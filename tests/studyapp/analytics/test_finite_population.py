from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from studyapp.analytics.finite_population import hypergeometric_ends


def test_by_hand() -> None:
    """Both of 2 drawn of 4: with A accepted of 4 that has chance A (A - 1) / 12."""
    assert hypergeometric_ends(2, n=2, population=4, level=0.5) == (3 / 4, 1)
    assert hypergeometric_ends(2, n=2, population=4, level=0.9) == (2 / 4, 1)
    # 1 / 6 is the tail itself, which is outside.
    assert hypergeometric_ends(2, n=2, population=4, level=2 / 3) == (3 / 4, 1)


def test_a_census_is_one_point() -> None:
    assert hypergeometric_ends(3, n=7, population=7, level=0.95) == (3 / 7, 3 / 7)


@pytest.mark.parametrize(("population", "n"), [(40, 12), (120, 30), (25, 20)])
def test_it_covers_whatever_the_truth(population: int, n: int) -> None:
    """Summed over every possible sample, not drawn: at least 95 % for each number accepted."""
    ends = [hypergeometric_ends(k, n=n, population=population, level=0.95) for k in range(n + 1)]
    shortest = 1.0
    for truth in range(population + 1):
        p = hypergeom.pmf(range(n + 1), population, truth, n)
        shortest = min(
            shortest, float(p @ [low <= truth / population <= high for low, high in ends])
        )
    assert 0.95 <= shortest < 1


@settings(max_examples=40)
@given(st.integers(2, 60), st.data())
def test_the_ends_are_where_scipys_tails_turn(population: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, population))
    k = data.draw(st.integers(0, n))
    tail = 0.025 * (1 + 1e-9)
    possible = [
        accepted
        for accepted in range(k, population - n + k + 1)
        if hypergeom.sf(k - 1, population, accepted, n) > tail
        and hypergeom.cdf(k, population, accepted, n) > tail
    ]
    found = hypergeometric_ends(k, n=n, population=population, level=0.95)
    assert found == (possible[0] / population, possible[-1] / population)
