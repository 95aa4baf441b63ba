from __future__ import annotations

import gzip
import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework.test import APIClient

from studyapp.models import AuditEntry, Question, Rater, Study, Vote
from tests.factories.dataset import ImageFactory, label_class
from tests.factories.study import StudyFactory
from tests.studyapp.api.conftest import client_of
from tests.studyapp.api.test_problems import problem

URL = "/api/v1/studies/birds/votes"
HEADER = "image_id,class_index,rater_id,answer,seconds\n"
VOTES = HEADER + "".join(
    f"i{image},1,worker-{rater},{'yes' if rater else 'no'},2.5\n"
    for image in range(4)
    for rater in range(5)
)


@pytest.fixture
def study(owner: User) -> Study:
    return study_of(owner)


def study_of(owner: User) -> Study:
    study = StudyFactory.create(name="birds", owner=owner)
    for n in range(4):
        ImageFactory.create(
            image_set=study.image_set,
            image_id=f"i{n}",
            label=label_class(study.image_set, index=0),
        )
    return study


def send(client: APIClient, table: str | bytes = VOTES) -> Any:
    return client.post(URL, table, content_type="text/csv")


@pytest.mark.django_db
def test_votes_come_in_as_a_body_and_as_a_form(
    client: APIClient, owner: User, study: Study
) -> None:
    first = send(client)
    assert first.status_code == 200, first.content
    assert (first.json()["added"], first.json()["known"]) == (20, 0)
    assert Vote.objects.filter(study=study).count() == 20
    entry = AuditEntry.objects.get(verb="import_votes")
    assert (entry.study, entry.actor) == (study, owner)
    form = {"file": SimpleUploadedFile("worker-names.csv", VOTES.encode())}
    again = client.post(URL, form, format="multipart")
    assert again.status_code == 200, again.content
    assert (again.json()["added"], again.json()["known"]) == (0, 20)
    assert Vote.objects.count() == 20
    page = client.get(URL).content.decode()
    assert '"answer":"yes"' in page
    assert "worker-" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"\n", "no header"),
        (HEADER.encode(), "no votes"),
        (VOTES.encode() + b"i0,1,x\n", "3 cells"),
        (VOTES.encode() + b"i0,1,x,perhaps,1\n", "perhaps"),
        (VOTES.encode() + b"i0,99,x,yes,1\n", "class list ends"),
        (VOTES.encode() + b"i0,1,x\x00,yes,1\n", "zero byte"),
        (VOTES.encode("utf-16"), "not UTF-8"),
        (VOTES.encode() + b"i0,1,\xff,yes,1\n", "not UTF-8"),
        (VOTES.encode() + b'"' + b"x" * 1_000_000, "longer than"),
        (VOTES.encode() + b"i0,1,x,yes,inf\n", "seconds is"),
        (gzip.compress(VOTES.encode()), "gzipped"),
    ],
)
def test_a_bad_table_leaves_nothing(
    client: APIClient, study: Study, table: bytes, said: str
) -> None:
    body = problem(send(client, table), 400, "unusable")
    assert said in body["detail"]
    assert body["item"].startswith("votes.csv")
    assert not Vote.objects.exists()
    assert not Rater.objects.exists()
    assert not Question.objects.exists()
    assert not AuditEntry.objects.filter(verb="import_votes").exists()


@pytest.mark.django_db
def test_a_changed_answer_is_refused(client: APIClient, study: Study) -> None:
    assert send(client).status_code == 200
    body = problem(send(client, VOTES.replace("no", "yes", 1)), 400, "unusable")
    assert "never changed" in body["remedy"]
    assert "line 2" in body["item"]
    assert Vote.objects.filter(answer="no").count() == 4


@pytest.mark.django_db
def test_a_form_without_a_file_is_refused(client: APIClient, study: Study) -> None:
    for form in ({}, {"file": "text"}, {"table": SimpleUploadedFile("v.csv", VOTES.encode())}):
        response = client.post(URL, form, format="multipart")
        assert list(problem(response, 400, "invalid")["fields"]) == ["file"]
    broken = client.post(URL, b"--x\r\n", content_type="multipart/form-data; boundary=y")
    assert problem(broken, 400, "invalid")
    none = client.post(URL, b"--x\r\n", content_type="multipart/form-data")
    assert problem(none, 400, "parse_error")
    assert list(problem(send(client, b""), 400, "invalid")["fields"]) == ["file"]
    problem(client.post(URL, {}, format="json"), 415, "unsupported_media_type")


@pytest.mark.django_db
def test_who_may_not_change_studies_may_not_add_votes(
    client: APIClient, owner: User, study: Study
) -> None:
    owner.groups.clear()
    problem(send(client), 403, "permission_denied")
    assert not Vote.objects.exists()


def at_once(client: APIClient, tables: list[str]) -> list[Any]:
    """The responses to tables that are sent at one moment."""
    ready, found = threading.Barrier(len(tables)), dict[int, Any]()

    def post(number: int) -> None:
        ready.wait()
        found[number] = send(client, tables[number])
        connection.close()

    threads = [threading.Thread(target=post, args=[number]) for number in range(len(tables))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in range(len(tables))]


@pytest.mark.django_db(transaction=True)
def test_the_same_votes_sent_twice_at_one_moment_come_in_once() -> None:
    """Without the lock both find nothing there, and both say that they added all."""
    owner = User.objects.create_superuser("root")
    study_of(owner)
    responses = at_once(client_of(owner), [VOTES] * 3)
    assert [response.status_code for response in responses] == [200] * 3
    assert sorted(response.json()["added"] for response in responses) == [0, 0, 20]
    assert Vote.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_for_one_vote_at_one_moment_one_is_refused() -> None:
    """Without the lock the second is dropped without a word."""
    owner = User.objects.create_superuser("root")
    study_of(owner)
    other = VOTES.replace(",yes,", ",no,")
    responses = at_once(client_of(owner), [VOTES, other])
    assert sorted(response.status_code for response in responses) == [200, 400]
    kept = VOTES if responses[0].status_code == 200 else other
    assert Vote.objects.filter(answer="yes").count() == kept.count(",yes,")
    assert Vote.objects.count() == 20
