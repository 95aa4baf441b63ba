"""Commands as processes of their own, on the database and the files of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.conf import settings as django_settings
from django.db import connection

from tests.conftest import REPOSITORY


def database_url() -> str:
    """The test database, for another process."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    login = f"{quote(at['USER'])}:{quote(at['PASSWORD'])}" if at["USER"] else ""
    host = quote(at["HOST"], safe="")
    return f"postgres://{login}@{host}:{at['PORT']}/{at['NAME']}"


def environment() -> dict[str, str]:
    mine = {
        "DJANGO_SETTINGS_MODULE": "studyapp.settings",
        "DATABASE_URL": database_url(),
        "QUORUM_VAR": str(django_settings.QUORUM_VAR),
        "QUORUM_URL": django_settings.QUORUM_URL,
        "MARKETPLACE_URL": django_settings.MARKETPLACE_URL,
        "MARKETPLACE_CREDENTIALS": str(django_settings.MARKETPLACE_CREDENTIALS),
        "SECRET_KEY": django_settings.SECRET_KEY,
    }
    return os.environ | mine


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "manage.py"), *command],
        env=environment(),
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finish(*command: str) -> None:
    """Run the command to its end, which must be a good one."""
    with started(*command) as process:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
