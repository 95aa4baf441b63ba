from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from explain.errors import ParameterError
from explain.robustness import ClassTable, lowest, rank_overlap, read_table, spearman
from explain.robustness.agreement import fisher_log10_p


def test_the_lowest_scores_come_first_and_ties_go_by_index() -> None:
    scores = {5: 0.4, 1: 0.9, 3: None, 2: 0.4, 8: 0.1}
    assert lowest(scores, k=3) == (8, 2, 5)
    assert lowest(scores) == (8, 2, 5, 1)


@pytest.mark.parametrize("k", [0, -1, 5])
def test_more_ranks_than_scores_are_refused(k: int) -> None:
    with pytest.raises(ParameterError, match="4 classes have a score"):
        lowest({5: 0.4, 1: 0.9, 3: None, 2: 0.4, 8: 0.1}, k=k)


@given(st.integers(1, 60), st.data())
def test_fisher_equals_scipy_s(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, n))
    shared = data.draw(st.integers(max(0, 2 * k - n), k))
    table = [[shared, k - shared], [k - shared, n - 2 * k + shared]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert fisher_log10_p(n=n, k=k, shared=shared) == pytest.approx(math.log10(expected), abs=1e-9)


def test_a_p_too_small_for_a_float_has_a_logarithm() -> None:
    found = fisher_log10_p(n=100_000, k=500, shared=500)
    assert found == pytest.approx(-math.log10(math.comb(100_000, 500)), rel=1e-12)
    assert found < -1000


def test_only_classes_scored_in_both_are_ranked() -> None:
    first = {0: 0.1, 1: 0.2, 2: 0.3, 3: None, 4: 0.0}
    second = {0: 0.3, 1: 0.2, 2: 0.1, 3: 0.0, 5: 0.0}
    overlap = rank_overlap(first, second, k=2)
    assert (overlap.n_classes, overlap.shared) == (3, 1)
    # Two lists of 2 out of 3 always share one.
    assert overlap.log10_p == pytest.approx(0)
    assert spearman(first, second) == pytest.approx(-1)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=20))
def test_spearman_equals_scipy_s(pairs: list[tuple[int, int]]) -> None:
    first = {index: a / 5 for index, (a, _) in enumerate(pairs)}
    second = {index: b / 5 for index, (_, b) in enumerate(pairs)}
    found = spearman(first, second)
    if len(set(first.values())) == 1 or len(set(second.values())) == 1:
        assert found is None
    else:
        expected = stats.spearmanr(list(first.values()), list(second.values())).statistic
        assert found == pytest.approx(expected)


def test_too_few_classes_have_no_correlation() -> None:
    assert spearman({0: 0.5}, {0: 0.5}) is None
    assert spearman({0: 0.5, 1: 0.1}, {2: 0.5, 3: 0.2}) is None


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> dict[str, ClassTable]:
    folder = shared_data / "robustness_scores"
    return {path.stem: read_table(path) for path in folder.glob("*.csv")}


BASELINE = "ResNet_152__GradCAMpp"
SMOOTH = "ResNet_152__SmoothGradCAMpp"
ALEXNET = "AlexNet__GradCAMpp"


@pytest.mark.parametrize(
    ("name", "counts"), [(BASELINE, [8, 27, 54]), (SMOOTH, [8, 27, 58]), (ALEXNET, [19, 50, 103])]
)
def test_published_tables_count_as_published(
    tables: dict[str, ClassTable], name: str, counts: list[int]
) -> None:
    assert len(tables[name].crs) == 1000
    assert [tables[name].below(limit) for limit in (0.2, 0.3, 0.4)] == counts


@pytest.mark.parametrize(
    ("name", "k", "shared"),
    [(SMOOTH, 20, 18), (SMOOTH, 100, 95), (ALEXNET, 20, 16), (ALEXNET, 100, 88)],
)
def test_published_rankings_share_what_they_share(
    tables: dict[str, ClassTable], name: str, k: int, shared: int
) -> None:
    found = rank_overlap(tables[BASELINE].crs, tables[name].crs, k=k)
    assert (found.n_classes, found.shared) == (1000, shared)
    tail = stats.hypergeom.logsf(shared - 1, 1000, k, k) / math.log(10)
    assert found.log10_p == pytest.approx(tail, rel=1e-6)
    if k == 20:
        stated = {18: 2.7e-34, 16: 5.5e-28}[shared]
        assert 10**found.log10_p == pytest.approx(stated, rel=0.02)


@pytest.mark.parametrize(("name", "expected"), [(SMOOTH, 0.9983), (ALEXNET, 0.9740)])
def test_published_rankings_correlate(
    tables: dict[str, ClassTable], name: str, expected: float
) -> None:
    found = spearman(tables[BASELINE].crs, tables[name].crs)
    assert found == pytest.approx(expected, abs=5e-5)


def test_chance_shares_k_squared_over_n() -> None:
    generator = np.random.default_rng(0)
    shared = [
        rank_overlap(
            dict(enumerate(generator.random(1000).tolist())),
            dict(enumerate(generator.random(1000).tolist())),
            k=100,
        ).shared
        for _ in range(100)
    ]
    assert np.mean(shared) == pytest.approx(10, abs=1)
