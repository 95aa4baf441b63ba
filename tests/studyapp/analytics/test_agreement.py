from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

from studyapp.analytics import CODINGS, ColumnError, agreement, agreement_by_coding
from studyapp.analytics.columns import Int64
from tests.studyapp.analytics.conftest import RealRelease

#: Fleiss (1971), 30 patients, six psychiatrists each, five diagnoses: kappa 0.430.
FLEISS_1971 = """
0 0 0 6 0  0 3 0 0 3  0 1 4 0 1  0 0 0 0 6  0 3 0 3 0  2 0 4 0 0  0 0 4 0 2  2 0 3 1 0
2 0 0 4 0  0 0 0 0 6  1 0 0 5 0  1 1 0 4 0  0 3 3 0 0  1 0 0 5 0  0 2 0 3 1  0 0 5 0 1
3 0 0 1 2  5 1 0 0 0  0 2 0 4 0  1 0 2 0 3  0 0 0 0 6  0 1 0 5 0  0 2 0 1 3  2 0 0 4 0
1 0 0 4 1  0 5 0 1 0  4 0 0 0 2  0 2 0 4 0  1 0 5 0 0  0 0 0 0 6
"""

#: Krippendorff's worked example: four observers (rows), twelve units, 0 where nobody looked.
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]


def krippendorff_counts() -> Int64:
    ratings = np.array(KRIPPENDORFF)
    return np.stack([(ratings == category).sum(axis=0) for category in range(1, 6)], axis=1)


def test_a_hand_example() -> None:
    """Two questions of three votes: (3, 0) and (1, 2); pairs agree 3 of 3 and 1 of 3."""
    found = agreement(np.array([[3, 0], [1, 2]]))
    assert (found.n_questions, found.n_votes, found.n_single) == (2, 6, 0)
    assert found.percent_agreement == pytest.approx(2 / 3)
    assert found.unanimous_share == 0.5
    assert found.shares == pytest.approx((4 / 6, 2 / 6))
    assert found.fleiss_kappa == pytest.approx((2 / 3 - 5 / 9) / (4 / 9))
    assert found.brennan_prediger == pytest.approx(1 / 3)
    assert found.gwet_ac1 == pytest.approx((2 / 3 - 4 / 9) / (5 / 9))
    # Differing pairs observed: 4 of 12 ordered ones in questions; by chance 4 * 2 * 2 of 30.
    assert found.krippendorff_alpha == pytest.approx(1 - (2 / 6) / (16 / 30))


def test_a_hand_example_with_two_and_four_votes() -> None:
    """(2, 0) and (1, 3): kappa pools the six votes, AC1 means the shares 1 and 1/4 of yes."""
    found = agreement(np.array([[2, 0], [1, 3]]))
    assert found.percent_agreement == pytest.approx((1 + 6 / 12) / 2)
    assert found.fleiss_kappa == pytest.approx((0.75 - 0.5) / 0.5)
    by_chance = 2 * 0.625 * 0.375
    assert found.gwet_ac1 == pytest.approx((0.75 - by_chance) / (1 - by_chance))


def test_the_example_of_fleiss() -> None:
    table = np.array(FLEISS_1971.split(), dtype=np.int64).reshape(30, 5)
    found = agreement(table)
    assert found.fleiss_kappa == pytest.approx(0.430, abs=5e-4)
    assert found.percent_agreement == pytest.approx(0.556, abs=1e-3)
    assert found.fleiss_kappa == pytest.approx(fleiss_kappa(table), abs=1e-12)


def test_the_example_of_krippendorff_with_missing_ratings() -> None:
    """Alpha 0.743 (Krippendorff), AC1 0.775 (Gwet); 9 of 11 agree, chance is 1 of 5."""
    found = agreement(krippendorff_counts())
    assert found.krippendorff_alpha == pytest.approx(0.743, abs=5e-4)
    assert found.gwet_ac1 == pytest.approx(0.77544, abs=5e-6)
    assert found.brennan_prediger == pytest.approx((9 / 11 - 1 / 5) / (4 / 5))
    assert (found.n_questions, found.n_votes, found.n_single) == (11, 40, 1)


@pytest.mark.slow
@given(
    st.integers(2, 6).flatmap(
        lambda votes: st.lists(
            st.lists(st.integers(0, 2), min_size=votes, max_size=votes), min_size=1, max_size=12
        )
    )
)
def test_statsmodels_agrees_where_every_question_has_as_many_votes(votes: list[list[int]]) -> None:
    assume(len({answer for row in votes for answer in row}) > 1)
    table = np.array([[row.count(answer) for answer in range(3)] for row in votes])
    found = agreement(table)
    assert found.fleiss_kappa == pytest.approx(fleiss_kappa(table), abs=1e-9)
    assert found.brennan_prediger == pytest.approx(fleiss_kappa(table, method="rand"), abs=1e-9)


def test_sklearn_agrees_for_two_raters_who_use_the_answers_alike() -> None:
    """With equal margins Cohen's and Fleiss' chance agreement are the same."""
    first, second = [0, 0, 1, 1, 2, 2, 0, 1], [0, 1, 1, 0, 2, 2, 0, 1]
    table = np.array(
        [[(a, b).count(j) for j in range(3)] for a, b in zip(first, second, strict=True)]
    )
    assert agreement(table).fleiss_kappa == pytest.approx(cohen_kappa_score(first, second))


@pytest.mark.slow
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), max_size=10))
def test_pairs_counted_one_by_one_agree(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    found = agreement(table)
    panels = [[j for j in range(3) for _ in range(row[j])] for row in rows if sum(row) >= 2]
    if not panels:
        assert found.percent_agreement is None
        return
    shares = []
    coincidences = np.zeros((3, 3))
    for panel in panels:
        pairs = list(combinations(panel, 2))
        shares.append(sum(a == b for a, b in pairs) / len(pairs))
        for a, b in pairs:
            for cell in ((a, b), (b, a)):
                coincidences[cell] += 1 / (len(panel) - 1)
    assert found.percent_agreement == pytest.approx(np.mean(shares))
    assert found.unanimous_share == pytest.approx(
        np.mean([len(set(panel)) == 1 for panel in panels])
    )
    totals = coincidences.sum(axis=0)
    expected = 1 - (totals * (totals - 1)).sum() / (totals.sum() * (totals.sum() - 1))
    if found.krippendorff_alpha is not None:
        observed = 1 - np.trace(coincidences) / totals.sum()
        assert found.krippendorff_alpha == pytest.approx(1 - observed / expected, abs=1e-9)


@pytest.mark.slow
@given(
    st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=8),
    st.permutations(range(3)),
    st.data(),
)
def test_the_order_of_questions_and_categories_changes_nothing(
    rows: list[list[int]], columns: list[int], data: st.DataObject
) -> None:
    table = np.array(rows)
    lines = data.draw(st.permutations(range(len(rows))))
    before, after = agreement(table), agreement(table[lines][:, columns])
    for name in ("percent_agreement", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1"):
        one, other = getattr(before, name), getattr(after, name)
        assert one == other or one == pytest.approx(other, abs=1e-12)


def test_one_answer_everywhere_leaves_two_coefficients_undefined_with_a_reason() -> None:
    found = agreement(np.array([[5, 0, 0], [3, 0, 0]]))
    assert (found.percent_agreement, found.gwet_ac1, found.brennan_prediger) == (1, 1, 1)
    assert (found.fleiss_kappa, found.krippendorff_alpha) == (None, None)
    assert set(found.undefined) == {"fleiss_kappa", "krippendorff_alpha"}
    assert "same answer" in found.undefined["fleiss_kappa"]


@pytest.mark.parametrize("table", [np.zeros((0, 3), dtype=int), np.array([[1, 0, 0], [0, 0, 0]])])
def test_without_pairs_every_figure_is_undefined_with_a_reason(table: Int64) -> None:
    found = agreement(table, coding="three_answers")
    data = json.loads(json.dumps(found.to_dict()))
    assert data["fleiss_kappa"] is None
    assert {name for name in data if data[name] is None} == set(found.undefined)
    assert found.n_single == len(table) // 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.zeros(3, dtype=int), "questions by at least two categories"),
        (np.zeros((2, 1), dtype=int), "questions by at least two categories"),
        (np.zeros((2, 2)), "give whole numbers"),
        (np.array([[1, 1], [2, -1]]), "Question 1 has a negative count"),
    ],
)
def test_bad_counts_are_refused(table: npt.NDArray[np.integer], message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        agreement(table)


def test_codings_merge_columns() -> None:
    table = np.array([[1, 2, 4]])
    merged = {coding.name: coding.apply(table).tolist()[0] for coding in CODINGS}
    assert merged == {
        "three_answers": [1, 2, 4],
        "yes_vs_rest": [1, 6],
        "no_vs_rest": [2, 5],
        "unsure_missing": [1, 2],
    }
    with pytest.raises(ColumnError, match="give yes, no, unsure columns"):
        CODINGS[0].apply(table[:, :2])


def test_real_votes(real_release: RealRelease) -> None:
    found = {result.coding: result for result in agreement_by_coding(real_release.votes.counts3())}
    assert {name: result.n_votes for name, result in found.items() if name != "unsure_missing"} == (
        dict.fromkeys(("three_answers", "yes_vs_rest", "no_vs_rest"), 91_855)
    )
    kappas = {name: f"{result.fleiss_kappa:.6f}" for name, result in found.items()}
    assert kappas["three_answers"] == "0.404763"
    assert kappas["yes_vs_rest"] == "0.484559"
    assert kappas["no_vs_rest"] == "0.481231"
    assert found["three_answers"].fleiss_kappa == pytest.approx(
        fleiss_kappa(real_release.votes.counts3()), abs=1e-12
    )
