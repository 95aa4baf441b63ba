"""Tables for readers elsewhere: a folder from the terminal, a zip from the page."""

from __future__ import annotations

from studyapp.exports.archive import export_archive
from studyapp.exports.export import ExportSummary, export_study
from studyapp.exports.formats import formats_of
from studyapp.exports.study_archive import archive_study
from studyapp.exports.written import ExportedFile

__all__ = [
    "ExportSummary",
    "ExportedFile",
    "archive_study",
    "export_archive",
    "export_study",
    "formats_of",
]
