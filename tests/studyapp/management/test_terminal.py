from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from studyapp.management import terminal
from tests.conftest import REPOSITORY


@pytest.mark.slow
def test_a_forgotten_migrate_is_said_in_one_line(tmp_path: Path) -> None:
    mine = {
        "DJANGO_SETTINGS_MODULE": "studyapp.settings",
        "QUORUM_VAR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "analyse", "toy"],
        cwd=REPOSITORY,
        env=os.environ | mine,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "There is no database yet, or it is older than this code: run `manage.py migrate`.\n"
    )


@pytest.mark.django_db
def test_other_trouble_with_the_database_is_not_taken_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_: list[str]) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(terminal, "execute_from_command_line", full)
    with pytest.raises(OperationalError, match="disk is full"):
        terminal.execute(["manage.py", "analyse", "toy"])


@pytest.mark.django_db
def test_a_database_older_than_the_code_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    def old(_: list[str]) -> None:
        raise OperationalError("no such column")

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'studyapp'")
    monkeypatch.setattr(terminal, "execute_from_command_line", old)
    with pytest.raises(SystemExit, match="older than this code"):
        terminal.execute(["manage.py", "analyse", "toy"])
    with pytest.raises(OperationalError):
        terminal.execute(["manage.py", "migrate"])
