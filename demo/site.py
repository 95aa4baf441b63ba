"""The site the demo runs: one server while people are simulated, all processes afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from demo.errors import DemoError

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S = 60


def free_port(wanted: int) -> int:
    """The wanted port, or any other where somebody has that one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoError("No port is free on 127.0.0.1; set DEMO_PORT to one that is.")


class Site:
    """The running site, which can be started anew with its clock set forward."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._process = self._start()

    def let_pass(self, hours: float) -> None:
        """For marketplace, rater pages and commands alike it is so much later from now on."""
        self.stop()
        settings.MARKETPLACE_CLOCK_OFFSET_S += round(hours * 3600)
        os.environ["MARKETPLACE_CLOCK_OFFSET_S"] = str(settings.MARKETPLACE_CLOCK_OFFSET_S)
        self._process = self._start()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)

    def _start(self) -> subprocess.Popen[bytes]:
        bind = f"127.0.0.1:{self._port}"
        command = [sys.executable, "-m", "gunicorn", "studyapp.wsgi", "--bind", bind]
        command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8"]
        command += ["--log-level", "warning", "--no-control-socket"]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            _wait(process, port=self._port)
        except DemoError:
            process.kill()
            raise
        return process


@contextmanager
def served(port: int) -> Iterator[Site]:
    """Serve the site on 127.0.0.1 and localhost for as long as the block runs."""
    site = Site(port)
    try:
        yield site
    finally:
        site.stop()


def _wait(process: subprocess.Popen[bytes], *, port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoError(
                "The web server ended as soon as it was started; see its message above."
            )
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise DemoError(f"The web server did not answer within {STARTS_WITHIN_S} seconds.")


def run_everything(port: int) -> None:
    """Become the process manager of web, worker, beat and compute; ends with Ctrl-C."""
    os.environ["BIND"] = f"127.0.0.1:{port}"
    honcho = Path(sys.executable).with_name("honcho")
    # The Procfile names gunicorn and celery alone; nobody has to have activated the environment.
    os.environ["PATH"] = os.pathsep.join([str(honcho.parent), os.environ.get("PATH", os.defpath)])
    os.chdir(ROOT)
    os.execv(honcho, [str(honcho), "start"])
