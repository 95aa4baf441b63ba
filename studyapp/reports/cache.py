"""Reports that were made before, kept until anything they were read from changes.

Kept in files that every web process of a machine shares, each written whole or not at all: a
process that dies leaves no half of one. Nothing is ever found under an old key, so nothing has to
be thrown away for being old; the cache forgets what it has no room for.
"""

from __future__ import annotations

import hashlib
import json
import logging
import pickle
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import scipy
from django.core.cache import caches

from studyapp.analytics import Window
from studyapp.models import Study
from studyapp.reports.build import build_report
from studyapp.reports.study_report import StudyReport
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.selectors.study_stand import study_stand

CACHE = "reports"
#: Of views under filters, of which an address can ask for any number.
LOOKS = "looks"

logger = logging.getLogger(__name__)

Kept = TypeVar("Kept")

#: What a file that is no longer whole, or was written by other code, makes pickle raise.
_UNREADABLE = (OSError, EOFError, ValueError, AttributeError, ImportError, IndexError, KeyError,
               TypeError, pickle.PickleError, zlib.error)  # fmt: skip


def _code_version() -> str:
    """Hash of this package's source and of the versions it calculates with."""
    digest = hashlib.sha256(f"numpy {np.__version__} scipy {scipy.__version__}".encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


# Read with the code, not later: a file that is replaced under a running process is not its code.
_CODE = _code_version()


def kept_report(
    study: Study,
    *,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    only: Slice = WHOLE,
) -> StudyReport:
    """`build_report`, or what it gave when the study stood exactly as it does now."""

    def key() -> Mapping[str, object]:
        asked = {"accept": accept, "unsure": unsure, "window": window}
        return asked | only.stand() | study_stand(study)

    def make() -> StudyReport:
        report = build_report(study, accept=accept, unsure=unsure, window=window, only=only)
        # Every picture and every row of the tables: no page of a report shows them.
        part = report.part and replace(report.part, shelves=(), sources=())
        return replace(report, part=part)

    look = (accept, unsure, window, only) != (None, None, None, WHOLE)
    return kept("report", key=key, make=make, look=look)


def kept(
    kind: str,
    *,
    key: Callable[[], Mapping[str, object]],
    make: Callable[[], Kept],
    look: bool = False,
) -> Kept:
    """What `make` gave under the same key, else what it gives now.

    look: it is one of the many views an address can ask for, and is kept among these.

    key: names everything the value depends on besides the code. It is read again after making,
    and a value that something came in under is given and not kept.
    """
    name, cache = _name(kind, key()), LOOKS if look else CACHE
    found = _read(name, cache)
    if found is not None:
        return cast(Kept, found)
    made = make()
    if _name(kind, key()) == name:
        _write(name, made, cache)
    return made


def _name(kind: str, key: Mapping[str, object]) -> str:
    text = json.dumps(key, sort_keys=True, default=str)
    return f"{kind}-{hashlib.sha256(f'{_CODE} {text}'.encode()).hexdigest()}"


def _read(name: str, cache: str) -> object | None:
    try:
        return cast(object | None, caches[cache].get(name))
    except _UNREADABLE as error:
        logger.warning(
            "%s in the cache of reports cannot be read and is made anew: %s", name, error
        )
        return None


def _write(name: str, value: object, cache: str) -> None:
    try:
        caches[cache].set(name, value)
    except OSError as error:
        logger.warning("%s cannot be kept in the cache of reports: %s", name, error)
