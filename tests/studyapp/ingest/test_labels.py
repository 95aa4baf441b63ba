from __future__ import annotations

import pytest

from studyapp.ingest.classes import ClassRow
from studyapp.ingest.labels import Labels, UnknownClassError

LABELS = Labels(
    [ClassRow("n0", "crane"), ClassRow("n1", "cup"), ClassRow("n2", "crane")], title="birds"
)


def test_index_and_wnid_mean_a_class_and_a_name_does_not() -> None:
    assert [LABELS.index(text) for text in ("0", "n1", "02", "2")] == [0, 1, 2, 2]
    for unknown in ("3", "cup", "", "-1", "²", "n9", "1.0"):
        with pytest.raises(UnknownClassError, match=r"no class index and no wnid.*birds"):
            LABELS.index(unknown)


def test_number_that_is_another_class_by_wnid_is_refused() -> None:
    numbers = Labels([ClassRow("1", "a"), ClassRow("0", "b"), ClassRow("2", "c")], title="t")
    assert numbers.index("2") == 2
    with pytest.raises(UnknownClassError, match="'1' is class 1 by index and class 0 by wnid"):
        numbers.index("1")


def test_names_serve_where_only_one_class_has_it() -> None:
    assert LABELS.index_by_any_name("cup") == LABELS.index_by_any_name("n1") == 1
    assert LABELS.index_by_any_name("2") == 2
    with pytest.raises(UnknownClassError, match=r"'crane' is the name of classes \[0, 2\]"):
        LABELS.index_by_any_name("crane")
