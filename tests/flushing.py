"""Emptying PostgreSQL after a test that commits, without TRUNCATE.

TRUNCATE makes new files for every table and index: two seconds a test for this project's tables,
which is more than most of the tests themselves take. Deleting the few rows there are takes
milliseconds. Triggers must sleep meanwhile, those that keep votes append-only among them, which
only a superuser may order; for others Django's own way stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

#: Made again by Django after each flush, from the installed applications: the same every time.
_KEPT = {"django_content_type", "auth_permission"}


def delete_instead_of_truncate(patch: pytest.MonkeyPatch) -> None:
    """Let Django's flush delete the rows of tables that have any."""
    if connection.vendor != "postgresql":
        return
    operations = type(connection.ops)
    patch.setattr(operations, "sql_flush", _deleting(operations.sql_flush))


def _deleting(truncating: Callable[..., list[str]]) -> Callable[..., list[str]]:
    def sql_flush(self: Any, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        if not _may_disable_triggers(self):
            return truncating(self, style, tables, **options)
        deletes = [
            f"DELETE FROM {self.quote_name(table)};"  # noqa: S608  # our own names
            for table in _filled(self, tables)
        ]
        return ["SET LOCAL session_replication_role = replica;", *deletes] if deletes else []

    return sql_flush


def _may_disable_triggers(operations: Any) -> bool:
    with operations.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        return bool(cursor.fetchone()[0])


def _filled(operations: Any, tables: Sequence[str]) -> list[str]:
    wanted = sorted(set(tables) - _KEPT)
    looks = (
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {operations.quote_name(table)})"  # noqa: S608  # our own names
        for table in wanted
    )
    with operations.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        return [table for (table,) in cursor.fetchall()]
