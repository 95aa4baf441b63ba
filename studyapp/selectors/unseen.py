"""Pictures that did not load, as the raters' browsers say."""

from __future__ import annotations

from django.db.models import QuerySet

from studyapp.models import Assignment, TimingEvent, Vote
from studyapp.vocabulary import TimingEventKind


def unseen_trials(assignments: QuerySet[Assignment]) -> set[tuple[int, int]]:
    """(assignment, trial) of pictures reported as failed and left without an answer."""
    failed = TimingEvent.objects.filter(
        assignment__in=assignments, kind=TimingEventKind.IMAGE_FAILED
    ).values_list("assignment_id", "trial_id")
    reported = set(failed)
    if not reported:
        return reported
    votes = Vote.objects.filter(assignment__in={assignment for assignment, _ in reported})
    answered = votes.exclude(trial=None).values_list("assignment_id", "trial_id")
    return reported - {
        (assignment, trial) for assignment, trial in answered if assignment and trial
    }
