"""`python rerun.py`: count again, compare with results/results.json, say what moved."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from studyapp.analytics import AnalyticsError
from studyapp.recount.figures import json_text, recount
from studyapp.recount.tables import RecountError

RESULTS = Path("results") / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if the same bytes come out, 1 if a figure moved, 2 if the archive cannot be read."""
    parser = argparse.ArgumentParser(
        prog="rerun.py", description="Count the figures of a study archive again from data/*.csv."
    )
    parser.add_argument("folder", type=Path, help="the unpacked archive")
    parser.add_argument("--out", type=Path, help="also write the counted results.json here")
    options = parser.parse_args(arguments)
    try:
        counted = json_text(recount(options.folder)).encode()
    except (RecountError, AnalyticsError, KeyError, ValueError) as error:
        sys.stderr.write(f"The figures cannot be counted: {error}\n")
        return 2
    if options.out:
        options.out.write_bytes(counted)
    return _compare(counted, options.folder / RESULTS)


def moved_figures(published: Any, counted: Any, *, path: str = "") -> Iterator[str]:
    """One line for every figure that is not the same."""
    if isinstance(published, dict) and isinstance(counted, dict):
        for key in published.keys() | counted.keys():
            below = f"{path}.{key}" if path else str(key)
            yield from moved_figures(published.get(key), counted.get(key), path=below)
    elif (
        isinstance(published, list) and isinstance(counted, list) and len(published) == len(counted)
    ):
        for place, (one, other) in enumerate(zip(published, counted, strict=True)):
            name = one.get("model") or one.get("coding") if isinstance(one, dict) else None
            yield from moved_figures(one, other, path=f"{path}[{name or place}]")
    elif published != counted:
        yield f"{path}: {json.dumps(published)} in results.json, {json.dumps(counted)} counted"


def _compare(counted: bytes, path: Path) -> int:
    try:
        published = path.read_bytes()
    except OSError as error:
        sys.stderr.write(f"{path}: {error.strerror}. Name a file with --out to get the figures.\n")
        return 2
    if published == counted:
        digest = hashlib.sha256(counted).hexdigest()
        sys.stdout.write(f"{path}: the same {len(counted)} bytes (sha256 {digest}).\n")
        return 0
    lines = sorted(moved_figures(json.loads(published), json.loads(counted)))
    sys.stdout.write("The data do not give the published figures:\n")
    sys.stdout.writelines(f"  {line}\n" for line in lines or ["only the form of the file differs"])
    return 1
