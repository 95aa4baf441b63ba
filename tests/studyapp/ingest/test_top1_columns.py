from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest import top1_columns
from studyapp.ingest.tables import Table
from studyapp.ingest.top1_columns import model_columns, read_top1

ROWS = {"a": 0, "b": 1}


def _table(folder: Path, text: str) -> Table:
    path = folder / "predictions.csv"
    path.write_text(text)
    return Table(path)


def _read(table: Table, *, name: str | None = None) -> tuple[dict[str, list[int]], str]:
    columns = model_columns(table, name=name)
    top1, left_out = read_top1(table, columns=columns, row_of=ROWS, n_images=2, n_classes=5)
    return {model: column.tolist() for model, column in top1.items()}, (
        left_out.told("rows") if left_out else ""
    )


def test_a_column_per_model_beside_the_labels(tmp_path: Path) -> None:
    text = "image_id,one,label,two,real_labels\nb,3,1,,\na,4,1,0,\n"
    assert _read(_table(tmp_path, text)) == ({"one": [4, 3], "two": [0, -1]}, "")


def test_the_first_of_five_classes(tmp_path: Path) -> None:
    table = _table(tmp_path, "image_id,class_1,class_2,prob_1\na,3,4,0.5\n")
    assert _read(table, name="net") == ({"net": [3, -1]}, "")
    with pytest.raises(InputError, match="Name the model with --name"):
        model_columns(table, name=None)


def test_a_single_column_takes_the_name_that_is_given(tmp_path: Path) -> None:
    table = _table(tmp_path, "image_id,class\na,3\n")
    assert _read(table, name="net")[0] == {"net": [3, -1]}
    assert list(model_columns(table, name=None)) == ["class"]


def test_images_without_a_label_are_left_out_and_said(tmp_path: Path) -> None:
    found, told = _read(_table(tmp_path, "image_id,net\nz,1\na,2\nz,3\n"))
    assert found == {"net": [2, -1]}
    assert told.startswith("2 rows about 1 images that are not in the set were left out")
    with pytest.raises(InputError, match="line 2: the labels have no image 'z', nor any other"):
        _read(_table(tmp_path, "image_id,net\nz,1\n"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("image_id,net\na,5\n", "line 2: net is 5, but the class list ends at 4"),
        ("image_id,net\nz,5\n", "line 2: net is 5, but the class list ends at 4"),
        ("image_id,net\na,cat\n", "line 2: net is 'cat'"),
        ("image_id,net\na,1\na,1\n", "line 3: the same image as in line 2"),
        ("image_id,label\na,1\n", "no column of predictions"),
    ],
)
def test_bad_predictions_are_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        _read(_table(tmp_path, text))


def test_too_many_models_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(top1_columns, "MOST_MODELS", 1)
    with pytest.raises(InputError, match="2 models at once"):
        _read(_table(tmp_path, "image_id,one,two\na,1,1\n"))
