"""Seconds and peak memory of a ledger of 924,810 votes: import, rectify, report, page.

The public votes (a tenth of a release) are tiled with distinct images. Expected on two quiet
cores: reading and checking a vote costs 5 us, staging it 6, a row with its seven indexes 12 on
SQLite and 20 on PostgreSQL, so the import takes 30 to 45 s and its memory does not grow with the
votes; `rectify`, which stores nothing, takes 7 s.

    python bench/ledger.py [--postgres postgres://user@host:5432/postgres] [--votes N]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from real_votes import CLASSES, VOTES, Cost, fresh_database, run

#: As many as the whole release has, and as the tenth of it has that is tiled.
ALL_VOTES = 924_810
VOTES_OF_A_TILE = 91_855

#: In a process of its own: a report twice, the second time through whatever is kept of the first,
#: then the pages as a superuser's browser asks for them.
_PAGES = """
import sys, time
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from studyapp.exports.slices import names_as_they_stand
from studyapp.models import Study
from studyapp.reports import build_report
def told(name, began):
    print(f"{name:<20}{time.perf_counter() - began:>9.1f}", file=sys.stderr)
settings.ALLOWED_HOSTS = ["testserver"]
for name in ("report, first", "report, again"):
    began = time.perf_counter()
    build_report(Study.objects.get(name="s"))
    told(name, began)
client = Client()
client.force_login(User.objects.create_superuser("bench"))
addresses = [
    "/studies/s/", "/studies/s/", "/rectify/?ledger=s", "/studies/s/gallery/",
    "/studies/s/gallery/", "/studies/s/?class=207", "/studies/s/?class=207",
]
rater = next(iter(names_as_they_stand(Study.objects.get(name="s"))))
for address in (*addresses, *[f"/studies/s/?rater={rater}"] * 2):
    began = time.perf_counter()
    assert client.get(address).status_code == 200, address
    told(address, began)
"""


def tile(folder: Path, *, n_votes: int) -> dict[str, Path]:
    """Labels, predictions and votes, written into the folder; each tile has images of its own."""
    written = {}
    tiles = math.ceil(n_votes / VOTES_OF_A_TILE)
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
        with gzip.open(VOTES / f"{name}.csv.gz", "rt", newline="") as file:
            reader = csv.reader(file)
            header = next(reader)
            if number == 0:
                yield header
            place = header.index("image_id")
            for row in reader:
                row[place] = f"{row[place]}_{number}"
                yield row


def measure(database: str, *, url: str | None, tables: dict[str, Path]) -> None:
    """Every step once, on a fresh database, as a table."""
    steps = (
        [
            *("import_images", "--set", "i", "-", "--labels", str(tables["labels"])),
            *("--classes", str(CLASSES)),
        ],
        ["import_predictions", "--set", "i", str(tables["predictions"])],
        ["import_votes", "--set", "i", "--study", "s", str(tables["votes"])],
        ["import_votes", "--set", "i", "--study", "s", str(tables["votes"])],
    )
    with tempfile.TemporaryDirectory() as var:
        environment = os.environ | {"QUORUM_VAR": var, "JOB_SEND": "0"}
        environment.pop("DATABASE_URL", None)
        if url:
            environment["DATABASE_URL"] = url
        run(["migrate", "-v0"], environment=environment)
        sys.stdout.write(f"\n{database}\n{'step':<20}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}\n")
        for step in steps:
            _told(step[0], run(step, environment=environment))
        _told("pages", run(["shell", "-c", _PAGES], environment=environment, shown=True))


def _told(name: str, cost: Cost) -> None:
    sys.stdout.write(f"{name:<20}{cost.wall:>9.1f}{cost.cpu:>9.1f}{cost.peak_mb:>9.0f}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", help="a PostgreSQL server to measure on as well")
    parser.add_argument("--votes", type=int, default=ALL_VOTES)
    options = parser.parse_args()
    if not VOTES.is_dir():
        sys.exit(f"There is no {VOTES}: set QUORUM_SHARED to the folder with the real data.")
    with tempfile.TemporaryDirectory() as folder:
        tables = tile(Path(folder), n_votes=options.votes)
        arguments = [f"--{name}={path}" for name, path in tables.items()]
        cost = run(["rectify", *arguments, f"--classes={CLASSES}"], environment=dict(os.environ))
        sys.stdout.write(f"{'step':<20}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}\n")
        _told("rectify", cost)
        measure("SQLite", url=None, tables=tables)
        if options.postgres:
            measure("PostgreSQL", url=fresh_database(options.postgres), tables=tables)


if __name__ == "__main__":
    main()
