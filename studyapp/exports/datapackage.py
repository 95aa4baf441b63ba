"""datapackage.json: what every column of every CSV is, for machines (Frictionless Data Package)."""

from __future__ import annotations

from collections.abc import Iterable

from studyapp.exports.captions import view_of
from studyapp.exports.columns import Column, Table
from studyapp.exports.written import ExportedFile
from studyapp.reports import StudyReport

DATA_PACKAGE = "datapackage.json"

_TYPES = {"share": "number"}


def data_package(
    report: StudyReport, tables: Iterable[tuple[Table, ExportedFile]]
) -> dict[str, object]:
    """The package of the tables and their CSV files."""
    return {
        "profile": "tabular-data-package",
        "name": report.study.lower(),
        "title": report.title,
        "description": view_of(report),
        "resources": [_resource(table, file) for table, file in tables],
    }


def _resource(table: Table, file: ExportedFile) -> dict[str, object]:
    schema: dict[str, object] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title,
        "path": file.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.n_bytes,
        "hash": f"sha256:{file.sha256}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "doubleQuote": True, "header": True},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, object]:
    field: dict[str, object] = {
        "name": column.name,
        "type": _TYPES.get(column.kind, column.kind),
        "description": column.meaning,
    }
    if column.kind == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    return field
