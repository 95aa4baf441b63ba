"""Seconds and peak memory of each step on 4,964 images, four models and 91,855 real votes.

Expected on two quiet cores: each step below 15 s and below 200 MB; reading the votes and
storing a row for each is the largest, since a row with its keys costs about 0.1 ms.

    python bench/real_votes.py [--postgres postgres://user@host:5432/postgres]

The data is looked for in $QUORUM_SHARED/data, or ../shared/data.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("QUORUM_SHARED", ROOT.parent / "shared")) / "data"
VOTES = DATA / "reassessed_imagenet"
CLASSES = DATA / "imagenet_classes" / "classes.csv"
DATABASE = "quorum_bench"
STEPS = (
    [
        *("import_images", "--set", "i", "-"),
        *("--labels", f"{VOTES}/labels.csv.gz", "--classes", str(CLASSES)),
    ],
    ["import_predictions", "--set", "i", f"{VOTES}/predictions.csv.gz"],
    ["import_votes", "--set", "i", "--study", "s", f"{VOTES}/votes.csv.gz"],
    ["filter_votes", "s"],
    ["analyse", "s", "--unsure", "no"],
    ["export", "s", "--out", "{out}"],
)


@dataclass(frozen=True)
class Cost:
    wall: float
    cpu: float
    peak_mb: float


def run(arguments: list[str], *, environment: dict[str, str], shown: bool = False) -> Cost:
    """One command as a process of its own, by the operating system's account of it.

    `shown` passes on what it writes to standard error.
    """
    began = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if shown:
            sys.stdout.write(errors.read().decode())
        if process.returncode:
            errors.seek(0)
            sys.exit(f"{arguments[0]} failed: {errors.read().decode()}")
    return Cost(
        wall=time.perf_counter() - began,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
    )


def measure(database: str, *, url: str | None) -> None:
    """Every step once, on a fresh database, as a table."""
    with tempfile.TemporaryDirectory() as var:
        environment = os.environ | {"QUORUM_VAR": var, "JOB_SEND": "0"}
        environment.pop("DATABASE_URL", None)
        if url:
            environment["DATABASE_URL"] = url
        run(["migrate", "-v0"], environment=environment)
        print(f"\n{database}\n{'step':<20}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}")
        for step in STEPS:
            arguments = [part.format(out=f"{var}/export") for part in step]
            cost = run(arguments, environment=environment)
            print(f"{step[0]:<20}{cost.wall:>9.1f}{cost.cpu:>9.1f}{cost.peak_mb:>9.0f}")


def fresh_database(server: str) -> str:
    """An empty database on the server, replacing that of an earlier run."""
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
    return urlsplit(server)._replace(path=f"/{DATABASE}").geturl()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", help="a PostgreSQL server to measure on as well")
    options = parser.parse_args()
    if not VOTES.is_dir():
        sys.exit(f"There is no {VOTES}: set QUORUM_SHARED to the folder with the real data.")
    measure("SQLite", url=None)
    if options.postgres:
        measure("PostgreSQL", url=fresh_database(options.postgres))


if __name__ == "__main__":
    main()
