"""What commands have in common at a terminal: a bar that ends, errors a person can act on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from django.core.management.base import CommandError
from tqdm import tqdm

from studyapp.errors import QuorumError
from studyapp.progress import Progress


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
