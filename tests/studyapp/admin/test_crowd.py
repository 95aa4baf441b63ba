"""HITs and votes in the admin: a researcher meets those of their own studies and no others."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp.models import ManualExclusion, Vote
from studyapp.people import make_researcher
from tests.factories.crowd import HITFactory, VoteFactory

pytestmark = pytest.mark.django_db
ADD = "admin:studyapp_manualexclusion_add"


@pytest.fixture
def mara(client: Client) -> User:
    user = make_researcher("mara", password="a long secret")
    client.force_login(user)
    return user


def vote_of(owner: User | None) -> Vote:
    vote = VoteFactory.create()
    vote.study.owner = owner
    vote.study.save()
    HITFactory.create(study=vote.study)
    return vote


def test_a_vote_of_ones_own_study_is_taken_out_with_a_note(client: Client, mara: User) -> None:
    vote = vote_of(mara)
    client.post(reverse(ADD), {"vote": vote.pk, "note": "asleep"})
    excluded = ManualExclusion.objects.get()
    assert (excluded.vote_id, excluded.note, excluded.decided_by) == (vote.pk, "asleep", mara)


def test_votes_of_other_peoples_studies_cannot_be_taken_out(client: Client, mara: User) -> None:
    vote = vote_of(None)
    answer = client.post(reverse(ADD), {"vote": vote.pk, "note": "not mine"})
    assert answer.status_code == 200
    assert not ManualExclusion.objects.exists()


def test_the_form_tells_nothing_of_other_peoples_votes(client: Client, mara: User) -> None:
    vote = vote_of(None)
    page = client.get(reverse(ADD), {"vote": vote.pk}).content.decode()
    assert str(vote) not in page


@pytest.mark.parametrize("kind", ["hit", "vote"])
def test_filters_name_no_study_of_other_people(client: Client, mara: User, kind: str) -> None:
    mine, others = [vote_of(mara) for _ in range(2)], vote_of(None)
    page = client.get(reverse(f"admin:studyapp_{kind}_changelist")).content.decode()
    assert all(f"?study__id__exact={vote.study_id}" in page for vote in mine)
    assert others.study.name not in page
