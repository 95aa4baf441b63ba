"""Many plain rows into one table, at the speed of the database and under all its constraints.

`bulk_create` spends four fifths of an import on objects and on the text of its statements. Here a
batch is one prepared statement (SQLite) or one COPY (PostgreSQL), and a transaction of its own: a
killed import leaves whole batches, and a row whose unique key is there already is passed over, so
that the next run ends with the same rows.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, connection, models, transaction

Value = None | int | float | str | datetime
#: Rows per batch: a writer beside waits for one batch at most.
BATCH = 5_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_new(
    model: type[models.Model], *, fields: Sequence[str], rows: Sequence[Sequence[Value]]
) -> None:
    """Insert the rows in their order, but for those whose unique key exists.

    `fields` are named as in the model, keys of other tables by their attribute (`study_id`); every
    column that may not be null is among them.
    """
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    attributes = {field.attname: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(quote(str(attributes[name])) for name in fields)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _copy(table, columns=columns, rows=rows)
        else:
            marks = ", ".join(["%s"] * len(fields))
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {table} ({columns}) VALUES ({marks}) "  # noqa: S608  # our names
                    "ON CONFLICT DO NOTHING",
                    rows,
                )


def _copy(table: str, *, columns: str, rows: Sequence[Sequence[Value]]) -> None:
    """Straight into the table; if one of them is there already, all but those by way of another."""
    text = "".join("\t".join(map(_cell, row)) + "\n" for row in rows)
    try:
        # Django wraps what it executes itself; errors of COPY are the driver's own without this.
        with transaction.atomic(), connection.wrap_database_errors, connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.StringIO(text))
    except IntegrityError:
        # Another constraint than a unique key is met there again, and raised.
        _copy_missing(table, columns=columns, rows=rows)


def _copy_missing(table: str, *, columns: str, rows: Sequence[Sequence[Value]]) -> None:
    """COPY cannot pass over what is there, so the rows go through a table of this transaction."""
    text = "".join(
        f"{place}\t" + "\t".join(map(_cell, row)) + "\n" for place, row in enumerate(rows)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE fresh_rows ON COMMIT DROP AS "  # noqa: S608  # our names
            f"SELECT 0 AS place, {columns} FROM {table} WITH NO DATA"
        )
        cursor.copy_expert(f"COPY fresh_rows (place, {columns}) FROM STDIN", io.StringIO(text))
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM fresh_rows "  # noqa: S608
            "ORDER BY place ON CONFLICT DO NOTHING"
        )
        # Inside a larger transaction the next batch comes before the commit.
        cursor.execute("DROP TABLE fresh_rows")


def _cell(value: Value) -> str:
    """A value in the text form of COPY."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, datetime):
        return value.isoformat()
    return repr(value)
