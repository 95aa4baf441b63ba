from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from explain.errors import ParameterError
from explain.robustness import Scores, Undefined, by_class

SCORES = Scores(
    rs=np.array([0.2, 0.6, np.nan, np.nan, 0.9, np.nan]),
    undefined=(None, None, Undefined.ZERO_MAP, Undefined.OUTSIDE, None, Undefined.ZERO_MAP),
    area=np.array([0.1, 0.3, 0.5, 0.0, 0.4, 0.2]),
)
CLASSES = [7, 7, 7, 2, 4, 2]


def test_means_counts_and_reasons() -> None:
    second, fourth, seventh = by_class(SCORES, CLASSES, ranks=[0, 3, 0, 0, 9, 1])
    assert (seventh.class_index, seventh.n_images, seventh.n_scored) == (7, 3, 2)
    assert seventh.crs == pytest.approx(0.4)
    assert seventh.crs_correct == pytest.approx(0.2)
    assert seventh.area == pytest.approx(0.2)
    assert seventh.undefined == {"zero_map": 1}
    assert seventh.top1 == pytest.approx(2 / 3)
    assert seventh.top5 == 1
    assert fourth.crs == pytest.approx(0.9)
    assert fourth.crs_correct is None
    assert fourth.top5 == 0
    assert second.undefined == {"outside": 1, "zero_map": 1}


def test_a_class_without_a_usable_image_has_no_score_and_not_zero() -> None:
    second = by_class(SCORES, CLASSES)[0]
    assert (second.class_index, second.n_images, second.n_scored) == (2, 2, 0)
    assert second.crs is None
    assert second.area is None
    assert json.loads(json.dumps(asdict(second)))["crs"] is None


def test_without_predictions_nothing_is_said_about_them() -> None:
    seventh = by_class(SCORES, CLASSES)[-1]
    assert (seventh.crs_correct, seventh.top1, seventh.top5) == (None, None, None)


def test_nothing_scored_is_no_class() -> None:
    empty = Scores(rs=np.empty(0), undefined=(), area=np.empty(0))
    assert by_class(empty, []) == ()


@pytest.mark.parametrize(("classes", "ranks"), [([1], None), (CLASSES, [0])])
def test_another_number_of_classes_or_ranks_is_refused(
    classes: list[int], ranks: list[int] | None
) -> None:
    with pytest.raises(ParameterError, match="6 scores need as many"):
        by_class(SCORES, classes, ranks=ranks)
