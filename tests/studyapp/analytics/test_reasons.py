from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, Rule, agreement, proportion_ci
from studyapp.analytics.reasons import primary_reasons, reason_breakdown

NAMES = ["small", "look-alike", "label wrong"]


def codes() -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Four images by two coders; the second has not seen image 2, and image 3 nobody has."""
    return np.array(
        [
            [[1, 1, 0], [1, 0, 0]],
            [[0, 1, 1], [0, 1, 1]],
            [[1, 0, 0], [0, 0, 0]],
            [[0, 0, 0], [0, 0, 0]],
        ],
        dtype=bool,
    )


CODED = np.array([[True, True], [True, True], [True, False], [False, False]])


def test_both_coders_must_agree() -> None:
    found = reason_breakdown(codes(), names=NAMES, rule=Rule(k=2, n=2), coded=CODED)
    assert (found.n_items, found.n_uncoded) == (3, 1)
    assert [(row.label, row.n_with, row.n_unclear) for row in found.rows] == [
        ("small", 1, 1),
        ("look-alike", 1, 0),
        ("label wrong", 1, 0),
        ("none", 0, 1),
        ("several", 1, 0),
        ("cannot tell", 1, 0),
    ]
    assert found.rows[0].ci == proportion_ci(1, n=3)
    small = agreement(np.array([[2, 0], [0, 2], [1, 0]]), coding="given or not")
    assert found.agreement[0] == small


def test_one_coder_is_enough() -> None:
    found = reason_breakdown(codes(), names=NAMES, rule=Rule(k=1, n=2), coded=CODED)
    assert [row.n_with for row in found.rows] == [2, 2, 1, 0, 2, 0]


def test_published_reasons_of_a_large_model() -> None:
    """378 mistakes of ViT-3B by one panel: 241 fine-grained, 54 out of vocabulary, 52, 30, 1."""
    counts = [241, 54, 52, 30, 1]
    names = ["fine-grained", "out of vocabulary", "spurious", "non-prototypical", "multilabel"]
    rows = primary_reasons(np.repeat(np.arange(5), counts)[:, None], names=names)
    assert [row.n_with for row in rows] == [*counts, 0]
    assert {row.n_items for row in rows} == {378}
    assert sum(row.share or 0 for row in rows) == pytest.approx(1)


def test_a_main_reason_needs_more_than_half_of_the_coders() -> None:
    primary = [[0, 0, 1], [0, 1, -1], [2, -1, -1], [-1, -1, -1]]
    rows = primary_reasons(primary, names=NAMES)
    assert [(row.label, row.n_with, row.n_items) for row in rows] == [
        ("small", 1, 3),
        ("look-alike", 0, 3),
        ("label wrong", 1, 3),
        ("disputed", 1, 3),
    ]


@given(st.integers(0, 6), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2**31))
def test_every_image_one_by_one(n_items: int, n_coders: int, n_flags: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    given_ = rng.random((n_items, n_coders, n_flags)) < 0.5
    coded = rng.random((n_items, n_coders)) < 0.7
    k = int(rng.integers(1, n_coders + 1))
    names = [str(flag) for flag in range(n_flags)]
    found = reason_breakdown(given_, names=names, rule=Rule(k=k, n=n_coders), coded=coded)
    for flag in range(n_flags):
        ticks = [(given_[i, :, flag] & coded[i]).sum() for i in range(n_items) if coded[i].any()]
        assert found.rows[flag].n_with == sum(tick >= k for tick in ticks)
    assert found.n_items + found.n_uncoded == n_items
    primary = np.where(coded, rng.integers(0, n_flags, coded.shape), -1)
    rows = primary_reasons(primary, names=names)
    assert sum(row.n_with for row in rows) == rows[0].n_items == coded.any(axis=1).sum()


def test_it_is_json() -> None:
    found = reason_breakdown(codes(), names=NAMES, rule=Rule(k=2, n=2), coded=CODED)
    data = json.loads(json.dumps(found.to_dict()))
    assert (data["n_uncoded"], data["rows"][0]["label"], data["rule"]["n"]) == (1, "small", 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reason_breakdown([[[2]]], names=["a"], rule=Rule()), "another flag than 1 yes"),
        (lambda: reason_breakdown([[True]], names=["a"], rule=Rule()), "codes has shape"),
        (lambda: primary_reasons([0], names=["a"]), "primary has shape"),
        (lambda: primary_reasons([[1]], names=["a"]), "primary must hold 0..0 or -1"),
        (lambda: primary_reasons([[-2]], names=["a"]), "primary must hold"),
        (lambda: primary_reasons([[0]], names=["disputed"]), "no reason be called disputed"),
    ],
)
def test_bad_arguments_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        call()
