"""Taking part by a study's link, without a script: arrival, work, code; and what is made up."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import Assignment, Consent, LinkPlace, Rater, RaterIdentity, StudyLink, Vote
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.exclude_workers import exclude_workers
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.publish import publish
from studyapp.recruiters.link import LinkRecruiter
from studyapp.study_link import address_to_hand_out, invitation
from studyapp.vocabulary import AssignmentState
from studyapp.web import join_pages
from tests.factories.crowd import AssignmentFactory, RaterIdentityFactory
from tests.factories.study import ConditionFactory
from tests.studyapp.web.join_walk import Person, a_link
from tests.studyapp.web.rate_walk import Page

pytestmark = pytest.mark.django_db


def stored() -> int:
    tables = (Rater, RaterIdentity, Consent, Assignment, LinkPlace, Vote)
    return sum(table.objects.count() for table in tables)


def problem(client: Client, address: str) -> str:
    return Page(client.get(address)).problem


def at(link: StudyLink, **query: str) -> str:
    return f"/join/{link.public_id}/?{urlencode(query)}"


@pytest.mark.slow
def test_from_the_link_to_the_code_and_back_to_the_panel() -> None:
    link = a_link()
    person = Person(link, "5f1e", session="6a2b")
    page = person.enter()
    assert set(page.forms) == {"consent"}
    assert stored() == 0, "looking must store nothing"
    page = person.answer_all(person.press(page.forms["consent"]))
    assert set(page.forms) == {"submit", "undo"}
    assert LinkPlace.objects.get().code == "", "nobody is done before the last button"
    submit = page.forms["submit"]
    page = person.press(submit)
    assert (page.code, page.way_back) == (
        "DONE42",
        "https://app.prolific.com/submissions/complete?cc=DONE42",
    )
    assert person.press(submit).code == "DONE42", "pressed twice, it is the same page"
    again = Person(link, "5f1e", session="6a2b")
    assert again.press(again.enter().forms["consent"]).code == "DONE42"
    identity = RaterIdentity.objects.get()
    assert (identity.provider, identity.worker_id) == ("link:prolific", "5f1e")
    summary = collect_votes(link.study)
    assert (summary.confirmed, summary.approved, summary.unproven) == (1, 1, 0)
    assert "pays nobody" in "\n".join(summary.lines())
    assert Assignment.objects.get().state == AssignmentState.APPROVED


@pytest.mark.slow
def test_no_page_sets_a_cookie_is_kept_framed_or_named_to_others() -> None:
    link = a_link()
    person = Person(link, "5f1e")
    page = person.enter()
    responses = [person.response]
    page = person.press(page.forms["consent"])
    responses.append(person.response)
    person.press(person.answer_all(page).forms["submit"])
    responses.append(person.response)
    for response in responses:
        assert response.status_code == 200
        assert not response.cookies
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] in ("no-referrer", "same-origin")
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert person.client.cookies == {}


@pytest.mark.slow
def test_a_code_of_their_own_and_more_than_one_task() -> None:
    link = a_link(completion_code="", tasks_each=2)
    person = Person(link, "5f1e")
    first = person.do_all()
    assert "again" in first.forms
    page = person.answer_all(person.press(first.forms["again"]))
    second = person.press(page.forms["submit"])
    assert "again" not in second.forms
    assert len({first.code, second.code, Person(link, "6a2b").do_all().code}) == 3
    assert first.code in second.text


@pytest.mark.slow
def test_full_and_screened_out_have_the_codes_of_the_panel() -> None:
    link = a_link(images=2, raters_per_trial=1)
    first = Person(link, "first")
    first.do_all()
    page = Person(link, "second").begin()
    assert (page.problem, page.code) == ("full", "FULL42")
    assert page.way_back.endswith("cc=FULL42")
    assert Rater.objects.count() == 1
    recruiter = LinkRecruiter()
    place = LinkPlace.objects.get()
    recruiter.reject(recruiter.submission(place.place_id), reason="random answers")
    page = first.begin()
    assert (page.problem, page.code) == ("screened-out", "OUT42")


def test_a_study_that_is_not_live_yet_asks_nobody(client: Client) -> None:
    link = a_link(live=False)
    response = client.get(at(link, PROLIFIC_PID="p"))
    assert (response.status_code, Page(response).problem) == (410, "closed")


@pytest.mark.parametrize(
    "query",
    [
        {"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"},
        {"PROLIFIC_PID": "<script>"},
        {"PROLIFIC_PID": "x" * 101},
        {"PROLIFIC_PID": "two words"},
        {"PROLIFIC_PID": "a\0b"},
        {"PROLIFIC_PID": "ok", "SESSION_ID": "s" * 101},
    ],
)
def test_what_is_no_id_is_said_and_not_shown(client: Client, query: dict[str, str]) -> None:
    response = client.get(at(a_link(), **query))
    assert response.status_code == 400
    assert Page(response).problem == "bad-link"
    assert b"<script>" not in response.content.replace(b"<script src=", b"")


def test_an_address_that_names_two_people_or_nobody(client: Client) -> None:
    link = a_link()
    assert problem(client, at(link) + "PROLIFIC_PID=a&PROLIFIC_PID=b") == "bad-link"
    page = Page(client.get(at(link)))
    assert set(page.forms) == {"who"}
    assert client.get("/join/00000000-0000-4000-8000-000000000000/").status_code == 404
    assert "PROLIFIC_PID={{%PROLIFIC_PID%}}" in address_to_hand_out(link)


@pytest.mark.slow
def test_by_invitation_only_forged_ids_get_nowhere(client: Client) -> None:
    link = a_link(kind="own", invited_only=True)
    mine = invitation(link, participant="ann@example.org").split("/join/")[1]
    assert set(Page(client.get(f"/join/{mine}")).forms) == {"consent"}
    assert problem(client, f"/join/{mine.replace('ann', 'bob')}") == "bad-link"
    assert problem(client, at(link, participant="ann@example.org")) == "bad-link"
    assert problem(client, at(link)) == "bad-link"
    other = a_link(kind="own", invited_only=True)
    elsewhere = mine.replace(str(link.public_id), str(other.public_id))
    assert problem(client, f"/join/{elsewhere}") == "bad-link"


@pytest.mark.slow
def test_no_way_round_the_link(client: Client) -> None:
    """What works at a marketplace must not work here: anybody could invent an assignment."""
    link = a_link()
    hit = link.study.hits.order_by("lot")[0]
    visit = {"assignmentId": "3X", "workerId": "A1", "hitId": hit.hit_id or ""}
    for query in ({}, visit):
        response = client.get(f"/rate/{hit.public_id}/?{urlencode(query)}")
        assert (response.status_code, Page(response).problem) == (400, "bad-link")
    begin = reverse("rate-begin", args=[hit.public_id])
    assert client.post(begin, {"token": "x"}).status_code == 400
    other = a_link()
    stolen = Person(other, "p").enter().forms["consent"].fields
    response = client.post(reverse("join-begin", args=[link.public_id]), stolen)
    assert Page(response).problem == "bad-link"
    receipt = reverse("join-done", args=[link.public_id, "made-up"])
    assert problem(client, receipt) == "bad-link"
    assert client.get(reverse("join-begin", args=[link.public_id])).status_code == 405
    assert stored() == 0


@pytest.mark.slow
def test_thousands_of_beginnings_from_one_address_stop(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join_pages, "MOST_PER_ADDRESS", 2)
    monkeypatch.setattr(join_pages, "MOST_PER_PLACE", 0)
    link = a_link()
    for n in range(2):
        Person(link, f"p{n}").begin()
    assert Person(link, "p2").begin().problem == "too-often"
    assert LinkPlace.objects.count() == 2
    monkeypatch.setattr(join_pages, "MOST_PER_PLACE", 3)
    assert Person(link, "p3").begin().problem == "", "a study of many places takes more"


@pytest.mark.slow
def test_who_saw_one_condition_is_given_places_of_no_other_until_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = a_link(live=False, tasks_each=4, cooldown_hours=72)
    ConditionFactory.create(study=link.study, name="b", position=1)
    build_trials(link.study)
    launch_study(link.study, check_funds=False)
    publish(link.study)
    ada = Person(link, "ada")
    for _ in range(2):
        ada.do_all()
    seen = Vote.objects.values_list("trial__condition__name", flat=True)
    assert set(seen) == {"whole"}
    assert "trial" not in ada.begin().forms
    assert LinkPlace.objects.count() == 2, "no place was taken for nothing"
    assert "again" not in ada.begin().forms, "nor is a button shown that leads nowhere"
    # However many lots of the other condition come first, one of their own is found.
    monkeypatch.setattr("studyapp.voting.join.MOST_TRIED", 1)
    dan = RaterIdentityFactory.create(provider=link.provider, worker_id="dan").rater
    own = link.study.hits.filter(trials__condition__name="b")[0]
    AssignmentFactory.create(hit=own, rater=dan)
    assert "trial" in Person(link, "dan").begin().forms
    token = LinkPlace.objects.get(rater=dan).lot.token
    shown = link.study.hits.get(request_token=token).trials.all()
    assert {trial.condition.name for trial in shown} == {"b"}
    later = a_link(cooldown_hours=72, cooldown_studies=link.study.name)
    there = Person(later, "ada")
    page = there.begin()
    assert (page.problem, there.response.status_code) == ("too-soon", 403)
    assert "return the study there" in page.text
    assert LinkPlace.objects.count() == 3
    ids = tmp_path / "ids.txt"
    ids.write_text("bob\n", encoding="utf-8")
    exclude_workers(link.study, file=ids)
    assert Person(link, "bob").begin().problem == "kept-out"
    assert "trial" in Person(link, "eve").begin().forms
