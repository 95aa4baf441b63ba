"""What commands have in common at a terminal: a bar that ends, errors a person can act on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from django.core.management import execute_from_command_line
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from tqdm import tqdm

from studyapp.errors import InputError, QuorumError
from studyapp.progress import Progress


def execute(argv: list[str]) -> None:
    """Run a command line; a database without its migrations is said in one line."""
    try:
        execute_from_command_line(argv)
    except DatabaseError:
        # What breaks while migrating is not mended by migrating.
        if "migrate" in argv or not _unmigrated():
            raise
        sys.exit(
            "There is no database yet, or it is older than this code: run `manage.py migrate`."
        )


def _unmigrated() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return False


@contextmanager
def progress_bar(label: str, *, unit: str = "") -> Iterator[Progress]:
    """A progress bar on standard error, gone quiet where that is no terminal."""
    bar: tqdm[NoReturn] = tqdm(desc=label, unit=f" {unit}", disable=None, file=sys.stderr)

    def show(done: int, total: int | None = None, message: str = "") -> None:
        bar.total = total
        if message:
            bar.set_postfix_str(message)
        bar.update(done - bar.n)

    with bar:
        yield show


@contextmanager
def readable_errors() -> Iterator[None]:
    """Our own errors end the command with their message alone and exit status 1."""
    try:
        yield
    except QuorumError as error:
        raise CommandError(str(error)) from error


def usd(text: str) -> Decimal:
    """An amount of money as it was typed."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InputError("this is no amount of money", item=text, remedy="Like 0.50") from error
