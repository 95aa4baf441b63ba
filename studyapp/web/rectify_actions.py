"""What the page of existing votes can set going."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from studyapp.errors import InputError, QuorumError
from studyapp.models import ImageSet, Study
from studyapp.pipeline.ask_uncovered import ask_uncovered
from studyapp.pipeline.import_predictions import import_predictions
from studyapp.selectors.ledgers import models_on, visible_ledgers

#: A model's first classes of 50,000 images take 1.5 MB.
LARGEST_UPLOAD = 20_000_000


@login_required
@permission_required("studyapp.add_prediction", raise_exception=True)
@require_POST
def upload_predictions(request: HttpRequest) -> HttpResponseRedirect:
    """Take over a table of predictions on the ledger's images, then show its models."""
    ledger = _ledger(request)
    try:
        lines = _imported(
            ledger.image_set,
            upload=request.FILES.get("predictions"),
            name=request.POST.get("name", "").strip(),
            user=_user(request),
        )
    except QuorumError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, " ".join(line.strip() for line in lines))
    return _back(ledger, {})


def _imported(
    image_set: ImageSet, *, upload: UploadedFile[bytes] | None, name: str, user: User | None
) -> list[str]:
    if upload is None:
        raise InputError("no file was sent", remedy="Choose a CSV of predictions")
    if upload.size is None or upload.size > LARGEST_UPLOAD:
        raise InputError(
            f"more than {LARGEST_UPLOAD / 1e6:.0f} MB",
            item="the file",
            remedy="Use manage.py import_predictions",
        )
    with tempfile.TemporaryDirectory(prefix="quorum-upload-") as folder:
        path = Path(folder) / "predictions.csv"
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        if path.read_bytes()[:2] == b"\x1f\x8b":
            # A small packed file may unpack to any size.
            raise InputError("it is packed", item="the file", remedy="Send the plain CSV")
        summary = import_predictions(image_set, file=path, name=name or None, actor=user)
    return summary.lines()[:-1]


@login_required
@permission_required("studyapp.add_study", raise_exception=True)
@require_POST
def ask(request: HttpRequest) -> HttpResponseRedirect:
    """Make a draft study of what nobody judged; the admin is where it is looked through."""
    ledger = _ledger(request)
    names = request.POST.getlist("model")
    models = list(models_on(ledger.image_set).filter(name__in=names))
    try:
        if not models:
            raise InputError("no model was chosen", remedy="Choose at least one")
        study = ask_uncovered(
            ledger, models=models, name=request.POST.get("name", ""), owner=_user(request)
        )
    except QuorumError as error:
        messages.error(request, str(error))
        return _back(ledger, {"model": names})
    return redirect("admin:studyapp_study_change", study.pk)


def _ledger(request: HttpRequest) -> Study:
    return get_object_or_404(visible_ledgers(request.user), name=request.POST.get("ledger", ""))


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _back(ledger: Study, query: dict[str, list[str]]) -> HttpResponseRedirect:
    address = urlencode({"ledger": ledger.name, **query}, doseq=True)
    return redirect(f"{reverse('rectify')}?{address}")
