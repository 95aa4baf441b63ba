from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo.errors import WorldError
from demo.truth import ImageRecord, WorldRecord
from demo.world.ledger import LEDGER_FILE, TRUTH_FILE, Ledger, sha256_of, write_atomically
from demo.world.records import world_record


def make_world(*, seed: int = 1) -> WorldRecord:
    return world_record(seed=seed, split="test", per_class=1)


def written(folder: Path, name: str) -> ImageRecord:
    content = name.encode()
    write_atomically(folder / "images" / f"{name}.jpg", content=content)
    return ImageRecord(
        image_id=name,
        file=f"{name}.jpg",
        sha256=sha256_of(content),
        width=1,
        height=1,
        label=0,
        place="sand",
        attributes={},
        objects=[],
    )


def test_what_was_appended_is_read_again(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, world=make_world())
    ledger.open()
    records = [written(tmp_path, name) for name in ("one", "two")]
    for record in records:
        ledger.append(record)
    ledger.close(finished=False)
    assert Ledger(tmp_path, world=make_world()).read() == {r["image_id"]: r for r in records}


def test_half_a_line_costs_only_itself(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, world=make_world())
    ledger.open()
    ledger.append(written(tmp_path, "one"))
    ledger.close(finished=False)
    with (tmp_path / LEDGER_FILE).open("a") as file:
        file.write('\n{"image_id": "tw')
    ledger.open()
    ledger.append(written(tmp_path, "three"))
    ledger.close(finished=False)
    assert set(ledger.read()) == {"one", "three"}


def test_a_missing_or_changed_picture_does_not_count_as_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, world=make_world())
    ledger.open()
    for name in ("one", "two", "three"):
        ledger.append(written(tmp_path, name))
    ledger.close(finished=False)
    (tmp_path / "images" / "one.jpg").unlink()
    (tmp_path / "images" / "two.jpg").write_bytes(b"tw")
    assert set(ledger.read()) == {"three"}


def test_the_ledger_of_another_world_is_refused(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, world=make_world(seed=1))
    ledger.open()
    ledger.close(finished=False)
    with pytest.raises(WorldError, match=r"seed 1, asked for 2.*another folder"):
        Ledger(tmp_path, world=make_world(seed=2)).read()


def test_the_truth_of_another_world_is_refused(tmp_path: Path) -> None:
    (tmp_path / TRUTH_FILE).write_text(json.dumps(make_world(seed=1)))
    with pytest.raises(WorldError, match="another world"):
        Ledger(tmp_path, world=make_world(seed=2)).read()


@pytest.mark.parametrize("content", ['{"images": [', "[]", '{"images": 3}', ""])
def test_a_damaged_truth_file_means_to_begin_again(content: str, tmp_path: Path) -> None:
    (tmp_path / TRUTH_FILE).write_text(content)
    assert Ledger(tmp_path, world=make_world()).read() == {}


def test_a_finished_ledger_is_removed_and_a_closed_one_takes_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, world=make_world())
    ledger.open()
    ledger.close(finished=True)
    assert not (tmp_path / LEDGER_FILE).exists()
    with pytest.raises(WorldError, match="closed"):
        ledger.append(written(tmp_path, "one"))


def test_an_atomic_write_replaces_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    write_atomically(path, content=b"first")
    write_atomically(path, content=b"second")
    assert path.read_bytes() == b"second"
    assert [item.name for item in path.parent.iterdir()] == ["b.txt"]
