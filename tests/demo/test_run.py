from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from demo.site import ROOT

PROGRAM = """
import json, os
from demo.run import _prepare, demo_var
_prepare(demo_var(), port=8000)
print(json.dumps(dict(os.environ)))
"""


def _environment_of_a_demo(folder: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=os.environ
        | {
            "QUORUM_VAR": str(folder),
            "DATABASE_URL": "postgres://theirs",
            "AWS_ACCESS_KEY_ID": "theirs",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    environment: dict[str, str] = json.loads(done.stdout)
    return environment


def test_a_demo_leaves_the_rest_of_the_folder_alone(tmp_path: Path) -> None:
    real, drawn, old = (
        tmp_path / "quorum.sqlite3",
        tmp_path / "demo" / "world" / "truth.json",
        tmp_path / "demo" / "media" / "old.png",
    )
    for path in (real, drawn, old):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    environment = _environment_of_a_demo(tmp_path)
    assert real.is_file()
    assert drawn.is_file()
    assert not old.exists()
    assert environment["QUORUM_VAR"] == str(tmp_path / "demo")


def test_a_demo_never_reaches_a_database_or_an_account_that_is_real(tmp_path: Path) -> None:
    """Every name is set, since the settings fill in from .env what is not."""
    environment = _environment_of_a_demo(tmp_path)
    assert environment["DATABASE_URL"] == f"sqlite:///{tmp_path / 'demo' / 'quorum.sqlite3'}"
    assert environment["CELERY_BROKER_URL"] == "filesystem://"
    assert environment["AWS_ACCESS_KEY_ID"] == ""
    assert environment["AWS_ENDPOINT_URL_MTURK"] == ""
