"""Stimuli by their hash: the same address always shows the same pixels, so it may be kept."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from studyapp.models import Stimulus
from studyapp.vocabulary import StimulusKind

_HASH = re.compile(r"[0-9a-f]{64}")
_TYPES = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
_FOREVER = "public, max-age=31536000, immutable"


@require_safe
def stimulus(_request: HttpRequest, stimulus_hash: str) -> HttpResponseBase:
    """The stored bytes, with the type of the stored file."""
    if not _HASH.fullmatch(stimulus_hash):
        raise Http404
    rows = Stimulus.objects.filter(stimulus_hash=stimulus_hash, kind=StimulusKind.RENDERED)
    name = rows.values_list("file", flat=True).first()
    content_type = _TYPES.get(PurePosixPath(name or "").suffix)
    if not name or content_type is None:
        raise Http404
    try:
        content = default_storage.open(name)
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {
        "Cache-Control": _FOREVER,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return FileResponse(content, content_type=content_type, headers=headers)
