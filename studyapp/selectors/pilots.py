"""Studies whose votes can serve as a pilot, and what a study itself already fixes."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from studyapp.models import Study, Vote
from studyapp.selectors.studies import Person, visible_studies


def visible_pilots(user: Person) -> QuerySet[Study]:
    """Studies the person may see that have a vote, by name."""
    voted = Vote.objects.filter(study=OuterRef("pk"))
    return visible_studies(user).filter(Exists(voted)).order_by("name")
