from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from studyapp.analytics.contrasts import cluster_contrast, homogeneity, two_proportions
from studyapp.analytics.errors import ColumnError, RuleError
from tests.studyapp.analytics.known import ends, holds, known

#: Table 3 of Stock and Cisse (2018) in whole answers, 1,600 of them: successes, answers.
TABLE_3 = {
    "adversarial p+c": (97, 170),
    "mmd p+c": (119, 235),
    "probs p+c": (116, 235),
    "adversarial p": (137, 249),
    "mmd p": (117, 220),
    "probs p": (129, 246),
    "random": (122, 245),
}


def test_whole_against_explanation() -> None:
    """Table 2 at n = 854: 263 against 188 accepted, 8.78 points, z 4.14, 95 % 4.6 to 12.9."""
    found = two_proportions(263, n1=854, k2=188, n2=854, test="wald")
    assert f"{100 * found.estimate:.2f}" == "8.78"
    assert f"{found.statistic:.2f}" == "4.14"
    assert [f"{100 * end:.1f}" for end in ends(found)] == ["4.6", "12.9"]
    assert found.p == pytest.approx(math.erfc(4.13713 / math.sqrt(2)), rel=1e-3)
    assert f"{two_proportions(263, n1=854, k2=188, n2=854).statistic:.2f}" == "4.12"


@pytest.mark.parametrize(
    ("other", "difference", "z", "p"),
    [("random", "7.26", "1.46", "0.14"), ("mmd p+c", "6.42", "1.28", "0.20")],
)
def test_contrasts_of_table_3_in_whole_answers(other: str, difference: str, z: str, p: str) -> None:
    found = two_proportions(
        TABLE_3["adversarial p+c"][0],
        n1=TABLE_3["adversarial p+c"][1],
        k2=TABLE_3[other][0],
        n2=TABLE_3[other][1],
    )
    assert f"{100 * found.estimate:.2f}" == difference
    assert (f"{found.statistic:.2f}", f"{found.p:.2f}") == (z, p)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_statsmodels_agrees(n1: int, n2: int, data: st.DataObject) -> None:
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    found = two_proportions(k1, n1=n1, k2=k2, n2=n2)
    low, high = confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", compare="diff")
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)
    if 0 < k1 + k2 < n1 + n2:
        z, p = proportions_ztest([k1, k2], [n1, n2])
        assert found.statistic == pytest.approx(z)
        assert found.p == pytest.approx(p)
    else:
        assert (found.statistic, found.p) == (None, None)
    wald = two_proportions(k1, n1=n1, k2=k2, n2=n2, test="wald")
    if found.se:
        assert wald.statistic == pytest.approx(found.estimate / found.se)
    assert (wald.low, wald.high) == (found.low, found.high)


def test_newcombes_own_example() -> None:
    """Newcombe (1998), 56/70 less 48/80 by his method 10: 0.0524 to 0.3339."""
    found = two_proportions(56, n1=70, k2=48, n2=80)
    assert (f"{found.low:.4f}", f"{found.high:.4f}") == ("0.0524", "0.3339")


@pytest.mark.parametrize(("p1", "p2", "n1", "n2"), [(0.3, 0.2, 60, 90), (0.05, 0.1, 100, 80)])
def test_the_newcombe_interval_covers(p1: float, p2: float, n1: int, n2: int) -> None:
    rng = np.random.default_rng(1)
    pairs = zip(rng.binomial(n1, p1, 2000), rng.binomial(n2, p2, 2000), strict=True)
    intervals = [two_proportions(int(a), n1=n1, k2=int(b), n2=n2) for a, b in pairs]
    hits = np.mean([holds(found, p1 - p2) for found in intervals])
    assert 0.935 <= hits < 1


def test_no_answer_varies() -> None:
    found = two_proportions(5, n1=5, k2=7, n2=7)
    data = json.loads(json.dumps(found.to_dict()))
    assert (data["estimate"], data["statistic"], data["p"]) == (0, None, None)
    assert "do not vary" in data["undefined"]["p"]
    low, high = ends(found)
    assert -1 < low < 0 < high < 1


def test_the_printed_means_of_table_3() -> None:
    """The printed errors mean some 236 answers a condition: chi2(6) 4.7, p 0.58.

    57.06 % against 49.80 % of 236 are no whole answers; z grows with the root of n, so 10,000 do.
    """
    means = (57.06, 50.64, 49.36, 55.02, 53.18, 52.44, 49.80)
    found = homogeneity([round(2.36 * mean) for mean in means], n=[236] * 7)
    assert (f"{found.statistic:.1f}", found.df, f"{found.p:.2f}") == ("4.7", 6, "0.58")
    many = two_proportions(5706, n1=10_000, k2=4980, n2=10_000, test="wald")
    z = known(many.statistic) * math.sqrt(236 / 10_000)
    assert f"{100 * many.estimate:.2f}" == "7.26"
    assert (f"{z:.2f}", f"{math.erfc(z / math.sqrt(2)):.2f}") == ("1.59", "0.11")


def test_the_conditions_of_table_3_in_1600_whole_answers_do_not_differ() -> None:
    successes, answers = zip(*TABLE_3.values(), strict=True)
    found = homogeneity(successes, n=answers)
    assert found.n == 1600
    assert (f"{found.statistic:.1f}", found.df, f"{found.p:.2f}") == ("4.0", 6, "0.67")
    theirs = chi2_contingency([successes, np.array(answers) - successes], correction=False)
    assert found.statistic == pytest.approx(theirs.statistic)
    assert found.p == pytest.approx(theirs.pvalue)
    assert found.smallest_expected == pytest.approx(theirs.expected_freq.min())


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=2, max_size=6))
def test_scipy_agrees_on_homogeneity(rows: list[tuple[int, int]]) -> None:
    k = np.array([min(hits, n) for hits, n in rows])
    n = np.array([n for _, n in rows])
    found = homogeneity(k, n=n)
    if 0 < k.sum() < n.sum():
        theirs = chi2_contingency([k, n - k], correction=False)
        assert found.statistic == pytest.approx(theirs.statistic, abs=1e-9)
        assert found.p == pytest.approx(theirs.pvalue, abs=1e-9)
    else:
        assert (found.statistic, found.p) == (None, None)
        assert set(json.loads(json.dumps(found.to_dict()))["undefined"]) == {"statistic", "p"}


def answers(seed: int, *, effect: float = 0.0) -> dict[str, Any]:
    """Three conditions; 25 raters and 20 images with effects of their own."""
    rng = np.random.default_rng(seed)
    rater, image = rng.integers(0, 25, 600), rng.integers(0, 20, 600)
    condition = rng.integers(0, 3, 600)
    lean = rng.normal(0, 0.1, 25)[rater] + rng.normal(0, 0.1, 20)[image]
    success = rng.random(600) < 0.5 + lean + effect * (condition == 1)
    return {"success": success, "condition": condition, "rater": rater, "image": image}


@pytest.mark.parametrize("with_image", [False, True])
def test_statsmodels_agrees_on_clustered_contrasts(with_image: bool) -> None:
    columns = answers(5, effect=0.1)
    if not with_image:
        del columns["image"]
    found = cluster_contrast(columns.pop("success"), **columns)
    rows = columns["condition"] < 2
    columns = answers(5, effect=0.1)
    design = np.column_stack((np.ones(rows.sum()), columns["condition"][rows] == 1)).astype(float)
    groups = [columns["rater"][rows], columns["image"][rows]][: 1 + with_image]
    fit = OLS(columns["success"][rows].astype(float), design).fit(
        cov_type="cluster",
        cov_kwds={"groups": np.column_stack(groups) if with_image else groups[0]},
    )
    assert found.estimate == pytest.approx(fit.params[1])
    assert found.se == pytest.approx(fit.bse[1], rel=1e-9)
    assert found.n["n_raters"] == 25
    assert found.n.get("n_images") == (20 if with_image else None)
    assert found.method == (
        "t(19), clustered by rater and image" if with_image else "t(24), clustered by rater"
    )


def test_the_other_way_round_is_the_negative() -> None:
    columns = answers(6)
    one = cluster_contrast(columns.pop("success"), **columns)
    other = cluster_contrast(answers(6)["success"], **columns, pair=(0, 1))
    assert other.estimate == -one.estimate
    assert other.low == pytest.approx(-known(one.high))
    assert other.p == pytest.approx(one.p)


def test_the_clustered_interval_covers() -> None:
    hits = 0
    for seed in range(500):
        columns = answers(seed, effect=0.05)
        found = cluster_contrast(columns.pop("success"), **columns)
        hits += holds(found, 0.05)
    assert 0.935 <= hits / 500 < 1


def test_undefined_contrasts_say_why() -> None:
    one_rater = cluster_contrast([1, 0, 1], condition=[0, 1, 1], rater=[4, 4, 4])
    assert (one_rater.se, one_rater.p) == (None, None)
    assert "too few raters" in one_rater.undefined["p"]
    constant = cluster_contrast([1, 1, 0, 0], condition=[0, 0, 1, 1], rater=[0, 1, 0, 1])
    assert (constant.se, constant.low, constant.high) == (0, -1, -1)
    assert "do not vary" in constant.undefined["p"]
    json.dumps(constant.to_dict())


def test_a_negative_variance_is_said() -> None:
    found = cluster_contrast(
        [0, 1, 1, 0, 0, 1, 1, 0],
        condition=[0, 0, 0, 0, 1, 1, 1, 1],
        rater=[0, 0, 1, 1, 2, 2, 3, 3],
        image=[0, 1, 0, 1, 2, 3, 2, 3],
    )
    assert found.se == 0
    assert "negative" not in found.method
    found = cluster_contrast(
        [0, 1, 1, 0, 1, 0, 1, 1, 0],
        condition=[0, 0, 0, 0, 0, 1, 1, 1, 1],
        rater=[0, 0, 1, 1, 1, 2, 2, 3, 3],
        image=[0, 1, 0, 1, 4, 2, 3, 2, 3],
    )
    assert "largest one-way variance because the two-way one is negative" in found.method


def test_bad_input_is_refused() -> None:
    with pytest.raises(RuleError, match="6 of 5 is no share"):
        two_proportions(6, n1=5, k2=1, n2=5)
    with pytest.raises(RuleError, match="use one of score, wald"):
        two_proportions(1, n1=5, k2=1, n2=5, test="exact")
    with pytest.raises(ColumnError, match="at least two"):
        homogeneity([1], n=[2])
    with pytest.raises(ColumnError, match="Row 1: 3 of 2 is no share"):
        homogeneity([1, 3], n=[2, 2])
    with pytest.raises(RuleError, match="Conditions 1 and 0 have 0 and 2 rows"):
        cluster_contrast([1, 0], condition=[0, 0], rater=[0, 1])
    with pytest.raises(RuleError, match="level=2"):
        cluster_contrast([1, 0], condition=[0, 1], rater=[0, 1], level=2)
