"""Which background work a person may see."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from studyapp.models import Job
from studyapp.selectors.studies import Person, visible_studies
from studyapp.vocabulary import COMPUTE_VERBS


def visible_jobs(user: Person) -> QuerySet[Job]:
    """Jobs of the person's own or of a study they may see.

    Work on an image set, which is everybody's, belongs to no study and is shown to all of them.
    """
    mine = Q(requested_by=user.pk) | Q(study__in=visible_studies(user))
    of_a_set = Q(study=None, verb__in=COMPUTE_VERBS)
    return Job.objects.filter(mine | of_a_set)
