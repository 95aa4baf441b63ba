"""Many plain rows into one table, at the speed of the database and under all its constraints.

`bulk_create` spends four fifths of an import on objects and on the text of its statements. Here a
batch is one prepared statement (SQLite) or one COPY (PostgreSQL), and a transaction of its own: a
killed import leaves whole batches, and a row whose unique key is there already is passed over, so
that the next run ends with the same rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

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
    for _ in insert_batches(model, fields=fields, batches=[rows]):
        pass


def insert_batches(
    model: type[models.Model],
    *,
    fields: Sequence[str],
    batches: Iterable[Sequence[Sequence[Value]]],
) -> Iterator[int]:
    """The same of batch after batch; yields the size of each, once it is stored.

    PostgreSQL, a process of its own, works on one while the next is made: making it must not use
    the database. Who takes the sizes may, for nothing is under way then.
    """
    quote = connection.ops.quote_name
    attributes = {field.attname: field.column for field in model._meta.concrete_fields}
    into = (
        quote(model._meta.db_table),
        ", ".join(quote(str(attributes[name])) for name in fields),
    )
    if connection.vendor == "postgresql":
        yield from _copy_batches(*into, batches=batches)
    else:
        for rows in batches:
            _insert(*into, rows=rows)
            yield len(rows)


def _insert(table: str, columns: str, *, rows: Sequence[Sequence[Value]]) -> None:
    if rows:
        marks = ", ".join(["%s"] * len(rows[0]))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks}) "  # noqa: S608  # our names
                "ON CONFLICT DO NOTHING",
                rows,
            )


def _copy_batches(
    table: str, columns: str, *, batches: Iterable[Sequence[Sequence[Value]]]
) -> Iterator[int]:
    shared, under_way = connections[DEFAULT_DB_ALIAS], None
    shared.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1, initializer=_use, initargs=(shared,)) as beside:
            for rows in batches:
                lines = ["\t".join(map(_cell, row)) for row in rows]
                if under_way is not None:
                    yield under_way.result()
                under_way = beside.submit(_copy, table, columns, lines=lines)
            if under_way is not None:
                yield under_way.result()
    finally:
        shared.dec_thread_sharing()


def _use(shared: BaseDatabaseWrapper) -> None:
    """Let this thread work in the transaction of the one that started it."""
    connections[DEFAULT_DB_ALIAS] = shared


def _copy(table: str, columns: str, *, lines: Sequence[str]) -> int:
    """Straight into the table; if one of them is there already, all but those by way of another."""
    text = io.StringIO("".join(f"{line}\n" for line in lines))
    try:
        # Django wraps what it executes itself; errors of COPY are the driver's own without this.
        with transaction.atomic(), connection.wrap_database_errors, connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
    except IntegrityError:
        # Another constraint than a unique key is met there again, and raised.
        with transaction.atomic():
            _copy_missing(table, columns, lines=lines)
    return len(lines)


def _copy_missing(table: str, columns: str, *, lines: Sequence[str]) -> None:
    """COPY cannot pass over what is there, so the rows go through a table of this transaction."""
    text = io.StringIO("".join(f"{place}\t{line}\n" for place, line in enumerate(lines)))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE fresh_rows ON COMMIT DROP AS "  # noqa: S608  # our names
            f"SELECT 0 AS place, {columns} FROM {table} WITH NO DATA"
        )
        cursor.copy_expert(f"COPY fresh_rows (place, {columns}) FROM STDIN", text)
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
