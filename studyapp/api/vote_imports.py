"""Import votes from a request: one at a time for an image set, all of them or none."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import IO

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from studyapp.errors import InputError
from studyapp.models import ImageSet, Study
from studyapp.pipeline.import_votes import ImportVotesSummary, import_votes
from studyapp.row_locks import lock_study

#: What errors call the table, whatever the sender's file is called.
NAME = "votes.csv"
_GZIP = b"\x1f\x8b"


def add_votes(study: Study, *, table: IO[bytes], actor: AbstractBaseUser) -> ImportVotesSummary:
    """Import the table into a study that is there.

    Two imports of the same votes at one moment could each miss what the other stores, and say so
    wrongly; so the second waits for the first. Raters' votes do not wait.
    """
    with tempfile.TemporaryDirectory(prefix="quorum-votes-") as folder:
        file = Path(folder) / NAME
        with file.open("wb") as copy:
            shutil.copyfileobj(table, copy)
        _refuse_packed(file)
        with transaction.atomic():
            image_set = (
                ImageSet.objects.select_for_update(no_key=True, of=("self",))
                .select_related("class_list")
                .get(pk=study.image_set_id)
            )
            # Locked, it keeps its name until the import has found it by that.
            held = lock_study(study)
            return import_votes(image_set, study=held.name, file=file, actor=actor)


def _refuse_packed(file: Path) -> None:
    with file.open("rb") as start:
        packed = start.read(len(_GZIP)) == _GZIP
    if packed:
        raise InputError(
            "the table is gzipped, and its size cannot be told before it is unpacked",
            item=NAME,
            remedy="Send it as it is, in parts if it is large, or use manage.py import_votes",
        )
