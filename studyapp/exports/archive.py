"""The export as one zip file, for a download."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import IO

from django.contrib.auth.base_user import AbstractBaseUser

from studyapp.analytics import Window
from studyapp.exports.export import (
    MANIFEST,
    ExportSummary,
    audit_export,
    write_files,
)
from studyapp.exports.slices import slice_words
from studyapp.exports.written import ExportedFile
from studyapp.models import Study
from studyapp.selectors.slices import WHOLE, Slice

#: The oldest time a zip knows; the real one would make equal content unequal bytes.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def export_archive(
    study: Study,
    *,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    only: Slice = WHOLE,
    actor: AbstractBaseUser | None = None,
) -> IO[bytes]:
    """An open temporary file, at its beginning, that goes away when closed."""
    archive = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        files = _fill(archive, study=study, accept=accept, unsure=unsure, window=window, only=only)
    except BaseException:
        archive.close()
        raise
    archive.seek(0)
    summary = ExportSummary(study.name, out="download", files=files, part=slice_words(only))
    audit_export(summary, study=study, actor=actor)
    return archive


def _fill(
    archive: IO[bytes],
    *,
    study: Study,
    accept: int | None,
    unsure: str | None,
    window: Window | None,
    only: Slice,
) -> tuple[ExportedFile, ...]:
    with tempfile.TemporaryDirectory(prefix="quorum-export-") as name:
        folder = Path(name)
        files = write_files(
            folder, study=study, accept=accept, unsure=unsure, window=window, only=only
        )
        with zipfile.ZipFile(archive, "w", compression=zipfile.ZIP_DEFLATED) as out:
            for file_name in (*(file.name for file in files), MANIFEST):
                add_to_zip(out, folder / file_name, f"{study.name}/{file_name}")
    return files


def add_to_zip(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Add the file so that equal content gives equal bytes, on every system."""
    entry = zipfile.ZipInfo(name, date_time=NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    with path.open("rb") as source, archive.open(entry, "w") as target:
        shutil.copyfileobj(source, target, 1 << 20)
