"""What a public archive tells less exactly: when somebody was at work.

Times to the second can be matched with a marketplace's log and so lead from a pseudonym to a
person; the day is left. How long an answer took stays, for figures rest on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from studyapp.exports.columns import Column, Row, Table
from studyapp.reports import StudyReport

CUT = ", cut to its day (UTC)"


def coarse_table(table: Table) -> Table:
    """The same with every time cut to its day, which the column's meaning says."""
    places = [place for place, column in enumerate(table.columns) if column.kind == "datetime"]
    if not places:
        return table
    columns = tuple(
        Column(column.name, column.kind, column.meaning + CUT) if place in places else column
        for place, column in enumerate(table.columns)
    )
    return replace(table, columns=columns, rows=_rows(table.rows, places))


def coarse_report(report: StudyReport) -> StudyReport:
    """The same with the day of the last vote alone."""
    last = report.votes.last_vote_at
    if last is None:
        return report
    day = _day(datetime.fromisoformat(last)).isoformat()
    return replace(report, votes=replace(report.votes, last_vote_at=day))


def _rows(rows: Iterable[Row], places: list[int]) -> Iterator[Row]:
    for row in rows:
        cells = list(row)
        for place in places:
            cell = cells[place]
            if isinstance(cell, datetime):
                cells[place] = _day(cell)
        yield cells


def _day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
