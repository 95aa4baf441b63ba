from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, proportion_ci, real_accuracy
from tests.studyapp.analytics.conftest import RealRelease


def test_images_without_labels_leave_the_denominator() -> None:
    found = real_accuracy([7, 7, 7, 7], indptr=[0, 2, 2, 3, 5], indices=[3, 7, 4, 7, 7])
    assert (found.n_images, found.n_correct, found.n_without_labels) == (3, 2, 1)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.ci == proportion_ci(2, n=3)


def test_without_any_label_there_is_no_figure() -> None:
    found = real_accuracy([1], indptr=[0, 0], indices=[])
    assert (found.accuracy, found.ci) == (None, None)
    assert json.loads(json.dumps(found.to_dict()))["real_accuracy"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"indptr": [0, 1]}, "Column indptr has 2 rows where 3 are needed"),
        ({"indptr": [0, 1, 1]}, "must rise from 0 to 2"),
        ({"indptr": [1, 1, 2]}, "must rise from 0 to 2"),
        ({"indptr": [0, 3, 2]}, "must rise from 0 to 2"),
        ({"indices": [-1, 4]}, "Row 0 of column indices"),
    ],
)
def test_bad_label_lists_are_refused(change: dict[str, Any], message: str) -> None:
    columns: dict[str, Any] = {"indptr": [0, 1, 2], "indices": [4, 5]} | change
    with pytest.raises(ColumnError, match=message):
        real_accuracy([4, 4], **columns)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 4), st.lists(st.integers(0, 4), max_size=3)), max_size=12))
def test_sets_of_python_agree(images: list[tuple[int, list[int]]]) -> None:
    labels = [label for _, labels in images for label in labels]
    found = real_accuracy(
        [predicted for predicted, _ in images],
        indptr=np.cumsum([0, *(len(labels) for _, labels in images)]),
        indices=labels,
    )
    labelled = [(predicted, set(labels)) for predicted, labels in images if labels]
    assert found.n_images == len(labelled)
    assert found.n_correct == sum(predicted in labels for predicted, labels in labelled)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "percent"),
    [
        ("resnet50-v1.5-tflite-fp32", "83.0743"),
        ("mobilenet-v2-1.0-224", "79.7064"),
        ("mobilenet-v1-1.0-224", "78.5838"),
        ("mobilenet-v1-0.25-128", "50.2807"),
    ],
)
def test_real_predictions(real_release: RealRelease, model: str, percent: str) -> None:
    found = real_accuracy(
        real_release.models[model].prediction,
        indptr=real_release.indptr,
        indices=real_release.indices,
    )
    assert found.accuracy is not None
    assert f"{100 * found.accuracy:.4f}" == percent
    assert found.n_images + found.n_without_labels == 4964
