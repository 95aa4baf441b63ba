"""import_images killed at random moments, then run again: the same rows as without the kill."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.factories.dataset import jpeg

pytestmark = pytest.mark.slow

N_IMAGES = 240

QUERIES = (
    """SELECT i.image_id, content_hash, file, width, height, c.wnid FROM studyapp_image i
    JOIN studyapp_labelclass c ON c.id = i.label_id ORDER BY 1""",
    """SELECT i.image_id, c.wnid FROM studyapp_reallabel r
    JOIN studyapp_image i ON i.id = r.image_id
    JOIN studyapp_labelclass c ON c.id = r.label_class_id ORDER BY 1, 2""",
    """SELECT i.image_id, x0, y0, x1, y1 FROM studyapp_box b
    JOIN studyapp_image i ON i.id = b.image_id ORDER BY 1, 2""",
    "SELECT content_hash, n_classes FROM studyapp_classlist",
)


class _Site:
    """A database and a storage of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        } | {"QUORUM_VAR": str(folder)}

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def rows(self) -> list[list[tuple[object, ...]]]:
        database = sqlite3.connect(self.folder / "quorum.sqlite3")
        try:
            return [database.execute(query).fetchall() for query in QUERIES]
        finally:
            database.close()

    def files(self) -> dict[str, int]:
        """Files that anything reads: one that was begun when the kill came stays hidden."""
        media = self.folder / "media"
        return {
            str(path.relative_to(media)): path.stat().st_size
            for path in media.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }

    def left_hidden(self) -> int:
        return sum(path.is_file() for path in (self.folder / "media").rglob(".*"))


def _input(folder: Path) -> list[str]:
    images, boxes, labels = (
        folder / "images",
        ["image_id,wnid,x0,y0,x1,y1"],
        ["image_id,file,label"],
    )
    images.mkdir(parents=True)
    labels[0] += ",real_labels"
    for n in range(N_IMAGES):
        (images / f"{n}.jpg").write_bytes(jpeg(number=n, size=(120, 90)))
        labels.append(f"id-{n:04d},{n}.jpg,{n % 3},{n % 3} {(n + 1) % 3}")
        boxes.append(f"id-{n:04d},{n % 3},1,2,{10 + n % 50},20")
    (folder / "labels.csv").write_text("\n".join(labels))
    (folder / "boxes.csv").write_text("\n".join(boxes))
    return [
        *("import_images", "--set", "pets", str(images)),
        *("--labels", str(folder / "labels.csv"), "--boxes", str(folder / "boxes.csv")),
    ]


def test_killed_at_random_moments_and_run_again(tmp_path: Path) -> None:
    command = _input(tmp_path / "in")
    whole = _Site(tmp_path / "whole")
    assert whole.start("migrate", "--verbosity", "0").wait(timeout=120) == 0
    shutil.copytree(whole.folder, tmp_path / "killed")
    begun = time.monotonic()
    assert whole.start(*command).wait(timeout=300) == 0
    took = time.monotonic() - begun
    draw = random.Random(20261123)
    killed = _Site(tmp_path / "killed")
    deaths = 0
    for _ in range(3):
        process = killed.start(*command)
        time.sleep(draw.uniform(0.2, 1.0) * took)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            deaths += 1
        process.wait(timeout=60)
    assert deaths, "the moments must fall into the run"
    assert killed.start(*command).wait(timeout=300) == 0
    assert killed.rows() == whole.rows()
    assert len(killed.rows()[0]) == N_IMAGES
    assert killed.files() == whole.files()
    assert killed.left_hidden() <= deaths
