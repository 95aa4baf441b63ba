from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import fisher_exact

from studyapp.analytics import ColumnError, Rule, agreement
from studyapp.analytics.attributes import AttributeShares, attribute_shares

GROUPS = ["black persons", "white persons"]

#: Basketball, section 4.2, in percent: prototypes, criticisms, training images; groups overlap.
PRINTED = {"prototypes": (78, 44), "criticisms": (20, 90), "training": (53, 55)}


def flags_of(counts: tuple[int, int], n: int) -> npt.NDArray[np.int8]:
    """The first images show the one group, the last the other, so that they overlap least."""
    first = np.arange(n) < counts[0]
    other = np.arange(n) >= n - counts[1]
    return np.stack([first, other], axis=1).astype(np.int8)


def basketball() -> AttributeShares:
    sets = [flags_of((39, 22), 50), flags_of((10, 45), 50), flags_of((53, 55), 100)]
    return attribute_shares(
        np.concatenate(sets), set_id=np.repeat([0, 1, 2], [50, 50, 100]), names=GROUPS
    )


def test_the_printed_shares_of_basketball_from_whole_counts() -> None:
    found = basketball()
    for rows, printed in zip(found.sets, PRINTED.values(), strict=True):
        assert tuple(round(100 * (row.share or 0)) for row in rows[:2]) == printed
    # The printed shares add up to more than all: so many images at least show both.
    several = {name: rows[3] for name, rows in zip(PRINTED, found.sets, strict=True)}
    assert {name: row.n_with for name, row in several.items()} == {
        "prototypes": 11,
        "criticisms": 5,
        "training": 8,
    }
    assert [round(100 * row.n_with / row.n_items) for row in several.values()] == [22, 10, 8]
    assert [rows[2].n_with for rows in found.sets] == [0, 0, 0]
    assert found.agreement is None


def test_the_size_of_the_sets_is_the_whole_argument() -> None:
    """The sizes that fit the printed shares, and what the difference is worth at two of them."""

    def fits(percents: tuple[int, int]) -> list[int]:
        def prints(n: int, percent: int) -> bool:
            return any(round(100 * j / n) == percent for j in range(n + 1))

        return [n for n in range(2, 51) if all(prints(n, percent) for percent in percents)]

    assert fits(PRINTED["prototypes"]) == [9, 18, 27, 32, 36, 41, 45, 50]
    assert fits(PRINTED["criticisms"]) == [10, 20, 30, 40, 41, 49, 50]
    small = attribute_shares(
        np.concatenate([flags_of((7, 4), 9), flags_of((2, 9), 10)]),
        set_id=np.repeat([0, 1], [9, 10]),
        names=GROUPS,
    )
    p_values = []
    for found in (small, basketball()):
        black = [rows[0] for rows in found.sets[:2]]
        table = [[row.n_with, row.n_items - row.n_with] for row in black]
        p_values.append(f"{fisher_exact(table).pvalue:.1g}")
    assert p_values == ["0.02", "8e-09"]


def test_several_coders_decide_by_majority() -> None:
    """Three coders; image 0 two of three, image 1 one of three, image 2 one cannot tell."""
    flags = np.array([[[1], [1], [0]], [[1], [0], [0]], [[1], [-1], [0]]], dtype=np.int8)
    found = attribute_shares(flags, set_id=[0, 0, 0], names=["a"])
    a, none, several, unclear = found.sets[0]
    assert (a.n_with, a.n_unclear, a.n_items) == (1, 1, 3)
    assert (none.n_with, several.n_with, unclear.n_with) == (1, 0, 1)
    assert found.rule == Rule(k=2, n=3)
    assert found.agreement is not None
    expected = agreement(np.array([[2, 1, 0], [1, 2, 0], [1, 1, 1]]), coding="three_answers")
    assert found.agreement == (expected,)


def test_one_coder_may_be_unable_to_tell() -> None:
    found = attribute_shares([[1, 0], [0, -1], [-1, 1]], set_id=[0, 0, 1], names=["a", "b"])
    assert [row.n_with for row in found.sets[0]] == [1, 0, 0, 0, 1]
    assert [row.n_with for row in found.sets[1]] == [0, 1, 0, 0, 0]
    assert [row.n_items for row in found.sets[1]] == [1] * 5


def test_a_coder_who_has_not_seen_an_image_has_no_say() -> None:
    flags = np.array([[[1], [1], [0]]], dtype=np.int8)
    coded = [[True, False, True]]
    found = attribute_shares(flags, set_id=[0], names=["a"], coded=coded)
    assert (found.sets[0][0].n_with, found.sets[0][3].n_with) == (0, 1)


def test_it_is_json() -> None:
    data = json.loads(json.dumps(basketball().to_dict()))
    assert data["sets"][0][0]["label"] == "black persons"
    assert (data["agreement"], data["rule"]["k"]) == (None, 1)
    flags = np.zeros((2, 2, 1), dtype=np.int8)
    data = json.loads(json.dumps(attribute_shares(flags, set_id=[0, 0], names=["a"]).to_dict()))
    assert data["agreement"][0]["percent_agreement"] == 1


def test_bad_sets_are_refused() -> None:
    with pytest.raises(ColumnError, match="Column set_id has 2 rows where 1 are needed"):
        attribute_shares([[1]], set_id=[0, 1], names=["a"])
    with pytest.raises(ColumnError, match="flags has shape"):
        attribute_shares([1], set_id=[0], names=["a"])
