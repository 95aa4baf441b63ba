from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from studyapp.analytics import ColumnError, RuleError, Votes, exclude
from studyapp.analytics.columns import Bool
from studyapp.analytics.error_consistency import ErrorConsistency, error_consistency
from studyapp.analytics.raters import rater_report
from tests.studyapp.analytics.human_data import read_trials


def of_table(right: list[list[int | None]]) -> ErrorConsistency:
    """From rows of raters: 1 right, 0 wrong, None not seen."""
    cells = [
        (rater, item, bool(cell))
        for rater, row in enumerate(right)
        for item, cell in enumerate(row)
        if cell is not None
    ]
    return error_consistency(
        np.array([correct for _, _, correct in cells], dtype=np.bool_),
        item=[item for _, item, _ in cells],
        rater=[rater for rater, _, _ in cells],
        n_raters=len(right),
    )


def test_a_hand_example() -> None:
    """Both saw items 0..3; right 3 and 2 of 4, 2 of them the same: 3 of 4 agree, 1/2 by chance."""
    found = of_table([[1, 1, 1, 0, 1], [1, 1, 0, 0, None]])
    assert found.shared.tolist() == [[0, 4], [4, 0]]
    assert found.both_right[0, 1] == 2
    assert found.observed[0, 1] == 0.75
    assert found.expected[0, 1] == 0.75 * 0.5 + 0.25 * 0.5
    assert found.kappa[0, 1] == pytest.approx(0.5)
    assert np.isnan(found.kappa.diagonal()).all()
    mean = found.among()
    assert (mean.n_pairs, mean.n_undefined) == (1, 0)
    assert mean.kappa == pytest.approx(0.5)


def test_opposite_errors_are_below_chance() -> None:
    assert of_table([[1, 0, 1, 0], [0, 1, 0, 1]]).kappa[0, 1] == -1


@pytest.mark.parametrize("cell", [0, 1])
def test_two_that_never_vary_say_nothing_and_are_counted(cell: int) -> None:
    found = of_table([[cell, cell], [cell, cell], [1, 0]])
    assert found.observed[0, 1] == found.expected[0, 1] == 1
    assert np.isnan(found.kappa[0, 1])
    mean = found.among()
    assert (mean.n_pairs, mean.n_undefined) == (2, 1)
    assert (mean.kappa, mean.observed) == (0, 0.5)


def test_pairs_without_a_common_item_are_undefined() -> None:
    found = of_table([[1, None], [None, 0]])
    assert np.isnan(found.observed[0, 1])
    mean = found.among()
    assert (mean.n_pairs, mean.n_undefined, mean.kappa, mean.lowest) == (0, 1, None, None)


def test_groups_are_compared_inside_and_across() -> None:
    """Two people and a model: the model errs where nobody else does."""
    found = of_table([[1, 1, 0, 0, 1, 1], [1, 1, 0, 0, 1, 0], [0, 0, 1, 1, 1, 1]])
    people = np.array([True, True, False])
    assert found.among(people).n_pairs == 1
    across = found.between(people, second=~people)
    assert across.n_pairs == 2
    assert across.kappa == pytest.approx((found.kappa[0, 2] + found.kappa[1, 2]) / 2)
    assert (across.lowest, across.highest) == (
        min(found.kappa[0, 2], found.kappa[1, 2]),
        max(found.kappa[0, 2], found.kappa[1, 2]),
    )
    with pytest.raises(ColumnError, match="Rater 0 is in both groups"):
        found.between(people, second=people)


@pytest.mark.slow
@settings(max_examples=50)
@given(
    st.integers(1, 8).flatmap(
        lambda items: st.lists(
            st.lists(st.sampled_from([None, 0, 1]), min_size=items, max_size=items),
            min_size=2,
            max_size=5,
        )
    )
)
def test_sklearn_agrees_on_the_items_both_saw(right: list[list[int | None]]) -> None:
    found = of_table(right)
    for one, other in combinations(range(len(right)), 2):
        pairs = [
            (a, b)
            for a, b in zip(right[one], right[other], strict=True)
            if a is not None and b is not None
        ]
        assert found.shared[one, other] == found.shared[other, one] == len(pairs)
        if len({cell for pair in pairs for cell in pair}) < 2:
            assert np.isnan(found.kappa[one, other])
            continue
        first, second = zip(*pairs, strict=True)
        kappa = cohen_kappa_score(first, second)
        assert found.kappa[one, other] == pytest.approx(kappa, abs=1e-12)
        assert found.kappa[other, one] == found.kappa[one, other]


def test_independent_errors_have_a_kappa_around_zero() -> None:
    rng = np.random.default_rng(2)
    right: Bool = rng.random((12, 4_000)) < rng.uniform(0.6, 0.9, (12, 1))
    found = error_consistency(
        right.ravel(),
        item=np.tile(np.arange(4_000), 12),
        rater=np.repeat(np.arange(12), 4_000),
    )
    mean = found.among()
    assert mean.n_pairs == 66
    assert mean.kappa == pytest.approx(0, abs=0.01)


def test_few_common_items_can_be_left_out() -> None:
    item, rater = [0, 1, 2, 0, 1, 2, 0, 1], [0, 0, 0, 1, 1, 1, 2, 2]
    correct = [True, False, True, True, False, False, True, False]
    found = error_consistency(correct, item=item, rater=rater, min_shared=3)
    assert (found.among().n_pairs, found.among().n_undefined) == (1, 2)
    with pytest.raises(RuleError, match="min_shared=0"):
        error_consistency(correct, item=item, rater=rater, min_shared=0)


def test_the_result_is_json_safe() -> None:
    data = json.loads(json.dumps(of_table([[1, 0], [1, 0]]).to_dict(), allow_nan=False))
    assert data["kappa"] == [[None, 1.0], [1.0, None]]
    assert data["mean"]["kappa"] == 1.0
    assert data["method"] == "cohen_kappa_of_correctness"


def test_a_second_trial_on_an_item_is_refused() -> None:
    with pytest.raises(ColumnError, match="Rater 1 has more than one trial on item 2"):
        error_consistency([True, False], item=[2, 2], rater=[1, 1])


@pytest.mark.parametrize(
    ("experiment", "subjects", "trials", "no_answer", "median", "accuracy", "in_window", "mean"),
    [
        ("edge", 10, 1_600, 34, "0.790887", "0.871250", 1_547, "0.318436"),
        ("sketch", 7, 5_600, 40, "0.749644", "0.916250", 5_531, "0.369620"),
    ],
)
def test_every_figure_of_the_real_trials(
    shared_data: Path,
    experiment: str,
    subjects: int,
    trials: int,
    no_answer: int,
    median: str,
    accuracy: str,
    in_window: int,
    mean: str,
) -> None:
    found = read_trials(shared_data, experiment=experiment)
    assert found.correct.size == trials
    assert np.count_nonzero(~found.answered) == no_answer
    assert f"{np.nanmedian(found.seconds):.6f}" == median
    consistency = error_consistency(found.correct, item=found.item, rater=found.rater)
    assert consistency.kappa.shape[0] == subjects
    among = consistency.among()
    assert among.n_undefined == 0
    assert f"{among.kappa:.6f}" == mean
    window = exclude(found.item, rater=found.rater, seconds=found.seconds, window=(0.3, 1.5))
    # A trial without an answer has no time, which the window keeps and the table does not.
    assert np.count_nonzero(window.keep & found.answered) == in_window
    # The trials as votes, yes meaning right: the yes rate is then the accuracy.
    votes = Votes.from_columns(
        found.item, rater=found.rater, answer=found.correct.astype(int), seconds=found.seconds
    )
    report = rater_report(votes, gold=np.ones(votes.n_questions, dtype=int))
    assert len(report) == subjects
    assert f"{report.sensitivity.k.sum() / report.sensitivity.n.sum():.6f}" == accuracy
    assert report.n_timed.sum() == trials - no_answer
    first = found.seconds[found.rater == 0]
    assert report.median_seconds[0] == pytest.approx(np.nanmedian(first))
