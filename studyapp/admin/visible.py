"""The studies a person may change: anybody else's do not exist for them."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from studyapp.models import Study
from studyapp.selectors.studies import visible_studies


def study_to_change(request: HttpRequest, pk: int) -> tuple[Study, User]:
    """The study and who asks for it."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("studyapp.change_study"):
        raise PermissionDenied
    return get_object_or_404(visible_studies(user), pk=pk), user
