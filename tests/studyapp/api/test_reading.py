from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from studyapp.exports import export_study
from studyapp.models import AuditEntry, Job, RaterIdentity
from studyapp.reports import build_report
from tests.studyapp.api.conftest import client_of
from tests.studyapp.api.test_problems import problem
from tests.studyapp.reports.hand_study import HandStudy

pytestmark = pytest.mark.django_db
STUDY = "/api/v1/studies/hand"


def pages(client: APIClient, url: str, *, size: int = 1000) -> list[dict[str, Any]]:
    """The rows of every page."""
    rows: list[dict[str, Any]] = []
    following: str | None = f"{url}{'&' if '?' in url else '?'}page_size={size}"
    while following:
        page = client.get(following).json()
        assert len(page["results"]) <= size
        rows += page["results"]
        following = page["next"]
    return rows


def exported(client: APIClient, name: str, query: str = "") -> bytes:
    response = client.get(f"{STUDY}/export{query}")
    assert response.status_code == 200
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(f"hand/{name}")


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def as_cell(value: object) -> str:
    """As the exports write a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) if isinstance(value, list) else str(value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"accept": 3},
        {"unsure": "no"},
        {"accept": 2, "unsure": "yes"},
        {"seconds_min": 0.0, "seconds_max": 9.5},
    ],
)
def test_the_report_is_report_json(
    client: APIClient, made: HandStudy, rule: dict[str, Any]
) -> None:
    response = client.get(f"{STUDY}/report", rule)
    asked = {key: value for key, value in rule.items() if not key.startswith("seconds")}
    if len(asked) < len(rule):
        asked["window"] = (rule["seconds_min"], rule["seconds_max"])
    assert response.json() == json.loads(json.dumps(build_report(made.study, **asked).to_dict()))
    query = "?" + "&".join(f"{key}={value}" for key, value in rule.items())
    assert response.json() == json.loads(exported(client, "report.json", query))


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 4, 1000])
def test_votes_are_those_of_the_export(
    client: APIClient, made: HandStudy, size: int, tmp_path: Path
) -> None:
    """Whether a vote counts must not depend on the page it stands on."""
    rows = pages(client, f"{STUDY}/votes", size=size)
    assert len(rows) == made.n_votes
    export_study(made.study, out=tmp_path / "export", pseudonym_key="api")
    wanted = table((tmp_path / "export" / "votes.csv").read_bytes())
    found = [{key: as_cell(value) for key, value in row.items()} for row in rows]
    same = [{key: row[key] for key in found[0]} for row in wanted]
    key = lambda row: sorted(row.items())  # noqa: E731
    assert sorted(found, key=key) == sorted(same, key=key)
    assert {row["exclusion_reason"] for row in rows} == {
        None, "test_run", "unconfirmed", "superseded", "duplicate", "too_fast", "too_slow",
        "manual", "surplus",
    }  # fmt: skip


def test_no_id_of_a_rater_leaves(client: APIClient, made: HandStudy) -> None:
    for rater in made.raters:
        RaterIdentity.objects.create(rater=rater, provider="marketplace", worker_id=f"AW{rater.pk}")
    text = client.get(f"{STUDY}/votes").content.decode()
    for rater in made.raters:
        assert f"AW{rater.pk}" not in text
        assert str(rater.public_id) not in text
        assert rater.public_id.hex not in text


def test_votes_can_be_chosen(client: APIClient, made: HandStudy) -> None:
    question = made.trials["i7", 1].question_id
    rows = pages(client, f"{STUDY}/votes?question={question}")
    assert [row["answer"] for row in rows] == ["yes", "unsure", "yes", "no", "yes"]
    assert pages(client, f"{STUDY}/votes?question={question}&answer=unsure") == [rows[1]]
    assert pages(client, f"{STUDY}/votes?question=999999") == []


@pytest.mark.slow
def test_questions_are_those_of_the_export(client: APIClient, made: HandStudy) -> None:
    for query in ("", "?accept=3&unsure=no"):
        rows = pages(client, f"{STUDY}/questions{query}", size=2)
        found = [{key: as_cell(value) for key, value in row.items()} for row in rows]
        assert found == table(exported(client, "questions.csv", query))
        assert len(found) == 6


@pytest.mark.slow
def test_questions_can_be_chosen(client: APIClient, made: HandStudy) -> None:
    def chosen(query: str) -> list[tuple[str, int]]:
        rows = pages(client, f"{STUDY}/questions?{query}", size=1)
        return [(row["image_id"], row["predicted_class"]) for row in rows]

    assert chosen("verdict=accepted") == [("i4", 1), ("i5", 1)]
    assert chosen("model=beta") == [("i5", 1), ("i6", 2)]
    assert chosen("model=beta&verdict=rejected") == [("i6", 2)]
    assert chosen("verdict=accepted&accept=3") == [("i4", 1), ("i5", 1), ("i6", 1), ("i7", 1)]
    (rater, *_) = {row["rater_id"] for row in pages(client, f"{STUDY}/votes")}
    for part in ("class=0", "condition=whole", f"rater={rater}", f"rater={rater}&class=0&accept=3"):
        rows = pages(client, f"{STUDY}/questions?{part}", size=4)
        assert [as_cell(row["n_valid"]) for row in rows] == [
            row["n_valid"] for row in table(exported(client, "questions.csv", f"?{part}"))
        ]


def test_a_part_of_the_study_is_read_by_the_same_names(client: APIClient, made: HandStudy) -> None:
    (rater, *_) = {row["rater_id"] for row in pages(client, f"{STUDY}/votes")}
    query = f"?model=alpha&class=0&rater={rater}&accept=3"
    report = client.get(f"{STUDY}/report{query}").json()
    assert [model["model"] for model in report["models"]] == ["alpha"]
    assert (report["slice"]["class_index"], report["slice"]["without_rater"]) == (0, rater)
    assert report == json.loads(exported(client, "report.json", query))
    votes = table(exported(client, "votes.csv", query))
    assert len(votes) == report["votes"]["n_votes"] < made.n_votes
    for name, told in (("model", "alpha, beta"), ("class", "0"), ("condition", "whole")):
        response = client.get(f"{STUDY}/report", {name: "nothing"})
        problem(response, 400, "invalid")
        assert told in str(response.json()["fields"][name]), name
    problem(client.get(f"{STUDY}/report", {"rater": "r1"}), 400, "invalid")
    for wrong in ("model=gamma", "class=0&class=1", "seconds_min=1_0", "seconds_max=٣"):
        problem(client.get(f"{STUDY}/questions?{wrong}"), 400, "invalid")


@pytest.mark.slow
def test_an_export_is_kept_in_the_audit_log(
    client: APIClient, owner: User, made: HandStudy
) -> None:
    exported(client, "votes.csv")
    assert AuditEntry.objects.get(verb="export").actor == owner
    response = client.get(f"{STUDY}/export", HTTP_ACCEPT="application/zip")
    assert response["Content-Type"] == "application/zip"
    assert 'filename="hand.zip"' in response["Content-Disposition"]
    b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response = client.get(f"{STUDY}/export?accept=9", HTTP_ACCEPT="application/zip")
    problem(response, 400, "unusable")


def test_models_and_what_they_predicted(client: APIClient, made: HandStudy) -> None:
    rows = pages(client, "/api/v1/models", size=1)
    assert [row["name"] for row in rows] == ["alpha", "beta"]
    (beta,) = pages(client, "/api/v1/models?name=beta")
    assert pages(client, f"/api/v1/models?set={made.study.image_set.name}") == rows
    assert pages(client, "/api/v1/models?set=none") == []
    detail = client.get(f"/api/v1/models/{beta['id']}").json()
    assert detail["predictions"] == [
        {"set": made.study.image_set.name, "n_predictions": 9, "n_labelled": 9, "n_wrong": 2}
    ]
    problem(client.get("/api/v1/models/999"), 404, "not_found")
    problem(client.get(f"/api/v1/models/{'9' * 30}"), 404, "not_found")


@pytest.mark.slow
def test_image_sets_their_images_and_classes(client: APIClient, made: HandStudy) -> None:
    name = made.study.image_set.name
    (row,) = pages(client, "/api/v1/image-sets")
    assert (row["name"], row["n_images"], row["n_with_file"], row["n_labelled"]) == (
        name, 10, 10, 10,
    )  # fmt: skip
    assert client.get(f"/api/v1/image-sets/{name}").json() == row
    images = pages(client, f"/api/v1/image-sets/{name}/images", size=3)
    assert [image["image_id"] for image in images] == [f"i{n}" for n in range(10)]
    assert images[4] == {
        "image_id": "i4",
        "content_hash": made.images["i4"].content_hash,
        "width": made.images["i4"].width,
        "height": made.images["i4"].height,
        "label": 0,
    }
    assert pages(client, f"/api/v1/image-sets/{name}/images?image_id=i4") == [images[4]]
    classes = pages(client, f"/api/v1/image-sets/{name}/classes", size=4)
    assert [row["index"] for row in classes] == list(range(6))
    for path in ("none", "none/images", "none/classes"):
        problem(client.get(f"/api/v1/image-sets/{path}"), 404, "not_found")


def test_jobs_are_told_as_the_site_tells_them(
    client: APIClient, owner: User, stranger: User, made: HandStudy
) -> None:
    of_study = Job.objects.create(verb="publish", study=made.study, requested_by=stranger)
    of_set = Job.objects.create(verb="predict", done=3, total=10)
    Job.objects.create(verb="predict", parent=of_set)
    theirs = Job.objects.create(verb="publish", requested_by=stranger)
    rows = pages(client, "/api/v1/jobs", size=1)
    assert [row["id"] for row in rows] == [of_set.pk, of_study.pk]
    assert (rows[0]["done"], rows[0]["total"], rows[1]["study"]) == (3, 10, "hand")
    assert [row["id"] for row in pages(client, "/api/v1/jobs?study=hand")] == [of_study.pk]
    assert pages(client, "/api/v1/jobs?state=done") == []
    assert client.get(f"/api/v1/jobs/{of_set.pk}").json() == rows[0]
    problem(client.get(f"/api/v1/jobs/{theirs.pk}"), 404, "not_found")
    assert client_of(stranger).get(f"/api/v1/jobs/{theirs.pk}").status_code == 200
