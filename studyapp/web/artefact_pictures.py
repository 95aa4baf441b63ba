"""Pictures of artefacts by their row, for the pages of researchers."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from studyapp.artefact_pictures import PICTURES, picture_response

#: The tables by the name of their model in addresses.
_TABLES = {str(table._meta.model_name): table for table in PICTURES}


@login_required
@require_safe
def artefact_picture(request: HttpRequest, kind: str, pk: int, name: str) -> HttpResponse:
    """The bytes of one picture, for those who may see the rows of its table."""
    table = _TABLES.get(kind)
    if table is None:
        raise Http404
    if not request.user.has_perm(f"studyapp.view_{kind}"):
        raise PermissionDenied
    row = get_object_or_404(table._default_manager, pk=pk)
    return picture_response(row, name=name)
