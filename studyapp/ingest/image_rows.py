"""Rows of images: compared with what the set has, added where new, completed where empty."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from studyapp.errors import InputError
from studyapp.ingest.catalogue import Entry, entries
from studyapp.ingest.files import StoredImage
from studyapp.ingest.staging import batches
from studyapp.models import Image, ImageSet, RealLabel

_OTHER_SET = "Nothing was changed; import it under another set name, or correct the file"


@dataclass(frozen=True)
class _Known:
    pk: int
    content_hash: str | None
    file: str | None
    label: int | None
    reals: frozenset[int]


def _known(image_set: ImageSet, *, batch: Sequence[Entry]) -> dict[str, _Known]:
    """What the set has already under the ids of the batch."""
    images = image_set.images.filter(image_id__in=[entry.image_id for entry in batch])
    reals: dict[int, set[int]] = {}
    for pk, index in RealLabel.objects.filter(image__in=images).values_list(
        "image_id", "label_class__index"
    ):
        reals.setdefault(pk, set()).add(index)
    return {
        image_id: _Known(pk, content_hash, file, label, frozenset(reals.get(pk, ())))
        for image_id, pk, content_hash, file, label in images.values_list(
            "image_id", "pk", "content_hash", "file", "label__index"
        )
    }


def compare(db: sqlite3.Connection, *, image_set: ImageSet) -> None:
    """Mark each entry: new; verify (its file must be the known one); fill (file so far unknown);
    known. Raises InputError at a label that contradicts the set.
    """
    for batch in batches(entries(db)):
        known = _known(image_set, batch=batch)
        for entry in batch:
            row = known.get(entry.image_id)
            if row is None:
                continue
            _refuse_other_labels(entry, row=row)
            if entry.path is None:
                state = "known"
            else:
                state = "fill" if row.content_hash is None else "verify"
            db.execute(
                "UPDATE entry SET state = ?, known_hash = ?, known_file = ? WHERE image_id = ?",
                (state, row.content_hash, row.file, entry.image_id),
            )


def _refuse_other_labels(entry: Entry, *, row: _Known) -> None:
    if None not in (entry.label, row.label) and entry.label != row.label:
        raise InputError(
            f"its label is class {row.label} in the set and class {entry.label} here",
            item=entry.image_id,
            remedy=_OTHER_SET,
        )
    if entry.reals is not None and row.reals and entry.reals != row.reals:
        raise InputError(
            f"its further right classes are {sorted(row.reals)} in the set and "
            f"{sorted(entry.reals)} here",
            item=entry.image_id,
            remedy=_OTHER_SET,
        )


def refuse_other_file(entry: Entry, *, content_hash: str) -> None:
    if entry.known_hash != content_hash:
        raise InputError(
            f"the set has the file with SHA-256 {str(entry.known_hash)[:12]}, "
            f"{entry.path} has {content_hash[:12]}",
            item=entry.image_id,
            remedy=_OTHER_SET,
        )


def add_images(
    image_set: ImageSet,
    *,
    batch: Sequence[tuple[Entry, StoredImage | None]],
    class_keys: dict[int, int],
) -> None:
    """Write one batch of images in one transaction: new rows, files filled in, right classes."""
    with transaction.atomic():
        known = _known(image_set, batch=[entry for entry, _ in batch])
        Image.objects.bulk_create(
            (
                Image(
                    image_set=image_set,
                    image_id=entry.image_id,
                    label_id=None if entry.label is None else class_keys[entry.label],
                    **_file_columns(stored),
                )
                for entry, stored in batch
                if entry.image_id not in known
            ),
            # Another import may run beside this one; what it wrote is looked at below.
            ignore_conflicts=True,
        )
        for entry, stored in batch:
            if entry.image_id in known and stored is not None:
                image_set.images.filter(image_id=entry.image_id, content_hash=None).update(
                    **_file_columns(stored)
                )
        _complete(image_set, batch=[entry for entry, _ in batch], class_keys=class_keys)


def _file_columns(stored: StoredImage | None) -> dict[str, object]:
    if stored is None:
        return {}
    return {
        "file": stored.name,
        "content_hash": stored.content_hash,
        "width": stored.facts.width,
        "height": stored.facts.height,
    }


def complete_known(
    db: sqlite3.Connection, *, image_set: ImageSet, class_keys: dict[int, int]
) -> None:
    """Give images the set has already the labels it did not know."""
    condition = "state IN ('verify', 'known') AND (label IS NOT NULL OR reals != '')"
    for batch in batches(entries(db, condition=condition)):
        with transaction.atomic():
            _complete(image_set, batch=batch, class_keys=class_keys)


def _complete(image_set: ImageSet, *, batch: Sequence[Entry], class_keys: dict[int, int]) -> None:
    known = _known(image_set, batch=batch)
    right: list[RealLabel] = []
    for entry in batch:
        row = known[entry.image_id]
        _refuse_other_labels(entry, row=row)
        if row.label is None and entry.label is not None:
            image_set.images.filter(pk=row.pk).update(label_id=class_keys[entry.label])
        right += [
            RealLabel(image_id=row.pk, label_class_id=class_keys[index])
            for index in sorted((entry.reals or frozenset()) - row.reals)
        ]
    RealLabel.objects.bulk_create(right, ignore_conflicts=True)


def unfiled(db: sqlite3.Connection) -> Iterator[Entry]:
    """New entries without a file."""
    return entries(db, condition="state = 'new' AND path IS NULL")
