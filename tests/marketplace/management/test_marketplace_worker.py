from __future__ import annotations

import io

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from marketplace.models import Worker


def _run(name: str, password: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\nnext line\n"))
    out = io.StringIO()
    call_command("marketplace_worker", name, "--password-stdin", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_worker_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _run("ada", "correct-horse", monkeypatch)
    worker = Worker.objects.get()
    assert said == f"Worker ada has the worker id {worker.worker_id}.\n"
    assert authenticate(username="ada", password="correct-horse") == worker.user


@pytest.mark.django_db
def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="too short"):
        _run("ada", "abc", monkeypatch)
    _run("ada", "correct-horse", monkeypatch)
    with pytest.raises(CommandError, match="taken"):
        _run("ada", "correct-horse", monkeypatch)
    assert Worker.objects.count() == 1


@pytest.mark.django_db
def test_a_password_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "correct-horse")
    call_command("marketplace_worker", "ada", stdout=io.StringIO())
    assert authenticate(username="ada", password="correct-horse")
