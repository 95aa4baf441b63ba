from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studyapp.errors import InputError
from studyapp.ingest import raters_release
from studyapp.ingest.raters_release import RatersRelease

INFO = np.array([["a.JPEG", "3"], ["b.c", "7"]])
IDS = np.array([5, 2, 9])


def _tensor(*ones: tuple[int, int, int]) -> Any:
    tensor = np.zeros((3, 2, 3))
    for place in ones:
        tensor[place] = 1
    return tensor


def _file(folder: Path, **arrays: Any) -> RatersRelease:
    path = folder / "raters.npz"
    np.savez_compressed(path, **{"info": INFO, "ids": IDS, **arrays})
    return RatersRelease(path)


VOTES = _tensor((1, 0, 2), (0, 1, 0), (0, 0, 1), (2, 1, 2))
EXPECTED = [
    (1, "a", "3", "R5", "maybe", "", "0"),
    (2, "a", "3", "R2", "yes", "", "0"),
    (3, "b.c", "7", "R5", "no", "", "1"),
    (4, "b.c", "7", "R9", "yes", "", "1"),
]


@pytest.mark.parametrize(
    "tensor",
    [VOTES, np.asfortranarray(VOTES), VOTES.astype(">f4"), VOTES.astype(bool)],
    ids=["C", "Fortran", "big-endian", "bool"],
)
def test_votes_come_question_by_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tensor: Any
) -> None:
    file = _file(tmp_path, tensor=tensor)
    assert list(file.raw_votes()) == EXPECTED
    # Pieces that end anywhere make no difference.
    monkeypatch.setattr(raters_release, "_PIECE", 4)
    monkeypatch.setattr(raters_release, "_ROWS", 3)
    assert list(file.raw_votes()) == EXPECTED


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"tensor": _tensor((0, 1, 0), (0, 1, 2))}, "rater 0 of the tensor has two answers"),
        ({"tensor": 2 * VOTES}, "holds other numbers than 0 and 1"),
        ({"tensor": VOTES * np.nan}, "holds other numbers than 0 and 1"),
        ({"tensor": VOTES[:2]}, r"tensor is float64 \(2, 2, 3\), but ids and info make it"),
        ({"tensor": VOTES, "ids": np.array(5)}, "ids is not a list of whole numbers"),
        ({"tensor": VOTES, "ids": np.array([0.5, 1, 2])}, "ids is not a list of whole numbers"),
        ({"tensor": VOTES, "info": INFO[:, 0]}, "info is not a table of two texts"),
        ({"tensor": VOTES, "info": np.ones((2, 2))}, "info is not a table of two texts"),
        ({"tensor": VOTES, "info": INFO.astype(object)}, "Python objects, which are never loaded"),
        ({"votes": VOTES}, r"no array tensor \(found: ids.npy, info.npy, votes.npy\)"),
    ],
)
def test_another_layout_is_named(tmp_path: Path, arrays: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        list(_file(tmp_path, **arrays).raw_votes())
    assert "raters.npz" in str(caught.value)
    assert caught.value.remedy


def test_a_forged_header_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    file = _file(tmp_path, tensor=VOTES)
    for name, shape in (("info", (1 << 40, 2)), ("tensor", (1 << 40, 2, 3)), ("ids", (7,))):
        forged = tmp_path / f"{name}.npz"
        with zipfile.ZipFile(file.path) as whole, zipfile.ZipFile(forged, "w") as out:
            for member in whole.namelist():
                content = whole.read(member)
                if member == f"{name}.npy":
                    array = {"info": INFO, "tensor": VOTES, "ids": IDS}[name]
                    old = f"'shape': {array.shape}".encode()
                    new = f"'shape': {shape}".encode()
                    gained = len(new) - len(old)
                    assert old in content
                    content = content.replace(old, new)
                    content = content.replace(b" " * gained + b"\n", b"\n", 1)
                out.writestr(member, content)
        with pytest.raises(InputError, match=r"more than [0-9,]+ bytes|cut short"):
            list(RatersRelease(forged).raw_votes())


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = _file(tmp_path, tensor=VOTES)
    content = file.path.read_bytes()
    file.path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="damaged"):
        list(file.raw_votes())
    with pytest.raises(InputError, match="No such file"):
        list(RatersRelease(tmp_path / "none.npz").raw_votes())


def test_more_votes_than_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raters_release, "MOST_VOTES", 3)
    with pytest.raises(InputError, match="more than 3 votes"):
        list(_file(tmp_path, tensor=VOTES).raw_votes())


def test_the_release_holds_the_votes_of_the_table(shared_data: Path) -> None:
    folder = shared_data / "reassessed_imagenet"
    votes = list(RatersRelease(folder / "raters_release_format.npz").raw_votes())
    assert len(votes) == 91_855
    assert votes[0] == (1, "ILSVRC2012_val_00007513", "684", "R117", "yes", "", "0")
