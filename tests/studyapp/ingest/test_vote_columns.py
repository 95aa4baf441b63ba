from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest import vote_columns
from studyapp.ingest.vote_columns import read_vote_columns
from studyapp.ingest.vote_files import VoteFile, open_votes

ROWS = {"a": 0, "b": 1}


def _file(folder: Path, rows: str, name: str = "v.csv") -> VoteFile:
    path = folder / name
    path.write_text("image_id,class_index,rater_id,answer\n" + rows)
    return open_votes(path)


def test_votes_of_two_files_are_of_different_people(tmp_path: Path) -> None:
    first = _file(tmp_path, "b,3,R,maybe\na,1,S,no\n")
    second = _file(tmp_path, "a,1,S,yes\nz,1,S,yes\n", "w.csv")
    votes = read_vote_columns([first, second], row_of=ROWS, n_classes=5)
    assert votes.image.tolist() == [1, 0, 0]
    assert votes.label_class.tolist() == [3, 1, 1]
    assert votes.rater.tolist() == [0, 1, 2]
    assert votes.answer.tolist() == [-1, 0, 1]
    (left_out,) = votes.left_out
    assert (left_out.rows, left_out.first, left_out.line) == (1, "z", 3)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a,5,R,yes\n", "line 2: class_index is 5, but the class list ends at 4"),
        ("a,1,R,yes\na,1,S,oui\n", "line 3: answer is 'oui'"),
        ("z,1,R,yes\n", "line 2: the labels have no image 'z'"),
        ("", "no votes"),
    ],
)
def test_bad_votes_are_named(tmp_path: Path, rows: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_vote_columns([_file(tmp_path, rows)], row_of=ROWS, n_classes=5)


def test_more_votes_than_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vote_columns, "MOST_VOTES", 1)
    with pytest.raises(InputError, match=r"more than 1 votes.*Use import_votes"):
        read_vote_columns([_file(tmp_path, "a,1,R,no\na,1,S,no\n")], row_of=ROWS, n_classes=5)
