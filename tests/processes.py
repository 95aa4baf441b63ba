"""Commands as processes of their own, on the database and the files of the test.

They are forked from one process that has started up once: starting up takes seconds, and what a
crash leaves behind does not hang on it. Each is a process like any other, with signals, a
connection and an end of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection

from tests.conftest import REPOSITORY

#: Settings that tests change while they run.
_CHANGED = ("QUORUM_URL", "MARKETPLACE_URL", "MARKETPLACE_CREDENTIALS")
_forks = multiprocessing.get_context("forkserver")


class Process:
    """One command under way."""

    def __init__(self, command: tuple[str, ...], *, said: Path) -> None:
        self._said = said
        # How it ended can be read once; two threads may wait for it.
        self._waiting = threading.Lock()
        surroundings = environment()
        changed = {name: getattr(django_settings, name) for name in _CHANGED}
        with pytest.MonkeyPatch.context() as patch:
            # The first one starts the process that the others are forked from, and this is its own.
            for name, value in surroundings.items():
                patch.setenv(name, value)
            _forks.set_forkserver_preload(["tests.started_up"])
            forkserver.ensure_running()
        self._process = _forks.Process(target=_execute, args=(command, surroundings, changed, said))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> None:
        with self._waiting:
            self._process.join(timeout)
        assert self.returncode is not None, f"still running after {timeout} s"

    def said(self) -> str:
        """What it wrote for people to read about errors."""
        return self._said.read_text()


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
def started(*command: str) -> Iterator[Process]:
    with tempfile.TemporaryDirectory() as folder:
        process = Process(command, said=Path(folder) / "stderr")
        try:
            yield process
        finally:
            process.kill()
            process.wait(30)


def finish(*command: str) -> None:
    """Run the command to its end, which must be a good one."""
    with started(*command) as process:
        process.wait(120)
        assert process.returncode == 0, process.said()


def _execute(
    command: tuple[str, ...], surroundings: dict[str, str], changed: dict[str, object], said: Path
) -> None:
    """In the new process: be `manage.py COMMAND`."""
    from studyapp.management.terminal import execute

    os.chdir(REPOSITORY)
    os.environ.clear()
    os.environ.update(surroundings)
    for name, value in changed.items():
        setattr(django_settings, name, value)
    with said.open("wb", buffering=0) as errors, Path(os.devnull).open("wb") as nowhere:
        os.dup2(errors.fileno(), 2)
        os.dup2(nowhere.fileno(), 1)
        execute([str(REPOSITORY / "manage.py"), *command])
