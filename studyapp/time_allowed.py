"""How long after its beginning an assignment may still be worked on and handed in."""

from __future__ import annotations

from datetime import timedelta

from studyapp.models import Study

#: What the way from the marketplace's clock to ours may take.
MARGIN = timedelta(minutes=5)


def time_allowed(study: Study) -> timedelta:
    return timedelta(minutes=study.assignment_minutes) + MARGIN
