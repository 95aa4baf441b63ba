"""Many rows at once, for tests at the size of a paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection, models


def insert_like(
    like: models.Model, *, columns: Sequence[str], rows: Iterable[Sequence[int | str]]
) -> None:
    """Write rows that are `like` this one but in these columns, whose values they bring.

    One prepared statement: bulk_create makes and checks an object for each of them, which takes
    ten times as long.
    """
    quote = connection.ops.quote_name
    others = [field for field in like._meta.concrete_fields if field.column not in columns]
    same = tuple(
        field.get_db_prep_save(field.pre_save(like, add=True), connection)
        for field in others
        if not field.primary_key
    )
    names = [*columns, *(field.column for field in others if not field.primary_key)]
    listed = ", ".join(quote(str(name)) for name in names)
    places = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(like._meta.db_table)} ({listed}) VALUES ({places})",  # noqa: S608  # our own names
            [(*row, *same) for row in rows],
        )
