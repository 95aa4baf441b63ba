"""From what explain refuses to what a person reads on a page or at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from explain.errors import ExplainError
from studyapp.errors import InputError


@contextmanager
def as_input_error() -> Iterator[None]:
    """Turns what explain refuses into an error of ours, word for word."""
    try:
        yield
    except ExplainError as error:
        raise InputError(error.what, item=error.item, remedy=error.remedy) from error
