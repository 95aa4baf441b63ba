from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from studyapp.analytics import ColumnError, Rule, proportion_ci, verdicts
from studyapp.analytics.coded import (
    check_names,
    coded_table,
    coder_votes,
    majority,
    share,
    shares,
)


def test_flags_become_votes() -> None:
    """Two items, two coders, three flags; the second coder has not seen item 0."""
    flags = np.array([[[1, 0, -1], [1, 1, 1]], [[0, 0, 0], [1, 0, -1]]], dtype=np.int8)
    votes = coder_votes(flags, coded=np.array([[True, False], [True, True]]))
    assert (votes.n_questions, votes.n_raters, len(votes)) == (6, 2, 9)
    assert votes.counts3().tolist() == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [1, 1, 0],
        [0, 2, 0],
        [0, 1, 1],
    ]
    assert verdicts(votes, rule=Rule(k=1, n=1)).code.tolist() == [1, 0, -1, 0, 0, 0]


def test_no_items() -> None:
    empty = np.zeros((0, 2, 3), dtype=np.int8)
    assert len(coder_votes(empty, coded=np.zeros((0, 2), dtype=bool))) == 0
    rows = shares(np.zeros((0, 1), dtype=np.int8), names=["a"], method="wilson", level=0.95)
    assert [(row.n_items, row.share, row.ci) for row in rows] == [(0, None, None)] * 4


def test_shares_by_hand() -> None:
    code = np.array([[1, 1], [1, -1], [0, 0], [0, -1], [0, 1]], dtype=np.int8)
    rows = shares(code, names=["a", "b"], method="wilson", level=0.95)
    assert [(row.label, row.n_with, row.n_unclear) for row in rows] == [
        ("a", 2, 0),
        ("b", 2, 2),
        ("none", 1, 1),
        ("several", 1, 0),
        ("cannot tell", 1, 0),
    ]
    assert rows[0].share == 2 / 5
    assert rows[0].ci == proportion_ci(2, n=5)
    with_any = 3
    assert with_any + rows[2].n_with + rows[4].n_with == len(code)
    assert json.loads(json.dumps(rows[0].to_dict()))["ci_method"] == "wilson"
    assert share("x", n_with=1, n_items=4, method="wilson", level=0.9).share == 0.25


@pytest.mark.parametrize(("coders", "k"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_a_majority_is_more_than_half(coders: int, k: int) -> None:
    assert majority(coders) == Rule(k=k, n=coders)


@pytest.mark.parametrize(
    ("values", "coded", "message"),
    [
        (np.zeros((2, 2)), None, "items by coders by flags"),
        (np.zeros((2, 2, 2)), None, "of float64"),
        (np.zeros((2, 0, 2), dtype=int), None, "items by coders by flags"),
        (np.full((2, 2, 2), 3), None, "of item 0 has another flag"),
        (np.zeros((2, 2, 2), dtype=int), [[True, True]], "2 items by 2 coders"),
        (np.zeros((1, 2, 2), dtype=int), [[1, 1]], "1 items by 2 coders"),
    ],
)
def test_bad_tables_are_refused(values: Any, coded: Any, message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        coded_table("flags", values, coded=coded)


@pytest.mark.parametrize("names", [[], ["a"], ["a", "a"], ["a", "none"], ["a", "b", "c"]])
def test_bad_names_are_refused(names: list[str]) -> None:
    with pytest.raises(ColumnError, match="one different name each"):
        check_names(names, n_flags=2)
