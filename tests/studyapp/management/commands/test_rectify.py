from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "p.csv").write_text("image_id,label,net,other\na,0,1,1\nb,0,2,0\n=c,0,3,3\n")
    votes = "".join(f"a,1,R{number},yes\n" for number in range(4))
    (tmp_path / "v.csv").write_text("image_id,class_index,rater_id,answer\n" + votes)
    classes = "".join(f"{number},n{number},class {number}\n" for number in range(4))
    (tmp_path / "c.csv").write_text("class_index,wnid,name\n" + classes)
    return ["rectify", "--predictions", str(tmp_path / "p.csv"), "--votes", str(tmp_path / "v.csv")]


def test_it_needs_no_database(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    # Without pytest's mark for it, touching the database is an error.
    call_command(*files)
    out = capsys.readouterr().out
    assert "4 votes of 4 raters on 1 question; accepted at 4 of 5" in out
    assert "Nobody judged 2 different pairs of an image and a class." in out
    assert "2 trials in 1 HIT for 5 raters each: 5 assignments" in out
    assert "0.60 USD" in out


def test_figures_and_pairs_are_written_whole(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command(
        *files,
        *("--classes", str(tmp_path / "c.csv"), "--json", str(tmp_path / "out.json")),
        *("--uncovered", str(tmp_path / "gaps.csv")),
    )
    assert "2 pairs written to" in capsys.readouterr().out
    assert (tmp_path / "gaps.csv").read_text() == (
        "image_id,class_index,class_name,n_models,models\n"
        "b,2,class 2,1,net\n"
        "'=c,3,class 3,2,net; other\n"
    )
    net = json.loads((tmp_path / "out.json").read_text())["models"][0]
    assert (net["model"], net["n_errors"], net["n_accepted"], net["n_unasked"]) == ("net", 3, 1, 2)
    call_command(*files, "--json", "-")
    assert json.loads(capsys.readouterr().out)["models"][0]["n_errors"] == 3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--accept", "6"), "Correct --accept or --raters"),
        (("--reward", "much"), "much USD for 10 trials cannot be priced"),
        (("--reward", "nan"), "cannot be priced"),
        (("--trials-per-hit", "0"), "cannot be priced"),
        (("--name", "x"), "it names 2 models itself"),
        (("--constant", "class_index"), "'class_index' is not understood"),
        (("--uncovered", "/nowhere/gaps.csv"), "the file cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(files: list[str], options: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        call_command(*files, *options)
