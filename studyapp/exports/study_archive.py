"""The study archive: data, protocol, results and the program that counts the one from the other."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import get_args

from django.contrib.auth.base_user import AbstractBaseUser

import studyapp.analytics
import studyapp.recount
from studyapp.errors import InputError, StudyError
from studyapp.exports.analyses import ANALYSIS_PLAN, analysis_plan
from studyapp.exports.archive import add_to_zip
from studyapp.exports.archive_texts import CITATION, LICENCE, PUBLIC_TIMES, README, RERUN
from studyapp.exports.captions import caption_of, view_of
from studyapp.exports.catalogue import data_tables, figure_tables
from studyapp.exports.coarse import coarse_report, coarse_table
from studyapp.exports.columns import Table
from studyapp.exports.datapackage import DATA_PACKAGE, data_package
from studyapp.exports.export import ExportSummary, audit_export
from studyapp.exports.formats import write_table
from studyapp.exports.images import image_table, media_table
from studyapp.exports.names import names_of
from studyapp.exports.pseudonyms import Pseudonyms, key_of
from studyapp.exports.written import ExportedFile, file_written, write_json
from studyapp.figures import WIDE, FileFormat, as_file
from studyapp.models import Study
from studyapp.progress import Progress, silent
from studyapp.recount import blanked, json_text, recount
from studyapp.recount.command import RESULTS, moved_figures
from studyapp.recount.figures import GIVEN
from studyapp.reports import StudyReport, analyse_study, methods_text, report_of
from studyapp.reports.report_figures import report_figures
from studyapp.selectors.protocol import protocol_of

CHECKSUMS = "CHECKSUMS.sha256"


def archive_study(
    study: Study,
    *,
    out: Path,
    pseudonym_key: str | None = None,
    public: bool = False,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ExportSummary:
    """Write the archive to the zip file `out`, which is there as a whole or not at all.

    public: times are cut to their day, and its pseudonyms are shared with no other export.
    """
    if public and pseudonym_key is not None:
        raise InputError(
            "a public archive names raters as no other export does",
            item="--pseudonym-key",
            remedy="Leave it out, or leave out --public",
        )
    out = out.resolve()
    _refuse_foreign(out)
    partial = out.with_name(f".{out.name}.partial")
    try:
        with tempfile.TemporaryDirectory(prefix="quorum-archive-") as name:
            folder = Path(name)
            files = write_archive(
                folder,
                study=study,
                pseudonym_key=pseudonym_key,
                public=public,
                progress=progress,
            )
            with zipfile.ZipFile(partial, "w") as target:
                for path in _paths(folder):
                    inside = path.relative_to(folder).as_posix()
                    add_to_zip(target, path, f"{study.name}/{inside}")
        partial.replace(out)
    except OSError as error:
        raise InputError(
            f"the archive cannot be written ({error.strerror})",
            item=str(out),
            remedy="Make room, or name a file in a folder that you may write to",
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    summary = ExportSummary(study=study.name, out=str(out), files=files)
    audit_export(summary, study=study, actor=actor)
    return summary


def write_archive(
    folder: Path,
    *,
    study: Study,
    pseudonym_key: str | None = None,
    public: bool = False,
    progress: Progress = silent,
) -> tuple[ExportedFile, ...]:
    """Fill the folder; an archive whose data do not give its own figures is refused."""
    for name in ("data", "results/tables", "results/figures", "protocol", "media", "code/studyapp"):
        (folder / name).mkdir(parents=True)
    analysis = analyse_study(study)
    report, names = report_of(analysis), names_of(analysis)
    if public:
        report = coarse_report(report)
    pseudonyms = Pseudonyms(study, key=key_of(analysis, asked=pseudonym_key, public=public))
    data = (
        *data_tables(analysis, report=report, names=names, pseudonyms=pseudonyms),
        image_table(analysis, names=names),
    )
    results = figure_tables(analysis, report=report, pseudonyms=pseudonyms)
    packaged: list[tuple[Table, ExportedFile]] = []
    for place, tables in (
        ("data", data),
        ("results/tables", results),
        ("media", (media_table(analysis),)),
    ):
        for table in tables:
            progress(len(packaged), len(data) + len(results) + 1, table.name)
            written = write_table(
                folder / place,
                coarse_table(table) if public else table,
                formats=("csv", "latex"),
                study=study.name,
                caption=caption_of(table, report),
            )
            described = [file_written(path, n_rows=n, within=folder) for path, n in written]
            packaged.append((coarse_table(table) if public else table, described[0]))
    _write_figures(folder / "results" / "figures", report)
    _write_protocol(folder, study, report, public=public)
    _write_program(folder)
    write_json(folder / RESULTS, report.to_dict())
    write_json(folder / DATA_PACKAGE, data_package(report, packaged))
    _refuse_other_figures(folder, report)
    return _with_checksums(folder, {file.name: file.n_rows for _, file in packaged})


def _write_figures(folder: Path, report: StudyReport) -> None:
    for name, figure in report_figures(report).items():
        for file_format in get_args(FileFormat):
            about = f"{figure.title}. {view_of(report)}"
            content = as_file(figure.draw(WIDE), file_format=file_format, text=about)
            (folder / f"{name}.{file_format}").write_bytes(content)
        # What a reader who cannot see it is told.
        _write(folder / f"{name}.txt", figure.text + "\n")


def _write_protocol(folder: Path, study: Study, report: StudyReport, *, public: bool) -> None:
    write_json(folder / GIVEN, blanked(report.to_dict()))
    locked = study.live_at.isoformat() if study.live_at else None
    protocol = study.protocol if study.protocol is not None else protocol_of(study)
    write_json(
        folder / "protocol" / "protocol.json",
        {"locked_at": locked, "protocol_hash": study.protocol_hash, "protocol": protocol},
    )
    if (plan := analysis_plan(study, report)) is not None:
        write_json(folder / "protocol" / ANALYSIS_PLAN, plan)
    _write(folder / "protocol" / "methods.txt", "\n\n".join(methods_text(report)) + "\n")
    _write(
        folder / "README.md",
        README.format(study=study.name, title=report.title, times=PUBLIC_TIMES if public else ""),
    )
    _write(folder / "CITATION.cff", CITATION.format(study=study.name))
    _write(folder / "LICENSE-data", LICENCE)


def _write_program(folder: Path) -> None:
    for package in (studyapp.analytics, studyapp.recount):
        source = Path(str(package.__file__)).parent
        target = folder / "code" / "studyapp" / source.name
        target.mkdir()
        for path in sorted(source.glob("*.py")):
            shutil.copyfile(path, target / path.name)
    _write(folder / "code" / "studyapp" / "__init__.py", "")
    _write(folder / "rerun.py", RERUN)
    packages = "".join(f"{name}=={version(name)}\n" for name in ("numpy", "scipy"))
    _write(folder / "environment.txt", f"# Python {platform.python_version()}\n{packages}")


def _refuse_other_figures(folder: Path, report: StudyReport) -> None:
    counted, published = recount(folder), report.to_dict()
    if json_text(counted) != json_text(published):
        moved = sorted(moved_figures(published, counted)) or ["the order of keys"]
        raise StudyError(
            f"the archive's tables do not give the report's figures: {moved[0]}",
            item=report.study,
            remedy="Try again, a vote may have come in meanwhile; if it stays, tell the developers",
        )


def _with_checksums(folder: Path, n_rows: dict[str, int | None]) -> tuple[ExportedFile, ...]:
    files = []
    for path in _paths(folder):
        rows = n_rows.get(path.relative_to(folder).as_posix())
        files.append(file_written(path, n_rows=rows, within=folder))
    _write(folder / CHECKSUMS, "".join(f"{file.sha256}  {file.name}\n" for file in files))
    return tuple(files)


def _paths(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _refuse_foreign(out: Path) -> None:
    if not os.path.lexists(out):
        return
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(out) as known:
        if any(name.endswith(f"/{CHECKSUMS}") for name in known.namelist()):
            return
    raise InputError(
        "this exists already and is not an earlier archive",
        item=str(out),
        remedy="Name a new file",
    )
