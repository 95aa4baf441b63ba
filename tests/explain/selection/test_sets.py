from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explain.errors import ParameterError
from explain.selection.sets import Candidates, ExampleSet, Pick


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"keys": ["a", "b", "a"]}, "a key is there twice"),
        ({"probabilities": np.zeros(2)}, r"probabilities of the shape \(2,\) for 3 images"),
        ({"features": np.zeros(3)}, r"features of the shape \(3,\)"),
        ({"flip_steps": np.zeros((3, 1), np.int32)}, r"flip_steps of the shape \(3, 1\)"),
        ({"probabilities": np.array([0, np.nan, 1])}, "probabilities hold values that are no"),
    ],
)
def test_columns_that_do_not_fit_are_refused_by_name(columns: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=rf"candidates of hen: {message}"):
        Candidates(**{"keys": ["a", "b", "c"], "name": "hen", **columns})


def test_leaving_some_out_cuts_every_column_alike() -> None:
    whole = Candidates(
        keys=["a", "b", "c", "d"],
        flip_steps=np.arange(4),
        label_probabilities=np.arange(4) / 10,
        max_steps=10,
        features=np.arange(8.0).reshape(4, 2),
        probabilities=np.arange(4) / 4,
    )
    cut = whole.without({"b", "unknown"})
    assert cut.keys == ["a", "c", "d"]
    assert cut.flip_steps is not None
    assert cut.flip_steps.tolist() == [0, 2, 3]
    assert cut.column("label_probabilities", method="m").tolist() == [0, 0.2, 0.3]
    assert cut.column("features", method="m").tolist() == [[0, 1], [4, 5], [6, 7]]
    assert cut.column("probabilities", method="m").tolist() == [0, 0.5, 0.75]
    assert cut.max_steps == 10


def test_a_missing_column_and_too_few_images_are_named() -> None:
    candidates = Candidates(keys=[1, 2], name="jay")
    with pytest.raises(ParameterError, match="jay: the method mmd needs features"):
        candidates.column("features", method="mmd")
    with pytest.raises(ParameterError, match="jay: 3 images are asked for, 2 are there"):
        candidates.require(3)


def test_a_set_is_strict_when_all_of_it_is() -> None:
    def with_criticism(strict: bool) -> ExampleSet[int]:
        return ExampleSet(
            method="m",
            prototypes=(Pick(1, strict=True, scores={}),),
            criticisms=(Pick(2, strict=strict, scores={}),),
            n_candidates=5,
            parameters={},
            seed=None,
            provenance=None,
        )

    assert with_criticism(True).strict
    assert not with_criticism(False).strict
