"""The examples of docs/how-to/api.md, run as they stand against a running site."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from studyapp.api_tokens import issue_token
from studyapp.models import ImageSet, Study, VisionModel, Vote
from tests.conftest import REPOSITORY, skip_or_fail
from tests.studyapp.reports.hand_study import hand_study

PAGE = REPOSITORY / "docs" / "how-to" / "api.md"


def examples(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def environment(live_server: LiveServer) -> dict[str, str]:
    """What the page tells its reader to export, and a study of the names it uses."""
    owner = User.objects.create_superuser("mara")
    made = hand_study(name="pets-2026")
    Study.objects.filter(pk=made.study.pk).update(owner=owner)
    ImageSet.objects.update(name="pets")
    VisionModel.objects.filter(name="alpha").update(name="resnet101")
    token = issue_token(owner, label="notebook", scopes=["read", "write", "export"])
    return {**os.environ, "SITE": live_server.url, "TOKEN": token.secret}


def test_the_examples_for_the_shell(environment: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        skip_or_fail("curl is not installed")
    calls = [text for text in examples("sh") if "curl" in text]
    assert sum(text.count("curl") for text in calls) == 6
    script = "\n".join(["set -eu", *calls])
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert zipfile.is_zipfile(tmp_path / "pets-2026.zip")
    study = Study.objects.get(name="pets-2027")
    assert (study.accept_at, study.raters_per_trial) == (5, 7)
    assert Vote.objects.filter(study=study).count() == 2
    assert '"added":2,"known":0' in done.stdout
    assert '"added":0,"known":2' in done.stdout


def test_the_example_for_python(environment: dict[str, str], tmp_path: Path) -> None:
    (program,) = examples("python")
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("beta") or lines[0].startswith("resnet101")
    assert "2 questions are undecided" in lines
    assert "25 votes count" in lines
    assert lines[-1].startswith("400 invalid {'aceept'")
