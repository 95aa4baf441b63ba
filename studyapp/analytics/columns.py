"""Checks and orderings of the plain columns that votes come in."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from studyapp.analytics.errors import ColumnError

Int8 = npt.NDArray[np.int8]
Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

Column = TypeVar("Column", bound=npt.NDArray[Any])

INT32_LIMIT = 2**31
INT64_LIMIT = 2**63


def integer_column(name: str, values: npt.ArrayLike, *, length: int | None = None) -> Int64:
    """`values` as a new int64[length]; floats, text and other shapes are refused."""
    column = _one_dimension(name, np.asarray(values), length=length)
    if column.size == 0:
        return np.zeros(0, dtype=np.int64)
    if column.dtype.kind not in "iu":
        raise ColumnError(f"Column {name} holds {column.dtype}; give whole numbers.")
    if column.dtype.kind == "u" and int(column.max()) >= INT64_LIMIT:
        raise ColumnError(f"Column {name} holds {column.max()}; numbers must stay below 2**63.")
    return column.astype(np.int64)


def id_column(
    name: str,
    values: npt.ArrayLike,
    *,
    size: int | None = None,
    lowest: int = 0,
    length: int | None = None,
) -> tuple[Int32, int]:
    """`values` as int32 ids in lowest..size-1, and the size (largest id + 1 when not given)."""
    column = integer_column(name, values, length=length)
    if size is None:
        size = max(0, int(column.max()) + 1) if column.size else 0
    if not 0 <= size <= INT32_LIMIT:
        raise ColumnError(f"Column {name} would need {size} ids; ids must stay below 2**31.")
    outside = (column < lowest) | (column >= size)
    if outside.any():
        row = int(outside.argmax())
        raise ColumnError(
            f"Row {row} of column {name} holds {column[row]}, outside {lowest}..{size - 1}; "
            "number the items from 0 without gaps."
        )
    return column.astype(np.int32), size


def mask_column(name: str, values: npt.ArrayLike | None, *, length: int) -> Bool:
    """`values` as bool[length]; None is all False."""
    if values is None:
        return np.zeros(length, dtype=np.bool_)
    column = _one_dimension(name, np.asarray(values), length=length)
    if column.size and column.dtype.kind != "b":
        raise ColumnError(f"Column {name} holds {column.dtype}; give True or False for each row.")
    return column.astype(np.bool_)


def seconds_column(values: npt.ArrayLike, *, length: int) -> Float64:
    """`values` as float64[length] in seconds, >= 0 or NaN (not known)."""
    column = _one_dimension("seconds", np.asarray(values), length=length)
    if column.size and column.dtype.kind not in "iuf":
        raise ColumnError(f"Column seconds holds {column.dtype}; give numbers.")
    seconds = column.astype(np.float64)
    bad = (seconds < 0) | np.isinf(seconds)
    if bad.any():
        row = int(bad.argmax())
        raise ColumnError(
            f"Row {row} of column seconds holds {seconds[row]}; "
            "give zero or more, or NaN where the time is not known."
        )
    return seconds


def number_column(name: str, values: npt.ArrayLike, *, length: int | None = None) -> Float64:
    """`values` as a new float64[length], True and False as 1 and 0; NaN and infinity refused."""
    column = _one_dimension(name, np.asarray(values), length=length)
    if column.size and column.dtype.kind not in "iufb":
        raise ColumnError(f"Column {name} holds {column.dtype}; give numbers.")
    numbers = column.astype(np.float64)
    bad = ~np.isfinite(numbers)
    if bad.any():
        row = int(bad.argmax())
        raise ColumnError(
            f"Row {row} of column {name} holds {numbers[row]}; leave rows without a number out."
        )
    return numbers


def order_column(values: npt.ArrayLike | None, *, length: int) -> Int64:
    """`values` as int64[length]; None is the order of the rows."""
    if values is None:
        return np.arange(length, dtype=np.int64)
    return integer_column("order", values, length=length)


def rows_by_question(question: Int32, *, order: Int64) -> Int64:
    """Row numbers int64[V] sorted by question, then order; a tie inside a question is refused."""
    if question.size == 0:
        return np.zeros(0, dtype=np.int64)
    first, last = int(order.min()), int(order.max())
    span = last - first + 1
    if span * (int(question.max()) + 1) < INT64_LIMIT:
        # One packed key sorts several times faster than two columns do.
        key = question.astype(np.int64) * span + (order - first)
        if bool((key[1:] > key[:-1]).all()):
            return np.arange(question.size, dtype=np.int64)
        rows = np.argsort(key)
    else:
        rows = np.lexsort((order, question))
    tied = (np.diff(question[rows]) == 0) & (np.diff(order[rows]) == 0)
    if tied.any():
        row = int(rows[int(tied.argmax())])
        raise ColumnError(
            f"Two votes on question {question[row]} share order {order[row]}, so which came first "
            "is unknown; give every vote its own number, for example its row number."
        )
    return cast("Int64", rows.astype(np.int64, copy=False))


def places(question: Int32, *, n_questions: int) -> Int64:
    """Place int64[V] of each row inside its question, from 0; `question` must be sorted."""
    counts = np.bincount(question, minlength=n_questions)
    starts = np.cumsum(counts) - counts
    return cast("Int64", np.arange(question.size, dtype=np.int64) - starts[question])


def running_count(given: Bool, *, question: Int32, n_questions: int) -> Int64:
    """How many of `given` came up to and with each row inside its question (rows sorted)."""
    total = np.concatenate(([0], np.cumsum(given)))
    sizes = np.bincount(question, minlength=n_questions)
    before = total[np.cumsum(sizes) - sizes]
    return np.asarray(total[1:] - before[question], dtype=np.int64)


def frozen(column: Column) -> Column:
    """`column` itself, made read-only."""
    column.setflags(write=False)
    return column


def _one_dimension(
    name: str, column: npt.NDArray[np.generic], *, length: int | None
) -> npt.NDArray[np.generic]:
    if column.ndim != 1:
        raise ColumnError(f"Column {name} has shape {column.shape}; give one value for each row.")
    if length is not None and column.size != length:
        raise ColumnError(
            f"Column {name} has {column.size} rows where {length} are needed; "
            "give every column the same rows."
        )
    return column
