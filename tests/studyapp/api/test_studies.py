from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from studyapp.models import AuditEntry, Study
from studyapp.vocabulary import StudyState
from tests.factories.dataset import ImageSetFactory, VisionModelFactory, mistakes
from tests.factories.study import StudyFactory
from tests.studyapp.api.conftest import client_of
from tests.studyapp.api.test_problems import problem
from tests.studyapp.reports.hand_study import HandStudy

URL = "/api/v1/studies"


@pytest.fixture
def toy(db: None) -> None:
    mistakes(ImageSetFactory.create(name="toy"), model="m", wrong={})


def names(client: APIClient, query: str = "") -> list[str]:
    response = client.get(f"{URL}{query}")
    assert response.status_code == 200, response.content
    return [study["name"] for study in response.json()["results"]]


@pytest.mark.slow
@pytest.mark.django_db
def test_other_peoples_studies_do_not_exist(
    client: APIClient, owner: User, stranger: User, made: HandStudy
) -> None:
    """Broken by reading Study.objects in the view: the stranger then gets 200."""
    other = client_of(stranger)
    paths = ("", "/report", "/questions", "/votes", "/export")
    for path in paths:
        missing = problem(other.get(f"{URL}/none{path}"), 404, "not_found")
        assert problem(other.get(f"{URL}/hand{path}"), 404, "not_found") == missing
    votes = "image_id,class_index,rater_id,answer\ni9,1,x,yes\n"
    response = other.post(f"{URL}/hand/votes", votes, content_type="text/csv")
    problem(response, 404, "not_found")
    assert made.study.votes.count() == made.n_votes
    assert names(other) == []
    made.study.members.add(stranger)
    assert names(other) == ["hand"]
    assert other.get(f"{URL}/hand/report").status_code == 200
    assert names(client_of(User.objects.create_superuser("root"))) == ["hand"]


@pytest.mark.django_db
def test_a_study_tells_its_protocol_and_how_far_it_is(client: APIClient, made: HandStudy) -> None:
    study = client.get(f"{URL}/hand").json()
    assert study["set"] == made.study.image_set.name
    assert study["models"] == ["alpha", "beta"]
    assert (study["owner"], study["state"], study["reward"]) == ("owner", "live", "0.10")
    assert study["progress"]["trials"] == 6
    assert study["progress"]["votes"] == made.n_votes
    assert study["progress"]["complete"] is True
    listed = client.get(URL).json()["results"][0]
    assert {**listed, "progress": study["progress"]} == study


@pytest.mark.slow
@pytest.mark.django_db
def test_the_list_has_filters_and_pages_that_join_without_a_gap(
    client: APIClient, owner: User, made: HandStudy
) -> None:
    for n in range(7):
        StudyFactory.create(name=f"s{n}", owner=owner)
    assert names(client, "?state=live") == ["hand"]
    assert names(client, "?model=beta") == ["hand"]
    assert names(client, "?model=gamma") == []
    assert names(client, f"?set={made.study.image_set.name}&state=draft") == []
    page = client.get(f"{URL}?page_size=3").json()
    seen = []
    while True:
        seen += [study["name"] for study in page["results"]]
        # A study that is made meanwhile is newer than what is left.
        StudyFactory.create(owner=owner)
        if page["next"] is None:
            break
        assert len(page["results"]) == 3
        page = client.get(page["next"]).json()
    assert seen == [*(f"s{n}" for n in reversed(range(7))), "hand"]


@pytest.mark.django_db
def test_a_draft_is_made_as_new_study_makes_it(client: APIClient, owner: User, toy: None) -> None:
    wanted = {
        "name": "birds",
        "set": "toy",
        "models": ["m"],
        "raters_per_trial": 3,
        "accept_at": 2,
        "reward": "0.25",
        "seconds_min": 0.5,
        "selection": {"classes": ["n00000001"]},
        "gold": [],
        "conditions": [
            {"name": "seen", "kind": "whole_image", "parameters": {}},
            {"name": "hidden", "kind": "attention", "parameters": {"top_k": 4}},
        ],
    }
    response = client.post(URL, wanted, format="json")
    assert response.status_code == 201, response.content
    study = Study.objects.get()
    assert (study.owner, study.state) == (owner, StudyState.DRAFT)
    assert [condition.name for condition in study.conditions.all()] == ["seen", "hidden"]
    body = response.json()
    assert {key: body[key] for key in wanted} == wanted
    assert body == client.get(f"{URL}/birds").json()
    entry = AuditEntry.objects.get(verb="new_study")
    assert (entry.study, entry.actor) == (study, owner)


@pytest.mark.django_db
def test_a_name_in_use_is_refused_whoever_has_it(
    client: APIClient, stranger: User, toy: None
) -> None:
    """Else the API would change somebody else's draft, which new_study does at a terminal."""
    draft = StudyFactory.create(name="theirs", owner=stranger, title="Theirs")
    response = client.post(URL, {"name": "theirs", "set": "toy"}, format="json")
    assert problem(response, 409, "conflict")["item"] == "study theirs"
    draft.refresh_from_db()
    assert (draft.title, draft.owner) == ("Theirs", stranger)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"set": "tyo"}, "unusable", "image set “tyo”"),
        ({"models": ["n"]}, "unusable", "model “n”"),
        ({"models": ["stranger"]}, "unusable", "other classes"),
        ({"accept_at": 6}, "unusable", "larger than the raters"),
        ({"question": "Is it?"}, "unusable", "{class}"),
        ({"name": "no spaces"}, "invalid", "name"),
        ({"title": "a\x00b"}, "invalid", "title"),
        ({"title": "a\ud800b"}, "invalid", "title"),
        ({"instructions": "x" * 20_001}, "invalid", "instructions"),
        ({"seed": 10**30}, "invalid", "seed"),
        ({"seconds_max": 1e308}, "invalid", "seconds_max"),
        ({"reward": "1e9"}, "invalid", "reward"),
        ({"unsure": True}, "invalid", "unsure"),
        ({"models": ["m"] * 101}, "invalid", "models"),
        ({"state": "live"}, "invalid", "state"),
        ({"conditions": [{"kind": "nowhere", "name": "x"}]}, "invalid", "conditions"),
        ({"conditions": [{"name": "x"}, {"name": "x"}]}, "unusable", "two conditions"),
        ({"selection": {"nothing": "a\x00b"}}, "invalid", "selection"),
        ({"gold": [{"image": "x" * 20_001}]}, "invalid", "gold"),
        ({"owner": "stranger"}, "invalid", "owner"),
    ],
)
def test_a_bad_draft_makes_nothing(
    client: APIClient, toy: None, change: dict[str, Any], code: str, said: str
) -> None:
    VisionModelFactory.create(name="stranger")
    wanted = json.dumps({"name": "birds", "set": "toy", **change})
    response = client.post(URL, wanted, content_type="application/json")
    body = problem(response, 400, code)
    assert said in f"{body['detail']} {list(body['fields'])}"
    assert not Study.objects.exists()


@pytest.mark.django_db
def test_the_account_needs_the_right_of_the_admin(client: APIClient, owner: User) -> None:
    owner.groups.clear()
    body = problem(client.post(URL, {}, format="json"), 403, "permission_denied")
    assert "on the site" in body["detail"]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_one_moment_one_gets_the_name(owner: User, stranger: User) -> None:
    mistakes(ImageSetFactory.create(name="toy"), model="m", wrong={})
    clients = [client_of(owner), client_of(stranger)]
    ready, found = threading.Barrier(2), []

    def make(client: APIClient) -> None:
        ready.wait()
        found.append(client.post(URL, {"name": "birds", "set": "toy"}, format="json").status_code)
        connection.close()

    threads = [threading.Thread(target=make, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [201, 409]
    assert Study.objects.count() == 1
