"""Write a study's tables: what a reader needs to count every figure again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser

from studyapp.audit import record
from studyapp.exports.folder import whole_folder
from studyapp.exports.models import (
    PREDICTION_COLUMNS,
    model_columns,
    model_rows,
    prediction_rows,
)
from studyapp.exports.names import names_of
from studyapp.exports.questions import QUESTION_COLUMNS, question_rows
from studyapp.exports.tables import write_csv
from studyapp.exports.votes import VOTE_COLUMNS, vote_rows
from studyapp.models import Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.reports import StudyReport, analyse_study, report_of

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class ExportedFile:
    name: str
    #: Rows of a table, the header not counted; None for JSON.
    n_rows: int | None
    n_bytes: int
    sha256: str


@dataclass(frozen=True)
class ExportSummary:
    study: str
    out: str
    files: tuple[ExportedFile, ...]

    def lines(self) -> list[str]:
        return [
            f"{self.study}: {counted(len(self.files) + 1, 'file')} in {self.out}",
            *(f"  {file.name}: {_size(file)}" for file in self.files),
            f"  {MANIFEST}: checksums of the others",
            "Raters are pseudonymous.",
            "Next: docs/reference/exports.md says what each column means",
        ]


def export_study(
    study: Study,
    *,
    out: Path,
    accept: int | None = None,
    unsure: str | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ExportSummary:
    """Write the files into the folder `out`, which is there as a whole or not at all."""
    with whole_folder(out, marker=MANIFEST) as folder:
        files = write_files(folder, study=study, accept=accept, unsure=unsure, progress=progress)
    summary = ExportSummary(study=study.name, out=str(out), files=files)
    audit_export(summary, study=study, actor=actor)
    return summary


def write_files(
    folder: Path,
    *,
    study: Study,
    accept: int | None = None,
    unsure: str | None = None,
    progress: Progress = silent,
) -> tuple[ExportedFile, ...]:
    """Write every file, the manifest last; the same rows give the same bytes."""
    analysis = analyse_study(study, accept=accept, unsure=unsure)
    report, names = report_of(analysis), names_of(analysis)
    version = report.protocol.wording_version
    writers: dict[str, Callable[[Path], int | None]] = {
        "votes.csv": lambda path: write_csv(
            path,
            header=VOTE_COLUMNS,
            rows=vote_rows(analysis, names=names, wording_version=version),
        ),
        "questions.csv": lambda path: write_csv(
            path, header=QUESTION_COLUMNS, rows=question_rows(analysis, names=names)
        ),
        "models.csv": lambda path: write_csv(
            path, header=model_columns(report), rows=model_rows(report)
        ),
        "predictions.csv": lambda path: write_csv(
            path, header=PREDICTION_COLUMNS, rows=prediction_rows(analysis)
        ),
        "agreement.json": lambda path: _write_json(path, _agreement(report)),
        "report.json": lambda path: _write_json(path, report.to_dict()),
    }
    files = []
    for done, (name, write) in enumerate(writers.items()):
        progress(done, len(writers), name)
        n_rows = write(folder / name)
        files.append(_described(folder / name, n_rows))
    _write_json(folder / MANIFEST, _manifest(study, files))
    progress(len(writers), len(writers), MANIFEST)
    return tuple(files)


def audit_export(
    summary: ExportSummary, *, study: Study, actor: AbstractBaseUser | None = None
) -> None:
    """Keep that data left the database; the folder's name may tell of a person and is left out."""
    rows = {file.name: file.n_rows for file in summary.files if file.n_rows is not None}
    record("export", study=study, actor=actor, summary={"rows": rows})


def _agreement(report: StudyReport) -> dict[str, object]:
    whole = report.to_dict()
    return {
        "schema_version": SCHEMA_VERSION,
        "study": report.study,
        "agreement": whole["agreement"],
    }


def _manifest(study: Study, files: list[ExportedFile]) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "study": study.name,
        "protocol_hash": study.protocol_hash,
        "files": [
            {"name": f.name, "rows": f.n_rows, "bytes": f.n_bytes, "sha256": f.sha256}
            for f in files
        ],
    }


def _write_json(path: Path, value: Mapping[str, object]) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _described(path: Path, n_rows: int | None) -> ExportedFile:
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return ExportedFile(
        name=path.name, n_rows=n_rows, n_bytes=path.stat().st_size, sha256=digest.hexdigest()
    )


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def _size(file: ExportedFile) -> str:
    return counted(file.n_bytes, "byte") if file.n_rows is None else counted(file.n_rows, "row")
