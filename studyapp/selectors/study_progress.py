"""How far a live study is."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from studyapp.models import Assignment, Study, Trial, Vote
from studyapp.vocabulary import CONFIRMED_ASSIGNMENT_STATES, HANDED_IN_STATES, HITState


@dataclass(frozen=True)
class StudyProgress:
    trials: int
    hits: int
    hits_open: int
    assignments_wanted: int
    assignments_confirmed: int
    assignments_handed_in: int
    votes: int

    @property
    def complete(self) -> bool:
        return 0 < self.assignments_wanted <= self.assignments_handed_in


def study_progress(study: Study) -> StudyProgress:
    """Counts over the whole study; an assignment counts once the marketplace confirmed it."""
    by_state = dict(study.hits.values_list("state").annotate(Count("pk")).order_by())
    ours = Assignment.objects.filter(hit__study=study)
    return StudyProgress(
        trials=Trial.objects.filter(condition__study=study).count(),
        hits=sum(by_state.values()),
        hits_open=by_state.get(HITState.OPEN, 0),
        assignments_wanted=sum(study.hits.values_list("raters", flat=True)),
        assignments_confirmed=ours.filter(state__in=CONFIRMED_ASSIGNMENT_STATES).count(),
        assignments_handed_in=ours.filter(state__in=HANDED_IN_STATES).count(),
        votes=Vote.objects.filter(study=study).count(),
    )
