from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from studyapp.api.pages import operations
from studyapp.api.questions import QuestionShape
from studyapp.api.schema import schema
from studyapp.api.urls import version_1
from studyapp.api.votes import VoteShape
from studyapp.exports.questions import QUESTION_COLUMNS
from studyapp.exports.votes import VOTE_COLUMNS

SNAPSHOT = Path(__file__).resolve().parents[3] / "docs" / "reference" / "openapi.yaml"


@pytest.mark.slow
def test_the_snapshot_is_what_the_views_say(tmp_path: Path) -> None:
    """Rewritten by `make openapi`; a change of it is a change of what clients rely on."""
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    assert made.read_text(encoding="utf-8") == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_site_serves_the_snapshot() -> None:
    served = Client().get("/api/openapi.json").json()
    assert served == yaml.safe_load(SNAPSHOT.read_text(encoding="utf-8"))
    assert served["openapi"].startswith("3.1")


def test_every_operation_tells_its_scope_and_its_problems() -> None:
    assert len(operations(schema())) == len(version_1) + 2
    for operation in operations(schema()):
        told = schema()["paths"][operation.path][operation.method.lower()]["responses"]
        assert {"400", "401", "403", "406", "413", "429", "500", "503"} < set(told)
        assert ("404" in told) == ("{" in operation.path)
        assert ({"409", "415"} < set(told)) == (operation.method == "POST")
        assert operation.scope in ("read", "write", "export")
        assert operation.description


def test_rows_have_the_columns_of_the_exports() -> None:
    questions, votes = (
        [column.name for column in columns] for columns in (QUESTION_COLUMNS, VOTE_COLUMNS)
    )
    assert list(QuestionShape().fields) == questions
    ours = list(VoteShape().fields)
    assert set(ours) < set(votes)
    assert [name for name in votes if name in ours] == ours


def test_nothing_of_a_response_is_left_open() -> None:
    """A client that is made from the schema finds every key that is sent."""
    components = schema()["components"]["schemas"]
    left = [name for name, shape in components.items() if not _says_something(shape)]
    assert left == []


def _says_something(shape: dict[str, Any]) -> bool:
    return bool(shape.get("properties") or shape.get("enum"))


def test_the_page_asks_nobody_else_for_anything() -> None:
    page = Client().get("/api/").content.decode()
    assert re.findall(r"(?:src|href|action)=[\"']?(?:[a-z]+:)?//", page) == []
    assert "<script" not in page
    for operation in operations(schema()):
        assert f"{operation.method} {operation.path}" in page
        assert operation.summary in page


@pytest.mark.parametrize("page", ["/api/", "/api/openapi.json"])
def test_the_pages_are_for_reading(page: str) -> None:
    assert Client().post(page).status_code == 405


def test_no_address_of_the_api_ends_in_a_slash() -> None:
    """So that no address is answered by a redirect, which drops the body of a POST."""
    assert reverse("api-studies") == "/api/v1/studies"
    assert Client().post("/api/v1/studies/").status_code == 404
