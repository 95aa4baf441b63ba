"""Write a study's tables: what a reader needs to count every figure again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser

from studyapp.analytics import Window
from studyapp.audit import record
from studyapp.exports.analyses import ANALYSIS_PLAN, analysis_plan
from studyapp.exports.captions import caption_of
from studyapp.exports.catalogue import data_tables, figure_tables
from studyapp.exports.columns import Table
from studyapp.exports.datapackage import DATA_PACKAGE, data_package
from studyapp.exports.folder import whole_folder
from studyapp.exports.formats import DEFAULT_FORMATS, write_table
from studyapp.exports.names import names_of
from studyapp.exports.pseudonyms import Pseudonyms, key_of
from studyapp.exports.slices import slice_words
from studyapp.exports.written import ExportedFile, file_written, write_json
from studyapp.models import Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.reports import StudyReport, analyse_study, report_of
from studyapp.selectors.slices import WHOLE, Slice

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class ExportSummary:
    study: str
    out: str
    files: tuple[ExportedFile, ...]
    #: The part of the study, in a sentence; empty of all of it.
    part: str = ""

    def lines(self) -> list[str]:
        return [
            f"{self.study}: {counted(len(self.files) + 1, 'file')} in {self.out}",
            *(f"  {file.name}: {_size(file)}" for file in self.files),
            f"  {MANIFEST}: checksums of the others",
            *filter(None, [self.part]),
            "Raters are pseudonymous.",
            "Next: docs/reference/exports.md says what each column means",
        ]


def export_study(
    study: Study,
    *,
    out: Path,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    only: Slice = WHOLE,
    formats: Collection[str] = DEFAULT_FORMATS,
    pseudonym_key: str | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ExportSummary:
    """Write the files into the folder `out`, which is there as a whole or not at all.

    Raters have the names of an earlier export only if both were given the same `pseudonym_key`,
    or no vote has come in between.
    """
    with whole_folder(out, marker=MANIFEST) as folder:
        files = write_files(
            folder,
            study=study,
            accept=accept,
            unsure=unsure,
            window=window,
            only=only,
            formats=formats,
            pseudonym_key=pseudonym_key,
            progress=progress,
        )
    summary = ExportSummary(study.name, out=str(out), files=files, part=slice_words(only))
    audit_export(summary, study=study, actor=actor)
    return summary


def write_files(
    folder: Path,
    *,
    study: Study,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    only: Slice = WHOLE,
    formats: Collection[str] = DEFAULT_FORMATS,
    pseudonym_key: str | None = None,
    progress: Progress = silent,
) -> tuple[ExportedFile, ...]:
    """Write every file, the manifest last; the same rows give the same bytes."""
    analysis = analyse_study(study, accept=accept, unsure=unsure, window=window, only=only)
    report, names = report_of(analysis), names_of(analysis)
    pseudonyms = Pseudonyms(study, key=key_of(analysis, asked=pseudonym_key))
    tables = (
        *data_tables(analysis, report=report, names=names, pseudonyms=pseudonyms),
        *figure_tables(analysis, report=report, pseudonyms=pseudonyms),
    )
    files: list[ExportedFile] = []
    packaged: list[tuple[Table, ExportedFile]] = []
    for done, table in enumerate(tables):
        progress(done, len(tables), table.name)
        written = write_table(
            folder, table, formats=formats, study=study.name, caption=caption_of(table, report)
        )
        described = [file_written(path, n_rows=n_rows) for path, n_rows in written]
        packaged.append((table, described[0]))
        files += described
    others: dict[str, Mapping[str, object]] = {
        "agreement.json": _agreement(report),
        "report.json": report.to_dict(),
        DATA_PACKAGE: data_package(report, packaged),
    }
    if (plan := analysis_plan(study, report)) is not None:
        others[ANALYSIS_PLAN] = plan
    for name, value in others.items():
        write_json(folder / name, value)
        files.append(file_written(folder / name))
    write_json(folder / MANIFEST, _manifest(study, files))
    progress(len(tables), len(tables), MANIFEST)
    return tuple(files)


def audit_export(
    summary: ExportSummary, *, study: Study, actor: AbstractBaseUser | None = None
) -> None:
    """Keep that data left the database; the folder's name may tell of a person and is left out."""
    rows = {file.name: file.n_rows for file in summary.files if file.n_rows is not None}
    told: dict[str, object] = {"rows": rows}
    if summary.part:
        told["part"] = summary.part
    record("export", study=study, actor=actor, summary=told)


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


def _size(file: ExportedFile) -> str:
    return counted(file.n_bytes, "byte") if file.n_rows is None else counted(file.n_rows, "row")
