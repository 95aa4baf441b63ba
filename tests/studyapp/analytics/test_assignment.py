from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, RuleError, proportion_ci
from studyapp.analytics.assignment import CHANCE, WINDOW, ConditionRow, assignment_summary

#: Table 3 in whole answers, 1,600 in all: successes, answers, printed mean, se of these counts.
TABLE_3 = {
    "adversarial, prototypes and criticisms": (97, 170, "57.06", "3.80"),
    "MMD, prototypes and criticisms": (119, 235, "50.64", "3.26"),
    "probabilities, prototypes and criticisms": (116, 235, "49.36", "3.26"),
    "adversarial, prototypes": (137, 249, "55.02", "3.15"),
    "MMD, prototypes": (117, 220, "53.18", "3.36"),
    "probabilities, prototypes": (129, 246, "52.44", "3.18"),
    "random": (122, 245, "49.80", "3.19"),
}


def table_3() -> tuple[ConditionRow, ...]:
    """Rows mixed; 40 answers too fast and 30 too slow beside the 1,600."""
    rng = np.random.default_rng(2)
    sizes = [n for _, n, *_ in TABLE_3.values()]
    condition = np.repeat(np.arange(7), sizes)
    success = np.concatenate([np.arange(n) < won for won, n, *_ in TABLE_3.values()])
    condition = np.concatenate([condition, np.arange(70) % 7])
    success = np.concatenate([success, np.arange(70) % 2 == 0])
    seconds = np.concatenate([rng.uniform(20, 180, 1600), np.repeat([19.99, 180.01], [40, 30])])
    mixed = rng.permutation(1670)
    return assignment_summary(
        success[mixed],
        condition=condition[mixed],
        rater=np.arange(1670) % 120,
        seconds=seconds[mixed],
        windows=[WINDOW, None],
    )


def test_table_3_from_whole_counts() -> None:
    rows = table_3()
    assert sum(row.n for row in rows[:7]) == 1600
    for row, (won, n, mean, se) in zip(rows, TABLE_3.values(), strict=False):
        assert (row.successes, row.n) == (won, n)
        assert row.mean is not None
        assert row.se is not None
        assert f"{100 * row.mean:.2f}" == mean
        assert f"{100 * row.se:.2f}" == se
        assert row.sd == pytest.approx(row.se * math.sqrt(n))
        assert row.ci == proportion_ci(won, n=n)
        assert row.ci.low > row.chance == CHANCE
    assert sum(row.n_below for row in rows[:7]) == 40
    assert sum(row.n_above for row in rows[:7]) == 30


def test_without_the_window_nothing_is_outside() -> None:
    rows = table_3()
    for inside, whole in zip(rows[:7], rows[7:], strict=True):
        assert (whole.window, whole.n_below, whole.n_above) == (None, 0, 0)
        assert whole.n == inside.n_all == inside.n + inside.n_below + inside.n_above
        assert whole.mean == inside.mean_all


def test_what_the_first_study_prints_as_spread_implies_other_sizes() -> None:
    """sqrt(p q / n) = the printed Std only for n near 236, a total of some 1,654, not 1,600."""
    printed = [3.22, 3.25, 3.26, 3.23, 3.24, 3.25, 3.25]
    means = [float(mean) for *_, mean, _ in TABLE_3.values()]
    sizes = [p * (100 - p) / std**2 for p, std in zip(means, printed, strict=True)]
    assert all(235 < size < 238 for size in sizes)
    assert 1640 < sum(sizes) < 1665


def test_by_hand() -> None:
    rows = assignment_summary(
        [True, False, True, True, False],
        condition=[0, 0, 0, 2, 0],
        rater=[0, 1, 0, 5, 2],
        seconds=[20, 180, np.nan, 19, 181],
        windows=[(20, 180), (None, 19)],
        chance=0.5,
    )
    assert [row.condition for row in rows] == [0, 1, 2] * 2
    first, empty, fast = rows[:3]
    assert (first.n, first.successes, first.n_raters) == (3, 2, 2)
    assert (first.n_below, first.n_above, first.n_untimed, first.n_all) == (0, 1, 1, 4)
    assert (first.mean, first.mean_all) == (2 / 3, 2 / 4)
    assert first.sd == pytest.approx(math.sqrt(2 / 9))
    assert first.se == pytest.approx(math.sqrt(2 / 27))
    assert (empty.n, empty.mean, empty.ci, empty.mean_all) == (0, None, None, None)
    assert (fast.n, fast.n_below, fast.mean, fast.mean_all) == (0, 1, None, 1)
    assert [row.n for row in rows[3:]] == [1, 0, 1]


def test_it_is_json() -> None:
    rows = assignment_summary([], condition=[], rater=[], seconds=[])
    assert rows == ()
    row = assignment_summary([True], condition=[0], rater=[0], seconds=[5])[0]
    data = json.loads(json.dumps(row.to_dict()))
    assert (data["window_low"], data["window_high"], data["n_below"]) == (20, 180, 1)
    assert (data["mean"], data["ci_low"], data["chance"]) == (None, None, CHANCE)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 3), st.floats(0, 300)),
        max_size=30,
    ),
    st.floats(0, 150),
    st.floats(150, 300),
)
def test_every_row_one_by_one(answers: list[Any], low: float, high: float) -> None:
    columns: list[Any] = list(zip(*answers, strict=True)) or [()] * 4
    rows = assignment_summary(
        list(columns[0]),
        condition=list(columns[1]),
        rater=list(columns[2]),
        seconds=list(columns[3]),
        windows=[(low, high)],
    )
    for row in rows:
        own = [answer for answer in answers if answer[1] == row.condition]
        inside = [answer for answer in own if low <= answer[3] <= high]
        assert (row.n, row.n_all) == (len(inside), len(own))
        assert row.successes == sum(answer[0] for answer in inside)
        assert row.n_raters == len({answer[2] for answer in inside})
        assert row.n_below == sum(answer[3] < low for answer in own)
    assert sum(row.n_all for row in rows) == len(answers)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"condition": [0, 1]}, ColumnError, "Column condition has 2 rows"),
        ({"rater": [-1]}, ColumnError, "Row 0 of column rater holds -1"),
        ({"seconds": [-2]}, ColumnError, "Row 0 of column seconds holds -2"),
        ({"windows": [(9, 3)]}, RuleError, "cannot be"),
        ({"chance": 2}, RuleError, "chance=2 cannot be"),
    ],
)
def test_bad_arguments_are_refused(
    changed: dict[str, Any], error: type[Exception], message: str
) -> None:
    columns: dict[str, Any] = {"condition": [0], "rater": [0], "seconds": [30]}
    with pytest.raises(error, match=message):
        assignment_summary([True], **columns | changed)
