from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, kendalltau, spearmanr

from studyapp.analytics import ColumnError, RuleError
from studyapp.analytics.rankings import Overlap, rank_overlap
from tests.studyapp.analytics.test_class_robustness import published

BASELINE = "ResNet_152__GradCAMpp"


def test_by_hand() -> None:
    """Lowest two: 0, 1 and 1, 2. Shared by depth: 0, 1, 3, 4."""
    found = rank_overlap([0.1, 0.2, 0.3, 0.9], b=[0.3, 0.1, 0.2, 0.8], k=2, persistence=0.5)
    assert (found.n_classes, found.size, found.expected) == (4, 1, 1)
    assert found.jaccard == 1 / 3
    # Of the 6 pairs that b could have picked, 5 share a class or two with a's.
    assert found.log10_p == pytest.approx(math.log10(5 / 6))
    assert found.spearman == pytest.approx(1 - 6 * (4 + 1 + 1) / (4 * 15))
    assert found.kendall == pytest.approx(2 / 6)
    assert found.rbo == pytest.approx(0.5 * (0 + 0.5 / 2 + 0.25 + 0.125) + 0.5**4)
    assert (found.n_left_out, found.n_tied_at_k) == (0, 0)


def test_classes_without_a_score_on_one_side_are_left_out() -> None:
    found = rank_overlap([0.1, math.nan, 0.3, 0.4], b=[0.2, 0.1, math.nan, 0.5], k=1)
    assert (found.n_classes, found.n_left_out, found.size) == (2, 2, 1)


def test_ties_at_k_are_counted() -> None:
    found = rank_overlap([1, 1, 1, 2], b=[4, 3, 2, 1], k=2)
    assert (found.n_tied_at_k, found.size) == (3, 0)


def test_a_constant_side_has_no_correlation() -> None:
    found = rank_overlap([1, 1, 1], b=[3, 2, 1], k=3)
    assert (found.spearman, found.kendall, found.size, found.log10_p) == (None, None, 3, 0)
    assert json.loads(json.dumps(found.to_dict()))["spearman"] is None
    assert rank_overlap([1], b=[2], k=1).kendall is None


@pytest.mark.parametrize(
    ("k", "size", "p"),
    [(20, 20, "2.9e-42"), (20, 17, "5.3e-31"), (100, 93, "2.3e-113"), (100, 83, "4.2e-86")],
)
def test_printed_overlaps_have_these_chances(k: int, size: int, p: str) -> None:
    """The paper's overlaps among 1,000 classes; it prints p as 0."""
    a = np.arange(1000.0)
    b = np.concatenate([np.arange(size), np.arange(k, 2 * k - size)])
    scores = np.full(1000, 5000.0)
    scores[b] = np.arange(k)
    found = rank_overlap(a, b=scores, k=k)
    assert found.size == size
    assert f"{10**found.log10_p:.1e}" == p


@pytest.mark.parametrize(
    ("name", "at_20", "p_20", "at_100", "rho"),
    [
        ("ResNet_152__SmoothGradCAMpp", 18, "2.7e-34", 95, "0.9983"),
        ("AlexNet__GradCAMpp", 16, "5.5e-28", 88, "0.9740"),
    ],
)
def test_the_published_tables(
    shared_data: Path, name: str, at_20: int, p_20: str, at_100: int, rho: str
) -> None:
    """The figures that explain.robustness finds on the same tables, from whole numbers."""
    a, b = published(shared_data, BASELINE), published(shared_data, name)
    found = [rank_overlap(a, b=b, k=k) for k in (20, 100)]
    assert [one.size for one in found] == [at_20, at_100]
    assert [one.expected for one in found] == [0.4, 10]
    assert f"{10 ** found[0].log10_p:.1e}" == p_20
    assert f"{found[0].spearman:.4f}" == rho


scores_of = st.lists(
    st.tuples(*[st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5, math.nan]) | st.floats(0, 1)] * 2),
    min_size=1,
    max_size=15,
)


@pytest.mark.slow
@given(scores_of, st.data())
def test_other_sources_agree(rows: list[tuple[float, float]], data: st.DataObject) -> None:
    table = np.array(rows)
    kept = table[~np.isnan(table).any(axis=1)]
    if not len(kept):
        return
    n, k = len(kept), data.draw(st.integers(1, len(kept)))
    persistence = data.draw(st.floats(0, 0.99))
    found = rank_overlap(table[:, 0], b=table[:, 1], k=k, persistence=persistence)
    orders = [sorted(range(n), key=lambda row: (kept[row, side], row)) for side in (0, 1)]
    shared = [len(set(orders[0][:d]) & set(orders[1][:d])) for d in range(1, n + 1)]
    assert found.size == shared[k - 1]
    outside = n - 2 * k + found.size
    cells = [[found.size, k - found.size], [k - found.size, outside]]
    p = fisher_exact(cells, alternative="greater").pvalue
    assert 10**found.log10_p == pytest.approx(p, rel=1e-8)
    rbo = sum((1 - persistence) * persistence**d * s / (d + 1) for d, s in enumerate(shared))
    assert found.rbo == pytest.approx(rbo + persistence**n)
    if n > 1 and np.ptp(kept[:, 0]) > 0 and np.ptp(kept[:, 1]) > 0:
        assert found.spearman == pytest.approx(spearmanr(*kept.T).statistic, abs=1e-9)
        assert found.kendall == pytest.approx(kendalltau(*kept.T).statistic, abs=1e-9)
    else:
        assert found.spearman is None


@pytest.mark.slow
@given(scores_of, st.data())
def test_it_does_not_matter_which_comes_first(
    rows: list[tuple[float, float]], data: st.DataObject
) -> None:
    table = np.array(rows)
    n = int((~np.isnan(table).any(axis=1)).sum())
    if n:
        k = data.draw(st.integers(1, n))
        one = rank_overlap(table[:, 0], b=table[:, 1], k=k)
        other = rank_overlap(table[:, 1], b=table[:, 0], k=k)
        assert near(one, other)
        itself = rank_overlap(table[:, 0], b=table[:, 0], k=1)
        assert (itself.size, itself.jaccard) == (1, 1)
        assert itself.rbo == pytest.approx(1)


def near(one: Overlap, other: Overlap) -> bool:
    return {
        name: value if value is None else pytest.approx(value)
        for name, value in one.to_dict().items()
    } == other.to_dict()


@pytest.mark.parametrize(
    ("a", "words", "error", "message"),
    [
        ([1, 2], {"k": 3}, RuleError, "k=3 of 2 classes"),
        ([1, 2], {"k": 0}, RuleError, "k=0 of 2 classes"),
        ([math.nan, math.nan], {}, RuleError, "k=1 of 0 classes"),
        ([1, 2], {"persistence": 1.0}, RuleError, "persistence=1.0 cannot be"),
        ([1, 2, 3], {}, ColumnError, "a has 3 classes and b 2"),
        ([[1, 2]], {}, ColumnError, "a has shape"),
        ([1, math.inf], {}, ColumnError, "one finite number"),
        (["x", "y"], {}, ColumnError, "one finite number"),
    ],
)
def test_bad_arguments_are_refused(
    a: list[Any], words: dict[str, Any], error: type[Exception], message: str
) -> None:
    columns: dict[str, Any] = {"b": [1, 2], "k": 1}
    with pytest.raises(error, match=message):
        rank_overlap(a, **(columns | words))
