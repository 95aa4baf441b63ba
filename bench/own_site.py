"""A site of a bench's own: a fresh database, and gunicorn in front of it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 8


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of a fresh database: beside the PostgreSQL one named, else a file."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    import psycopg2

    parts = urlsplit(address)
    name = f"quorum_bench_{os.getpid()}"

    def run(statement: str) -> None:
        connection = psycopg2.connect(address)
        connection.autocommit = True
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()

    run(f'CREATE DATABASE "{name}"')
    try:
        yield parts._replace(path=f"/{name}").geturl()
    finally:
        run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def own_surroundings() -> Iterator[tuple[Path, int]]:
    """A folder and a port, with the settings that make the site of this process use them alone."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="quorum-bench-") as name:
        folder = Path(name)
        with own_database(folder) as address:
            os.environ.update(
                DATABASE_URL=address,
                QUORUM_VAR=str(folder),
                JOB_SEND="0",
                DJANGO_SETTINGS_MODULE="studyapp.settings",
                BIND=f"127.0.0.1:{port}",
            )
            yield folder, port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path, *, port: int | None = None) -> Iterator[int]:
    """gunicorn on a free port, with the environment of this process."""
    port = port or free_port()
    command = [sys.executable, "-m", "gunicorn", "studyapp.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)]
    command += ["--keep-alive", "30", "--log-level", "warning"]
    with (folder / "gunicorn.log").open("w") as log:
        server = subprocess.Popen(command, cwd=REPOSITORY, stderr=log)
        try:
            _await(port, server=server)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=30)


def _await(port: int, *, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit("gunicorn did not start")
        try:
            _warm(port)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("gunicorn did not answer within 30 seconds")


def _warm(port: int) -> None:
    """Let every worker load the application: what a new process costs is not measured here."""
    address = "/rate/00000000-0000-4000-8000-000000000000/"
    open_ones = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(24)]
    for connection in open_ones:
        connection.request("GET", address)
    for connection in open_ones:
        connection.getresponse().read()
        connection.close()
