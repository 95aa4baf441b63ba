"""Public votes, tiled to the size of a whole validation set: each tile has images of its own.

    python bench/tile.py FOLDER [--tiles 11]

Writes labels, predictions and votes into FOLDER. The votes are a tenth of the release; with the
default each vote occurs ten times and a little more, 924,810 in all, on ten and a little more times
the images.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("QUORUM_SHARED", ROOT.parent / "shared")) / "data"
#: As many as the whole release has.
VOTES = 924_810
TILES = 11


def tile(folder: Path, *, n_votes: int = VOTES, tiles: int = TILES) -> dict[str, Path]:
    """The three tables, written into the folder; the votes end after `n_votes`."""
    written = {}
    for name in ("labels", "predictions", "votes"):
        path = folder / f"{name}.csv"
        with path.open("w", newline="") as file:
            rows = _rows(name, tiles=tiles)
            limit = n_votes + 1 if name == "votes" else None
            csv.writer(file).writerows(islice(rows, limit))
        written[name] = path
    return written


def _rows(name: str, *, tiles: int) -> Iterator[list[str]]:
    for number in range(tiles):
        with gzip.open(DATA / "reassessed_imagenet" / f"{name}.csv.gz", "rt", newline="") as file:
            reader = csv.reader(file)
            header = next(reader)
            if number == 0:
                yield header
            place = header.index("image_id")
            for row in reader:
                row[place] = f"{row[place]}_{number}"
                yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tiles", type=int, default=TILES)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for path in tile(options.folder, tiles=options.tiles).values():
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
