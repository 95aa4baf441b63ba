from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest.classes import (
    ClassRow,
    classes_of_folders,
    classes_of_labels,
    content_hash_of,
    prompt_names,
    read_class_list,
    rows_of,
    store_class_list,
)
from studyapp.models import ClassList, LabelClass

HEADER = "class_index,wnid,name,all_names\n"


def _read(folder: Path, text: str) -> list[ClassRow]:
    path = folder / "classes.csv"
    path.write_text(HEADER + text, encoding="utf-8")
    return read_class_list(path)


def test_order_is_by_index_not_by_line(tmp_path: Path) -> None:
    rows = _read(tmp_path, '1,n2,dog,"dog, hound"\n0,n1,cat,\n')
    assert rows == [ClassRow("n1", "cat"), ClassRow("n2", "dog", "dog, hound")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0,n1,cat,\n2,n2,dog,\n", "line 3: class_index 1 is missing before 2"),
        ("1,n1,cat,\n", "line 2: class_index 0 is missing"),
        ("0,n1,cat,\n0,n2,dog,\n", "line 3: class_index 0 was given in line 2"),
        ("0,n1,cat,\n1,n1,dog,\n", "line 3: wnid 'n1' was given in line 2"),
        ("0,,cat,\n", "line 2: wnid is ''"),
        ("0,n1,,\n", "line 2: name is ''"),
        ("x,n1,cat,\n", "line 2: class_index is 'x'"),
        ("-1,n1,cat,\n", "line 2: class_index is '-1'"),
        ("", "no classes"),
    ],
)
def test_bad_lists_name_the_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        _read(tmp_path, text)


def test_classes_made_from_folders_and_labels() -> None:
    assert [row.wnid for row in classes_of_folders(["dog", "cat"])] == ["cat", "dog"]
    assert [row.wnid for row in classes_of_folders(["10", "9", "0"])] == ["0", "9", "10"]
    assert [row.name for row in classes_of_labels({"2"}, item="m")] == [
        "class 0",
        "class 1",
        "class 2",
    ]
    assert [row.wnid for row in classes_of_labels({"n2", "n1"}, item="m")] == ["n1", "n2"]
    with pytest.raises(InputError, match=r"partly indices .2., partly ids .n1."):
        classes_of_labels({"2", "n1"}, item="m")
    with pytest.raises(InputError, match="more than 100000 classes"):
        classes_of_labels({"100000"}, item="m")


@pytest.mark.parametrize("labels", [{"cat", "dog"}, {"n01440764", "tench"}, {"class 3"}, {"n"}])
def test_names_as_labels_are_refused_with_the_way_out(labels: set[str]) -> None:
    with pytest.raises(InputError) as refused:
        classes_of_labels(labels, item="m.csv")
    assert "m.csv: labels are names (" in str(refused.value)
    assert "--classes, a CSV with the header class_index,wnid,name" in str(refused.value)
    assert "n01440764" not in str(refused.value)


def test_prompt_names_tell_equal_names_apart() -> None:
    rows = [
        ClassRow("n1", "crane", "crane"),
        ClassRow("n2", "crane", "crane"),
        ClassRow("n3", "maillot", "maillot"),
        ClassRow("n4", "maillot", "maillot, tank suit"),
        ClassRow("n5", "tench", "tench, Tinca tinca"),
        ClassRow("n6", "bat", "bat, mammal"),
        ClassRow("n7", "bat", "bat, mammal"),
    ]
    assert prompt_names(rows) == [
        *("crane (n1)", "crane (n2)", "maillot (n3)", "maillot (tank suit)", "tench"),
        *("bat (n6)", "bat (n7)"),
    ]


def test_prompt_names_of_imagenet_are_distinct(shared_data: Path) -> None:
    rows = read_class_list(shared_data / "imagenet_classes" / "classes.csv")
    prompts = prompt_names(rows)
    assert len(rows) == len(set(prompts)) == 1000
    assert len({row.name for row in rows}) == 998
    assert max(map(len, prompts)) <= 400


@pytest.mark.django_db
def test_equal_lists_are_one_list() -> None:
    rows = [ClassRow("n1", "cat"), ClassRow("n2", "dog", "dog, hound")]
    first = store_class_list(rows, name="first")
    assert store_class_list(rows, name="second") == first
    assert store_class_list(rows[::-1], name="third") != first
    assert rows_of(first) == rows
    assert first.content_hash == content_hash_of(rows)
    assert (ClassList.objects.count(), LabelClass.objects.count()) == (2, 4)
