from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from studyapp.analytics import KEPT, ExclusionReason
from studyapp.models import Assignment, Vote
from studyapp.selectors.votes import LATE_AFTER, exclude_votes, load_votes, valid_votes
from tests.factories.crowd import VoteFactory
from tests.factories.study import StudyFactory, TrialFactory
from tests.studyapp.reports.hand_study import START, add_votes_that_do_not_count, hand_study

pytestmark = pytest.mark.django_db


def test_order_is_by_submission_then_key_and_unknown_times_last() -> None:
    study = StudyFactory.create()
    trial = TrialFactory.create(condition=study.conditions.get())
    late, early, unknown, tie = (
        VoteFactory.create(trial=trial, submitted_at=at).pk
        for at in (START + timedelta(minutes=1), START, None, START)
    )
    assert load_votes(study).vote.tolist() == [early, tie, late, unknown]


def test_codes_and_times() -> None:
    study = StudyFactory.create()
    trial = TrialFactory.create(condition=study.conditions.get())
    rows = (("yes", 3.0, None), ("no", 9.0, 2.5), ("unsure", None, None))
    for answer, seconds, active in rows:
        VoteFactory.create(
            trial=trial, answer=answer, seconds=seconds, active_seconds=active, answer_raw=answer
        )
    table = load_votes(study)
    assert table.answer.tolist() == [1, 0, -1]
    np.testing.assert_array_equal(table.seconds, [3.0, 2.5, np.nan])
    assert table.questions.tolist() == [trial.question_id]
    assert not (table.unconfirmed | table.test_run | table.manual | table.superseded).any()


def test_only_the_last_answer_of_an_assignment_stands() -> None:
    made = hand_study()
    first = made.vote("i8", 1, "no", assignment=made.assignments[0])
    second = made.vote("i8", 1, "unsure", assignment=made.assignments[0], sequence=1)
    third = made.vote("i8", 1, "yes", assignment=made.assignments[0], sequence=2)
    other = made.vote("i8", 1, "no", assignment=made.assignments[1])
    table = load_votes(made.study)
    superseded = set(table.vote[table.superseded].tolist())
    assert superseded == {first.pk, second.pk}
    keep = exclude_votes(table, study=made.study).keep
    kept = set(table.vote[keep].tolist())
    assert {third.pk, other.pk} <= kept
    assert not {first.pk, second.pk} & kept


def test_an_answer_changed_after_the_hand_in_counts_for_nothing_and_takes_nothing_back() -> None:
    made = hand_study()
    assignment = made.assignments[0]
    first, second, third = (
        made.vote("i8", 1, answer, assignment=assignment, sequence=sequence)
        for sequence, answer in enumerate(("no", "yes", "no"))
    )
    assert second.submitted_at is not None
    Assignment.objects.filter(pk=assignment.pk).update(
        submitted_at=second.submitted_at - LATE_AFTER
    )
    table = load_votes(made.study)
    assert table.vote[table.late].tolist() == [third.pk]
    found = exclude_votes(table, study=made.study)
    reasons = dict(zip(table.vote.tolist(), found.reason.tolist(), strict=True))
    assert [reasons[vote.pk] for vote in (first, second, third)] == [
        ExclusionReason.SUPERSEDED,
        KEPT,
        ExclusionReason.LATE,
    ]


def test_valid_votes_over_a_larger_list_of_questions() -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    table = load_votes(made.study)
    questions = np.append(table.questions, table.questions[-1] + 7)
    votes = valid_votes(
        table, keep=exclude_votes(table, study=made.study).keep, questions=questions
    )
    assert (len(votes), votes.n_questions) == (25, questions.size)
    assert votes.counts3()[-1].tolist() == [0, 0, 0]


def test_no_votes() -> None:
    table = load_votes(StudyFactory.create())
    assert (len(table), table.questions.size, table.raters.size) == (0, 0, 0)
    assert not Vote.objects.exists()


def test_the_votes_about_some_questions_count_as_among_all() -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    whole = load_votes(made.study)
    reasons = exclude_votes(whole, study=made.study).reason
    found: dict[int, int] = {}
    for question in whole.questions.tolist():
        part = load_votes(made.study, about=[question])
        assert part.questions.tolist() == [question]
        exclusion = exclude_votes(part, study=made.study)
        found |= dict(zip(part.vote.tolist(), exclusion.reason.tolist(), strict=True))
    assert found == dict(zip(whole.vote.tolist(), reasons.tolist(), strict=True))
    assert len(load_votes(made.study, about=[])) == 0
