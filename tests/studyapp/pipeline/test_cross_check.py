from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from studyapp.analytics import Rule
from studyapp.errors import InputError, StudyError
from studyapp.models import HIT, CrossCheck, CrossCheckAnswer, CrossCheckItem, Study, Trial
from studyapp.models.votes import AppendOnlyError
from studyapp.pipeline.cross_check import answer_cross_check, draw_cross_check
from studyapp.vocabulary import CheckedVerdict, HITState, StudyState
from tests.factories.crowd import HITFactory, VoteFactory
from tests.recruiting import a_live_study

pytestmark = pytest.mark.django_db
RULE = Rule(k=4, n=5, unsure="missing")


def a_closed_study(*, images: int = 8) -> tuple[Study, dict[int, CheckedVerdict]]:
    """Every question has a vote; every third was accepted."""
    study = a_live_study(images=images)
    decided = {}
    for number, trial in enumerate(Trial.objects.filter(condition__study=study).order_by("pk")):
        VoteFactory.create(trial=trial)
        kind = CheckedVerdict.REJECTED if number % 3 else CheckedVerdict.ACCEPTED
        decided[trial.question_id] = kind
    Study.objects.filter(pk=study.pk).update(state=StudyState.CLOSED)
    study.refresh_from_db()
    return study, decided


def draw(study: Study, decided: dict[int, CheckedVerdict], *, size: int = 5) -> list[int]:
    draw_cross_check(study, decided=decided, rule=RULE, window=(None, None), size=size)
    rows = CrossCheckItem.objects.filter(check_of__study=study).order_by("position")
    return list(rows.values_list("question_id", flat=True))


def test_drawn_once_by_the_seed_and_frozen_with_its_verdicts() -> None:
    study, decided = a_closed_study()
    drawn = draw(study, decided)
    assert len(set(drawn)) == 5
    check = CrossCheck.objects.get()
    assert (check.n_accepted, check.n_rejected, check.n_not_shown) == (3, 5, 0)
    for question, verdict in CrossCheckItem.objects.values_list("question_id", "verdict"):
        assert verdict == decided[question]
    with pytest.raises(StudyError, match="drawn already"):
        draw(study, decided)
    with connection.cursor() as cursor:
        # A draw of the same study elsewhere is the same, in whatever order its rows come.
        for table in ("crosscheckitem", "crosscheck"):
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"DELETE FROM studyapp_{table}")  # noqa: S608  # our own names
    assert draw(study, dict(reversed(decided.items()))) == drawn


def test_what_cannot_be_drawn_is_said() -> None:
    study, decided = a_closed_study(images=2)
    for size in (0, -1, 10**6):
        with pytest.raises(InputError, match="cannot be"):
            draw(study, decided, size=size)
    with pytest.raises(StudyError, match="no decided question"):
        draw(study, {})
    Study.objects.filter(pk=study.pk).update(state=StudyState.LIVE)
    study.refresh_from_db()
    with pytest.raises(StudyError, match="may still come in"):
        draw(study, decided)
    # Closed a moment ago, with somebody at work: their votes can still turn a verdict.
    Study.objects.filter(pk=study.pk).update(state=StudyState.CLOSED)
    study.refresh_from_db()
    HITFactory.create(study=study, state=HITState.PLANNED)
    hit = HITFactory.create(study=study, state=HITState.EXPIRED, expires_at=timezone.now())
    with pytest.raises(StudyError, match="may still hand in"):
        draw(study, decided)
    # Their time is over, and what they handed in is perhaps not collected.
    HIT.objects.filter(pk=hit.pk).update(expires_at=timezone.now() - timedelta(days=1))
    with pytest.raises(StudyError, match="not collected"):
        draw(study, decided)
    # Nobody waits for ever: the recruiter may be gone.
    HIT.objects.filter(pk=hit.pk).update(expires_at=timezone.now() - timedelta(days=121))
    with pytest.raises(StudyError, match="no decided question"):
        draw(study, {})
    over = timezone.now() - timedelta(days=1)
    HIT.objects.filter(pk=hit.pk).update(expires_at=over, asked_at=timezone.now())
    assert len(draw(study, decided, size=500)) == 2


def test_answers_are_added_never_changed() -> None:
    study, decided = a_closed_study(images=2)
    draw(study, decided)
    boss = User.objects.create_user("boss")
    first, second = CrossCheckItem.objects.order_by("position")
    assert not answer_cross_check(first, answer="yes", sequence=0, actor=boss)
    assert not answer_cross_check(first, answer="yes", sequence=0, actor=boss), "sent twice"
    assert CrossCheckAnswer.objects.count() == 1
    with pytest.raises(StudyError, match="another window"):
        answer_cross_check(first, answer="no", sequence=0, actor=boss)
    answer_cross_check(first, answer="no", sequence=1, actor=boss)
    with pytest.raises(InputError, match="out of order"):
        answer_cross_check(second, answer="no", sequence=1, actor=boss)
    with pytest.raises(InputError, match="no answer"):
        answer_cross_check(second, answer="perhaps", sequence=0, actor=boss)
    assert answer_cross_check(second, answer="unsure", sequence=0, actor=boss)
    with pytest.raises(StudyError, match="complete"):
        answer_cross_check(second, answer="yes", sequence=1, actor=boss)
    assert answer_cross_check(second, answer="unsure", sequence=0, actor=boss), "sent twice"
    with pytest.raises(AppendOnlyError):
        CrossCheckAnswer.objects.update(answer="yes")
    for table, column in (("crosscheckanswer", "answer"), ("crosscheckitem", "verdict")):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE studyapp_{table} SET {column} = 'x'")  # noqa: S608  # ours
