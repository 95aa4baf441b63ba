from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import sem

from studyapp.analytics import ColumnError, RuleError
from studyapp.analytics.class_robustness import class_robustness, ranks
from studyapp.analytics.columns import Float64
from tests.conftest import skip_or_fail


def published(shared_data: Path, name: str) -> Float64:
    """The crs column of a published table, by class."""
    path = shared_data / "robustness_scores" / f"{name}.csv"
    if not path.is_file():
        skip_or_fail(f"the published scores are not in {path}")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    crs = np.full(1000, np.nan)
    crs[[int(row["id"]) for row in rows]] = [float(row["crs"]) for row in rows]
    return crs


def test_by_hand() -> None:
    """Class 0: 0.2 and 0.4; 1: one score and one undefined; 2: undefined alone; 3: no image."""
    found = class_robustness(
        [0.2, 0.5, math.nan, 0.4, math.nan, 0.3], cls=[0, 1, 1, 0, 2, 4], n_classes=5
    )
    np.testing.assert_allclose(found.crs, [0.3, 0.5, np.nan, np.nan, 0.3])
    np.testing.assert_allclose(found.crs_se, [0.1, np.nan, np.nan, np.nan, np.nan])
    assert found.n.tolist() == [2, 1, 0, 0, 1]
    assert found.n_undefined.tolist() == [0, 1, 1, 0, 0]
    assert (found.rank[1], found.rank[2], found.rank[3]) == (3, 0, 0)
    assert (found.n_below(0.5), found.n_below(0.51)) == (2, 3)


def test_undefined_scores_can_count_as_zero() -> None:
    found = class_robustness(
        [0.2, 0.5, math.nan, math.nan], cls=[0, 1, 1, 2], n_classes=4, undefined="zero"
    )
    np.testing.assert_allclose(found.crs, [0.2, 0.25, 0, np.nan])
    assert found.n.tolist() == [1, 2, 1, 0]
    assert found.n_undefined.tolist() == [0, 1, 1, 0]
    assert found.rank.tolist() == [2, 3, 1, 0]


def test_equal_scores_rank_by_class_and_are_told() -> None:
    rank, tied = ranks(np.array([0.5, 0.1, np.nan, 0.5, np.nan, 0.2]))
    assert rank.tolist() == [3, 1, 0, 4, 0, 2]
    assert tied.tolist() == [True, False, False, True, False, False]


def test_no_images() -> None:
    found = class_robustness([], cls=[], n_classes=2)
    data = json.loads(json.dumps(found.to_dict()))
    assert (data["crs"], data["rank"], data["n"]) == ([None] * 2, [None] * 2, [0, 0])
    assert (data["n_classes"], data["n_classes_without"]) == (2, 2)


@pytest.mark.slow
@given(st.lists(st.tuples(st.floats(0, 1) | st.just(math.nan), st.integers(0, 3)), max_size=25))
def test_every_class_one_by_one(images: list[tuple[float, int]]) -> None:
    found = class_robustness(
        np.array([score for score, _ in images], dtype=float),
        cls=np.array([number for _, number in images], dtype=int),
        n_classes=4,
    )
    for number in range(4):
        own = [score for score, of in images if of == number]
        defined = [score for score in own if not math.isnan(score)]
        assert found.n[number] == len(defined)
        assert found.n_undefined[number] == len(own) - len(defined)
        if defined:
            assert found.crs[number] == pytest.approx(np.mean(defined), abs=1e-12)
        if len(defined) > 1:
            assert found.crs_se[number] == pytest.approx(sem(defined), abs=1e-12)
    ranked = [number for number in np.argsort(found.rank).tolist() if found.rank[number]]
    assert ranked == sorted(ranked, key=lambda number: (found.crs[number], number))
    assert sorted(found.rank[ranked].tolist()) == list(range(1, len(ranked) + 1))


@pytest.mark.parametrize(
    ("name", "mean", "below"),
    [
        ("ResNet_152__GradCAMpp", "0.6956", (8, 27, 54)),
        ("ResNet_152__SmoothGradCAMpp", "0.6905", (8, 27, 58)),
        ("AlexNet__GradCAMpp", "0.6126", (19, 50, 103)),
    ],
)
def test_the_published_tables(
    shared_data: Path, name: str, mean: str, below: tuple[int, ...]
) -> None:
    """A class of one image, whose score is the published one, has that score."""
    found = class_robustness(published(shared_data, name), cls=range(1000), n_classes=1000)
    assert f"{found.crs.mean():.4f}" == mean
    assert tuple(found.n_below(score) for score in (0.2, 0.3, 0.4)) == below
    assert sorted(found.rank.tolist()) == list(range(1, 1001))


@pytest.mark.parametrize(
    ("rs", "words", "error", "message"),
    [
        ([0.5, 1.2], {}, ColumnError, "Row 1 of column rs holds 1.2"),
        ([0.5, -0.1], {}, ColumnError, "Row 1 of column rs holds -0.1"),
        ([0.5], {}, ColumnError, "give 2 numbers"),
        (["a", "b"], {}, ColumnError, "give 2 numbers"),
        ([0.5, 0.5], {"n_classes": 1}, ColumnError, "Row 1 of column cls holds 1"),
        ([0.5, 0.5], {"undefined": "mean"}, RuleError, "use one of left_out, zero"),
    ],
)
def test_bad_arguments_are_refused(
    rs: list[Any], words: dict[str, Any], error: type[Exception], message: str
) -> None:
    columns: dict[str, Any] = {"cls": [0, 1], "n_classes": 2}
    with pytest.raises(error, match=message):
        class_robustness(rs, **(columns | words))
