"""Write a whole world to a folder: pictures, tables for the study, and the truth kept apart."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from demo.errors import WorldError
from demo.truth import ImageRecord
from demo.world.kinds import KINDS
from demo.world.ledger import TRUTH_FILE, Ledger, sha256_of, write_atomically
from demo.world.records import image_record, world_record
from demo.world.render import Picture, draw_scene
from demo.world.scenes import plan_scene
from demo.world.splits import find_split
from demo.world.tables import boxes_csv, classes_csv, labels_csv

JPEG_QUALITY = 92
# Below this a second process costs more than it saves.
FEW_PICTURES = 48

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class WorldFiles:
    """Where a written world lies; `truth` is not for the study."""

    images: Path
    labels: Path
    classes: Path
    boxes: Path
    truth: Path
    n_images: int
    n_drawn: int


def write_world(
    folder: Path,
    *,
    seed: int,
    per_class: int,
    split: str = "test",
    workers: int | None = None,
    progress: Progress | None = None,
) -> WorldFiles:
    """Write the world of this seed; what lies there intact is kept, so it may run again any time.

    `workers` is the number of drawing processes (default: one per core). `progress` is called with
    the number of pictures done and the number of all.
    """
    find_split(split)
    if per_class < 1:
        raise WorldError(f"A world needs at least one picture per class, not {per_class}.")
    world = world_record(seed=seed, split=split, per_class=per_class)
    ledger = Ledger(folder, world=world)
    records = ledger.read()
    total = per_class * len(KINDS)
    missing = [
        index
        for index in range(total)
        if plan_scene(index, seed=seed, split=split).image_id not in records
    ]
    _report(progress, total - len(missing), total)
    if missing:
        (folder / TRUTH_FILE).unlink(missing_ok=True)
        ledger.open()
        for kept in records.values():
            ledger.append(kept)
        draw = partial(_write_picture, folder=folder, seed=seed, split=split)
        for record in _run(draw, missing, workers=workers):
            ledger.append(record)
            records[record["image_id"]] = record
            _report(progress, len(records), total)
    world["images"] = [records[image_id] for image_id in sorted(records)]
    files = _write_tables(folder, records=world["images"], n_drawn=len(missing))
    write_atomically(files.truth, content=json.dumps(world, indent=1).encode("utf-8"))
    for draft in files.images.glob(".*"):
        draft.unlink(missing_ok=True)  # left by a run that was killed
    ledger.close(finished=True)
    return files


def encode(picture: Picture) -> bytes:
    """Return the picture as a JPEG file."""
    content = io.BytesIO()
    Image.fromarray(picture.pixels).save(content, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return content.getvalue()


def _write_picture(index: int, *, folder: Path, seed: int, split: str) -> ImageRecord:
    picture = draw_scene(plan_scene(index, seed=seed, split=split))
    content = encode(picture)
    file = f"{picture.scene.image_id}.jpg"
    write_atomically(folder / "images" / file, content=content)
    return image_record(picture, file=file, sha256=sha256_of(content))


def _run(
    draw: Callable[[int], ImageRecord], indices: list[int], *, workers: int | None
) -> Iterator[ImageRecord]:
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    if count <= 1 or len(indices) < FEW_PICTURES:
        yield from map(draw, indices)
        return
    # Fresh processes: a fork would copy the caller's threads, locks and database connections.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        yield from pool.map(draw, indices, chunksize=8)


def _write_tables(folder: Path, *, records: list[ImageRecord], n_drawn: int) -> WorldFiles:
    files = WorldFiles(
        images=folder / "images",
        labels=folder / "labels.csv",
        classes=folder / "classes.csv",
        boxes=folder / "boxes.csv",
        truth=folder / TRUTH_FILE,
        n_images=len(records),
        n_drawn=n_drawn,
    )
    write_atomically(files.labels, content=labels_csv(records))
    write_atomically(files.classes, content=classes_csv())
    write_atomically(files.boxes, content=boxes_csv(records))
    return files


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
