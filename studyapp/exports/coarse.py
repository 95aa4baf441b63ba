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
    """The same with the days alone of the last vote, of the cross-check and of named analyses.

    When the plan was stamped stays: its hash is worth as much as its time.
    """
    check, last = report.cross_check, report.votes.last_vote_at
    return replace(
        report,
        votes=replace(report.votes, last_vote_at=last and _day_of(last)),
        analyses=tuple(replace(one, created_at=_day_of(one.created_at)) for one in report.analyses),
        cross_check=check and replace(check, drawn_at=_day_of(check.drawn_at)),
    )


def _day_of(moment: str) -> str:
    return _day(datetime.fromisoformat(moment)).isoformat()


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
