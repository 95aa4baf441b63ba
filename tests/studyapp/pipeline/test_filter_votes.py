from __future__ import annotations

import threading

import pytest
from django.db import connection

from studyapp.models import Assignment, AuditEntry, Exclusion, ManualExclusion, Study
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.vocabulary import AssignmentState
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

pytestmark = pytest.mark.django_db


def stored() -> dict[int, tuple[int, str]]:
    return {row.vote_id: (row.pk, row.reason) for row in Exclusion.objects.all()}


def test_every_reason_is_stored_for_the_right_vote() -> None:
    made = hand_study()
    extra = add_votes_that_do_not_count(made)
    summary = filter_votes(made.study)
    reasons = {vote: reason for vote, (_, reason) in stored().items()}
    assert reasons == {vote.pk: reason for reason, votes in extra.items() for vote in votes}
    assert (summary.n_votes, summary.n_valid, summary.n_added) == (34, 25, 9)
    assert summary.lines()[0] == "hand: 34 votes, 25 count, 9 do not."


def test_again_changes_no_row_and_says_so() -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    filter_votes(made.study)
    before = stored()
    summary = filter_votes(made.study)
    assert stored() == before
    assert (summary.n_added, summary.n_changed, summary.n_removed) == (0, 0, 0)
    assert "No exclusion had to be" in summary.lines()[-2]


def test_only_what_is_wrong_is_rewritten() -> None:
    made = hand_study()
    extra = add_votes_that_do_not_count(made)
    filter_votes(made.study)
    before = stored()
    unconfirmed = extra["unconfirmed"][0]
    Assignment.objects.filter(votes=unconfirmed).update(state=AssignmentState.APPROVED)
    made.study.seconds_min = None
    made.study.save()
    ManualExclusion.objects.all().delete()
    after = filter_votes(made.study)
    now = stored()
    # Confirmed, the vote comes sixth and pushes out nobody; too fast and manual become surplus.
    assert now[unconfirmed.pk][1] == "surplus"
    assert now[extra["too_fast"][0].pk][1] == "surplus"
    assert now[extra["manual"][0].pk][1] == "surplus"
    assert (after.n_added, after.n_changed, after.n_removed) == (0, 3, 0)
    untouched = {vote: row for vote, row in before.items() if now[vote] == row}
    assert len(untouched) == 6


def test_a_wider_window_takes_exclusions_back() -> None:
    made = hand_study()
    slow = made.vote("i8", 1, "yes", assignment=made.assignments[0], seconds=61)
    filter_votes(made.study)
    assert stored()[slow.pk][1] == "too_slow"
    Study.objects.filter(pk=made.study.pk).update(seconds_max=61)
    assert filter_votes(made.study).n_removed == 1
    assert stored() == {}


def test_votes_without_a_time_stay() -> None:
    made = hand_study()
    made.vote("i8", 1, "yes", assignment=made.assignments[0], seconds=None)
    assert filter_votes(made.study).n_valid == 26


def test_other_studies_are_left_alone() -> None:
    made, other = hand_study(), StudyFactory.create()
    add_votes_that_do_not_count(made)
    filter_votes(made.study)
    before = stored()
    assert filter_votes(other).n_votes == 0
    assert stored() == before


def test_one_audit_line_with_counts() -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    filter_votes(made.study)
    entry = AuditEntry.objects.get(verb="filter_votes")
    assert entry.study == made.study
    assert entry.summary["valid"] == 25
    assert entry.summary["excluded"]["test_run"] == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_one_row_per_vote() -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    errors: list[BaseException] = []

    def run() -> None:
        try:
            filter_votes(made.study)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(stored()) == 9
