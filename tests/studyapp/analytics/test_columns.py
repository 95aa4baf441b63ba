from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from studyapp.analytics import ColumnError
from studyapp.analytics.columns import (
    id_column,
    integer_column,
    mask_column,
    number_column,
    order_column,
    places,
    rows_by_question,
    seconds_column,
)


def test_integers_of_any_width_are_taken_and_copied() -> None:
    given = np.array([3, 4], dtype=np.uint8)
    column = integer_column("order", given)
    column[0] = 9
    assert column.dtype == np.int64
    assert given[0] == 3
    assert integer_column("order", []).shape == (0,)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.5, 1.0], "Column order holds float64"),
        ([True, False], "Column order holds bool"),
        (["1"], "Column order holds <U1"),
        ([[1, 2]], r"Column order has shape \(1, 2\)"),
        (np.array([2**63], dtype=np.uint64), "must stay below"),
    ],
)
def test_other_columns_are_refused(values: npt.ArrayLike, message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        integer_column("order", values)


def test_a_column_of_another_length_is_refused() -> None:
    with pytest.raises(ColumnError, match="Column order has 3 rows where 2 are needed"):
        integer_column("order", [1, 2, 3], length=2)


def test_ids_give_their_size_when_none_is_given() -> None:
    column, size = id_column("question", [4, 0])
    assert (column.tolist(), size) == ([4, 0], 5)
    assert column.dtype == np.int32
    assert id_column("question", [], size=3)[1] == 3
    assert id_column("question", [])[1] == 0


@pytest.mark.parametrize(("values", "row"), [([0, 3], 1), ([-1, 0], 0)])
def test_an_id_out_of_range_is_named(values: list[int], row: int) -> None:
    with pytest.raises(ColumnError, match=rf"Row {row} of column question holds .* 0\.\.2"):
        id_column("question", values, size=3)


def test_ids_beyond_32_bits_are_refused() -> None:
    with pytest.raises(ColumnError, match="below 2"):
        id_column("question", [2**31])


def test_a_mask_must_be_true_or_false() -> None:
    assert mask_column("keep", None, length=2).tolist() == [False, False]
    with pytest.raises(ColumnError, match="give True or False"):
        mask_column("keep", [0, 1], length=2)


@pytest.mark.parametrize("value", [-0.1, np.inf, -np.inf])
def test_seconds_are_zero_or_more_or_unknown(value: float) -> None:
    assert np.isnan(seconds_column([0, np.nan], length=2)).tolist() == [False, True]
    with pytest.raises(ColumnError, match="Row 1 of column seconds"):
        seconds_column([0.0, value], length=2)
    with pytest.raises(ColumnError, match="give numbers"):
        seconds_column(["3"], length=1)


@pytest.mark.parametrize("offset", [0, -(2**63), 2**62])
def test_rows_are_sorted_by_question_then_order(offset: int) -> None:
    question = np.array([1, 0, 1, 0], dtype=np.int32)
    order = np.array([5, 9, 2, 1], dtype=np.int64) + np.int64(offset)
    assert rows_by_question(question, order=order).tolist() == [3, 1, 2, 0]


def test_orders_too_far_apart_for_one_key_are_sorted_too() -> None:
    question = np.array([1, 0, 1], dtype=np.int32)
    order = np.array([2**63 - 1, 0, -(2**63)], dtype=np.int64)
    assert rows_by_question(question, order=order).tolist() == [1, 2, 0]


def test_a_tie_inside_a_question_is_refused_and_one_between_questions_is_not() -> None:
    order = np.array([7, 7], dtype=np.int64)
    assert rows_by_question(np.array([1, 0], dtype=np.int32), order=order).tolist() == [1, 0]
    with pytest.raises(ColumnError, match="Two votes on question 1 share order 7"):
        rows_by_question(np.array([1, 1], dtype=np.int32), order=order)


def test_no_order_is_the_order_of_the_rows() -> None:
    assert order_column(None, length=3).tolist() == [0, 1, 2]


def test_places_count_from_zero_in_each_question() -> None:
    question = np.array([0, 0, 2, 2, 2], dtype=np.int32)
    assert places(question, n_questions=4).tolist() == [0, 1, 0, 1, 2]


def test_numbers_are_finite() -> None:
    assert number_column("values", [True, False]).tolist() == [1.0, 0.0]
    assert number_column("values", [], length=0).dtype == np.float64
    given = np.array([1.5, 2.0])
    assert not np.shares_memory(number_column("values", given), given)
    for value in (np.nan, np.inf):
        with pytest.raises(ColumnError, match="Row 1 of column values holds"):
            number_column("values", [0.0, value])
    with pytest.raises(ColumnError, match="give numbers"):
        number_column("values", ["3"])
