from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from studyapp.analytics.clustering import cluster_se
from studyapp.analytics.columns import Float64, Int64
from studyapp.analytics.errors import ColumnError, RuleError
from tests.studyapp.analytics.conftest import RealRelease
from tests.studyapp.analytics.known import ends, holds, known


def crossed(seed: int, *, questions: int, raters: int) -> tuple[Float64, Int64, Int64]:
    """One value per pair: an effect of the question, one of the rater, and noise."""
    rng = np.random.default_rng(seed)
    question = np.repeat(np.arange(questions), raters)
    rater = np.tile(np.arange(raters), questions)
    effects = rng.normal(size=questions)[question] + rng.normal(size=raters)[rater]
    return effects + rng.normal(size=question.size), question, rater


def test_by_hand() -> None:
    """Values 0, 1, 1, 1, mean 3/4; clusters {0, 1} and {1, 1}: sums of deviations -1/2 and 1/2."""
    found = cluster_se([0, 1, 1, 1], [0, 0, 1, 1])
    assert found.mean == 0.75
    assert found.naive == pytest.approx(math.sqrt(0.25 / 4))
    assert found.by_group == pytest.approx((math.sqrt((0.25 + 0.25) / 16 * 2),))
    assert found.multiway == found.by_group[0]
    assert (found.n, found.n_clusters, found.df) == (4, (2,), 1)
    half = 12.7062 * known(found.multiway)
    assert ends(found) == pytest.approx((0.75 - half, 0.75 + half), rel=1e-5)


def test_statsmodels_agrees_one_way_and_two_way() -> None:
    values, question, rater = crossed(1, questions=40, raters=9)
    keep = np.random.default_rng(2).random(values.size) < 0.6
    values, question, rater = values[keep], question[keep], rater[keep]
    found = cluster_se(values, question, rater)
    fit = OLS(values, np.ones(values.size))
    for group, se in ((question, found.by_group[0]), (rater, found.by_group[1])):
        theirs = fit.fit(cov_type="cluster", cov_kwds={"groups": group}).bse[0]
        assert se == pytest.approx(theirs, rel=1e-9)
    both = {"groups": np.column_stack((question, rater))}
    theirs = fit.fit(cov_type="cluster", cov_kwds=both).bse[0]
    assert found.multiway == pytest.approx(theirs, rel=1e-9)
    assert found.naive == pytest.approx(fit.fit().bse[0])


def test_a_third_grouping_that_is_one_per_row_changes_nothing() -> None:
    """V_a + V_b + V_c - V_ab - V_ac - V_bc + V_abc, where c and every set with c is one per row."""
    values, question, rater = crossed(3, questions=12, raters=7)
    two = cluster_se(values, question, rater)
    three = cluster_se(values, question, rater, np.arange(values.size))
    assert three.multiway == pytest.approx(two.multiway, rel=1e-12)


def test_a_cluster_per_value_is_the_naive_error() -> None:
    found = cluster_se([0.5, 2, 1, 1], range(4))
    assert found.multiway == pytest.approx(found.naive)


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(-1, 1)), min_size=2),
    st.permutations(range(5)),
)
def test_pairs_of_rows_summed_one_by_one_agree(
    rows: list[tuple[int, int, int]], names: list[int]
) -> None:
    """Without small-sample factors the variance of a grouping is a sum over pairs it joins."""
    question, rater, values = (np.array(column) for column in zip(*rows, strict=True))
    found = cluster_se(values, question, np.array(names)[rater])
    off = (values - values.mean()) / values.size
    sums = []
    for same in (
        question[:, None] == question,
        rater[:, None] == rater,
        (question[:, None] == question) & (rater[:, None] == rater),
    ):
        clusters = len({tuple(row) for row in same.tolist()})
        if clusters < 2:
            assert found.multiway is None
            return
        sums.append(float(off @ same @ off) * clusters / (clusters - 1))
    assert found.by_group[0] == pytest.approx(math.sqrt(max(0, sums[0])), abs=1e-9)
    assert found.by_group[1] == pytest.approx(math.sqrt(max(0, sums[1])), abs=1e-9)
    assert found.raw_variance == pytest.approx(sums[0] + sums[1] - sums[2], abs=1e-12)


def test_a_negative_variance_falls_back_on_the_largest_one_way_one_and_says_so() -> None:
    """An exclusive-or pattern: every question and every rater has the same mean."""
    found = cluster_se([0, 1, 1, 0, 1], [0, 0, 1, 1, 1], [0, 1, 0, 1, 2])
    assert found.raw_variance is not None
    assert found.raw_variance < 0
    assert found.fell_back
    assert found.multiway == max(se for se in found.by_group if se is not None)
    assert not cluster_se([0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1]).fell_back


def test_values_that_do_not_vary_have_no_error() -> None:
    found = cluster_se([1, 1, 1], [0, 0, 1], [0, 1, 1])
    assert (found.naive, found.multiway, found.fell_back) == (0, 0, False)


def test_one_cluster_is_undefined_with_a_reason() -> None:
    found = cluster_se([0, 1, 1], [0, 1, 2], [5, 5, 5])
    data = json.loads(json.dumps(found.to_dict()))
    assert (data["by_group"][1], data["multiway"], data["low"]) == (None, None, None)
    assert found.by_group[0] is not None
    assert "fewer than two clusters" in data["undefined"]["multiway"]
    assert cluster_se([1], [0]).naive is None


@pytest.mark.slow
def test_the_interval_covers() -> None:
    """Crossed effects of 30 questions and 30 raters: at least 93.5 % of 95 % intervals hold 0."""
    hits = 0
    for seed in range(600):
        found = cluster_se(*crossed(seed, questions=30, raters=30))
        hits += holds(found, 0)
    assert hits / 600 >= 0.935
    assert hits < 600


def test_bad_input_is_refused() -> None:
    with pytest.raises(ColumnError, match="There are no values"):
        cluster_se([], [])
    with pytest.raises(RuleError, match="No grouping"):
        cluster_se([1.0])
    with pytest.raises(ColumnError, match=r"groups\[1\] has 1 rows where 2"):
        cluster_se([1, 2], [0, 1], [0])
    with pytest.raises(ColumnError, match="Row 1 of column values holds nan"):
        cluster_se([1, math.nan], [0, 1])
    with pytest.raises(RuleError, match="level=1"):
        cluster_se([1, 2], [0, 1], level=1)


def test_real_votes_vary_by_rater_far_more_than_by_question(real_release: RealRelease) -> None:
    votes = real_release.votes
    found = cluster_se(votes.answer == 1, votes.question, votes.rater)
    assert found.mean == 11_526 / 91_855
    assert found.n_clusters == (18_371, 83)
    printed = [f"{se:.5f}" for se in (found.naive, *found.by_group, found.multiway)]
    assert printed == ["0.00109", "0.00187", "0.00657", "0.00675"]
