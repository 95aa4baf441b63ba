"""The rules of the house that no linter knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("studyapp", "explain", "marketplace", "demo", "bench")
LONGEST_MODULE = 350

#: Every module here has a test module of the same name.
MIRRORED = ("studyapp/pipeline", "studyapp/analytics", "studyapp/compute", "explain")
#: What is tested through the module that uses it.
TESTED_ELSEWHERE = {
    "explain/types.py": "frozen values",
}


def modules(folder: str) -> list[Path]:
    return [
        path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts
    ]


def test_no_module_is_longer_than_a_person_can_hold() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for package in (*PACKAGES, "tests")
        for path in modules(package)
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_no_lock_holds_up_rows_that_refer_to_what_is_locked() -> None:
    """See studyapp/row_locks.py."""
    calls = [
        (path.name, call)
        for package in ("studyapp", "marketplace")
        for path in modules(package)
        for call in re.findall(r"select_for_update\((.*?)\)", path.read_text(encoding="utf-8"))
    ]
    assert len(calls) > 20
    assert [(name, call) for name, call in calls if "no_key=True" not in call] == []


@pytest.mark.parametrize("folder", MIRRORED)
def test_the_tests_mirror_the_code(folder: str) -> None:
    missing = []
    for path in modules(folder):
        name = str(path.relative_to(ROOT))
        wanted = Path("tests") / path.relative_to(ROOT).parent / f"test_{path.stem}.py"
        if path.stem.startswith("__") or name in TESTED_ELSEWHERE:
            continue
        if not (ROOT / wanted).is_file():
            missing.append(str(wanted))
    assert missing == []


def test_the_web_process_never_loads_torch() -> None:
    """A fresh interpreter that starts the site and resolves every page has no torch in it."""
    program = """
import sys
import studyapp.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
import studyapp.tasks
heavy = {"torch", "torchvision", "lime", "skimage", "explain"} & set(sys.modules)
sys.exit(f"loaded: {sorted(heavy)}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_readme_shows_the_two_commands_and_a_picture_first() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:30]
    text = "\n".join(first_screen)
    assert "make demo" in text
    assert "make test" in text
    assert "![" in text


def test_every_link_of_the_docs_leads_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in _links(page.read_text(encoding="utf-8")):
            target = link.partition("#")[0]
            if target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert broken == []


def _links(text: str) -> list[str]:
    parts = text.split("](")[1:]
    links = [part.partition(")")[0] for part in parts]
    return [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]


def test_every_migration_is_made() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_containers_get_every_setting_an_operator_is_told_of() -> None:
    told = re.findall(
        r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE
    )
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    services = yaml.safe_load(compose)["services"]
    given = set(services["web"]["environment"])
    assert [name for name in told if name not in given and f"${{{name}:" not in compose] == []
    # 127.0.0.1, the default of QUORUM_URL, is the marketplace for the one who publishes there.
    assert services["worker"]["network_mode"] == "service:web"
    assert ".env" in (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
