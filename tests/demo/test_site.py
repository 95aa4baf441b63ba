from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from demo.site import ROOT, free_port

STARTS_WITHIN_S = 60


@pytest.mark.slow
@pytest.mark.one_database
def test_all_processes_start_where_nobody_activated_the_environment(tmp_path: Path) -> None:
    port = free_port(0)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "QUORUM_VAR": str(tmp_path / "var"),
        "QUORUM_URL": f"http://127.0.0.1:{port}",
    }
    program = f"from demo.site import run_everything; run_everything({port})"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as manager:
        try:
            answered = _answers(f"http://127.0.0.1:{port}/static/icon.svg", manager=manager)
        finally:
            _end(manager)
        said = manager.stdout.read() if manager.stdout else ""
    assert answered, said
    assert "not found" not in said
    # All are asked to end at once; a pool's child that is asked as well would be reported as lost.
    assert "ERROR" not in said
    assert not (tmp_path / ".gunicorn").exists()


def _answers(address: str, *, manager: subprocess.Popen[str]) -> bool:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and manager.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2) as page:  # noqa: S310  # our own
                return int(page.status) == 200
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    return False


def _end(manager: subprocess.Popen[str]) -> None:
    """Ask the process manager to end; it ends its own processes and kills those that hang."""
    if manager.poll() is None:
        os.kill(manager.pid, signal.SIGTERM)
    manager.wait(timeout=30)
