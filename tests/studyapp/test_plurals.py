from __future__ import annotations

from studyapp.plurals import counted


def test_one_and_many() -> None:
    assert [counted(n, "vote") for n in (0, 1, 2, 1000)] == [
        *("0 votes", "1 vote", "2 votes", "1,000 votes")
    ]
    assert [counted(n, "class", "classes") for n in (1, 2)] == ["1 class", "2 classes"]
