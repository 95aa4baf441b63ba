"""A vote is never changed and never deleted, whoever asks: the models refuse, and the database."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from studyapp.models import Vote
from studyapp.models.votes import AppendOnlyError
from tests.factories.crowd import VoteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote() -> Vote:
    made: Vote = VoteFactory.create(answer="yes")
    return made


def test_the_models_refuse(vote: Vote) -> None:
    with pytest.raises(AppendOnlyError):
        Vote.objects.update(answer="no")
    with pytest.raises(AppendOnlyError):
        Vote.objects.filter(pk=vote.pk).delete()
    with pytest.raises(AppendOnlyError):
        vote.delete()
    vote.answer = "no"
    with pytest.raises(AppendOnlyError), transaction.atomic():
        Vote.objects.bulk_update([vote], ["answer"])
    assert Vote.objects.get().answer == "yes"


def test_the_database_refuses_to_change_one(vote: Vote) -> None:
    vote.answer = "no"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        vote.save()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        _run("UPDATE studyapp_vote SET answer = 'no'")
    assert Vote.objects.get().answer == "yes"


def test_postgresql_refuses_to_delete_one(vote: Vote) -> None:
    if connection.vendor != "postgresql":
        # Emptying a test database is a DELETE there, so SQLite must let it pass.
        assert connection.vendor == "sqlite"
        return
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        _run("DELETE FROM studyapp_vote")
    assert Vote.objects.count() == 1


def test_what_a_vote_hangs_on_cannot_be_deleted(vote: Vote) -> None:
    for owner in (vote.question, vote.study, vote.rater):
        with pytest.raises(ProtectedError):
            owner.delete()


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
