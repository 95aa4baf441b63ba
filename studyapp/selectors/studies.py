"""Which studies a person may see. Every page, job and export asks here."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from studyapp.models import Study

Person = AbstractBaseUser | AnonymousUser


def visible_studies(user: Person) -> QuerySet[Study]:
    """Those the person owns or is a member of; all for a superuser, none for an outsider."""
    if not getattr(user, "is_staff", False):
        return Study.objects.none()
    if getattr(user, "is_superuser", False):
        return Study.objects.all()
    return Study.objects.filter(Q(owner=user.pk) | Q(members=user.pk)).distinct()


def get_study(user: Person, *, name: str) -> Study:
    """The study, or a 404 that does not tell whether it exists."""
    return get_object_or_404(visible_studies(user), name=name)
