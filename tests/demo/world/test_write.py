from __future__ import annotations

import io
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demo.errors import WorldError
from demo.truth import Truth
from demo.world.kinds import KINDS
from demo.world.render import draw_scene
from demo.world.scenes import plan_scene
from demo.world.write import WorldFiles, encode, write_world


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def folder_of(world: WorldFiles) -> Path:
    return world.labels.parent


def test_a_world_is_pictures_three_tables_and_the_truth(world: WorldFiles) -> None:
    assert world.n_images == world.n_drawn == 2 * len(KINDS)
    names = {name for name in contents(folder_of(world)) if not name.startswith("images/")}
    assert names == {"labels.csv", "classes.csv", "boxes.csv", "truth.json"}
    truth = Truth.load(world.truth)
    for record in truth.world["images"]:
        with Image.open(world.images / record["file"]) as image:
            assert image.size == (record["width"], record["height"])
            assert (image.format, image.mode) == ("JPEG", "RGB")


@pytest.mark.slow
def test_several_processes_write_the_same_bytes_as_one(world: WorldFiles, tmp_path: Path) -> None:
    write_world(tmp_path, seed=1, per_class=2, workers=2)
    assert contents(tmp_path) == contents(folder_of(world))


@pytest.mark.slow
def test_another_seed_is_another_world(world: WorldFiles, tmp_path: Path) -> None:
    other = write_world(tmp_path, seed=2, per_class=1, workers=1)
    name = "test-00000.jpg"
    assert (other.images / name).read_bytes() != (world.images / name).read_bytes()


def test_a_jpeg_keeps_the_picture() -> None:
    picture = draw_scene(plan_scene(3, seed=1, split="test"))
    with Image.open(io.BytesIO(encode(picture))) as image:
        difference = np.asarray(image, dtype=float) - picture.pixels
    assert np.abs(difference).mean() < 4


def test_writing_again_draws_nothing_and_changes_nothing(world: WorldFiles, tmp_path: Path) -> None:
    shutil.copytree(folder_of(world), tmp_path, dirs_exist_ok=True)
    steps: list[tuple[int, int]] = []
    again = write_world(
        tmp_path, seed=1, per_class=2, progress=lambda done, total: steps.append((done, total))
    )
    assert again.n_drawn == 0
    assert steps == [(again.n_images, again.n_images)]
    assert contents(tmp_path) == contents(folder_of(world))


@pytest.mark.slow
def test_only_what_is_missing_or_damaged_is_drawn_again(world: WorldFiles, tmp_path: Path) -> None:
    shutil.copytree(folder_of(world), tmp_path, dirs_exist_ok=True)
    (tmp_path / "images" / "test-00003.jpg").unlink()
    (tmp_path / "images" / "test-00005.jpg").write_bytes(b"\xff\xd8 cut short")
    (tmp_path / "boxes.csv").write_text("torn")
    assert write_world(tmp_path, seed=1, per_class=2).n_drawn == 2
    assert contents(tmp_path) == contents(folder_of(world))


@pytest.mark.slow
def test_progress_counts_up_to_all(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    write_world(
        tmp_path,
        seed=3,
        per_class=1,
        workers=1,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(done, len(KINDS)) for done in range(len(KINDS) + 1)]


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_to_the_same_world(
    world: WorldFiles, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "demo.world", str(tmp_path), "--per-class", "2"]
    with subprocess.Popen(
        [*command, "--workers", "1"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        images = tmp_path / "images"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if images.is_dir() and len(list(images.glob("test-*.jpg"))) >= 5:
                break
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it was to be killed before it was done"
    assert not (tmp_path / "truth.json").exists()
    resumed = write_world(tmp_path, seed=1, per_class=2, workers=1)
    assert 0 < resumed.n_drawn < resumed.n_images
    assert contents(tmp_path) == contents(folder_of(world))


def test_another_world_is_never_overwritten(world: WorldFiles, tmp_path: Path) -> None:
    shutil.copytree(folder_of(world), tmp_path, dirs_exist_ok=True)
    before = contents(tmp_path)
    with pytest.raises(WorldError, match="holds another world"):
        write_world(tmp_path, seed=9, per_class=2)
    assert contents(tmp_path) == before


def test_senseless_wishes_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="at least one picture per class, not 0"):
        write_world(tmp_path, seed=1, per_class=0)
    with pytest.raises(WorldError, match="no split called"):
        write_world(tmp_path, seed=1, per_class=1, split="x")
    assert list(tmp_path.iterdir()) == []
