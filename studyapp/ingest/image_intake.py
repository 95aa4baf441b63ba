"""Files of an import on their way into a set: known ones looked at, new ones stored."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from studyapp import storage
from studyapp.errors import ImageInputError
from studyapp.ingest import catalogue, image_rows
from studyapp.ingest.catalogue import Entry, Paths
from studyapp.ingest.class_choice import ClassChoice
from studyapp.ingest.files import RefusedImage, StoredImage, store_images
from studyapp.ingest.sources import Source
from studyapp.ingest.staging import batches
from studyapp.models import ImageSet
from studyapp.progress import Progress

#: Refused images named one by one; more are only counted.
NAMED_REFUSALS = 100


@dataclass
class Tally:
    """What became of the images so far."""

    added: int = 0
    known: int = 0
    filled: int = 0
    refused: int = 0
    refusals: list[str] = field(default_factory=list)

    def refuse(self, error: ImageInputError) -> None:
        self.refused += 1
        if len(self.refusals) < NAMED_REFUSALS:
            self.refusals.append(str(error))


def verify_known(db: sqlite3.Connection, *, source: Source, tally: Tally) -> None:
    """Make sure that files of known images are what they were, before anything is written."""
    paths = Paths(db, state="verify")
    if not len(paths):
        return
    for path, content in source.contents(paths):
        if isinstance(content, ImageInputError):
            tally.refuse(content)
            continue
        content_hash = hashlib.sha256(content).hexdigest()
        for entry in catalogue.entries_of(db, path=path, state="verify"):
            image_rows.refuse_other_file(entry, content_hash=content_hash)
            # A file that was lost from the storage comes back.
            suffix = PurePosixPath(entry.known_file or "").suffix
            storage.store(content, folder="images", suffix=suffix)


def add_new(
    db: sqlite3.Connection,
    name: str,
    *,
    source: Source,
    choice: ClassChoice,
    tally: Tally,
    progress: Progress,
) -> ImageSet | None:
    """Store new images; the set is made with the first of them. None if there is none at all."""
    stored: ImageSet | None = None
    keys: dict[int, int] = {}
    total = catalogue.count(db, state="new") + catalogue.count(db, state="fill")
    found = _new_images(db, source=source, tally=tally)
    for batch in batches(found):
        if stored is None:
            stored, keys = choice.image_set(name)
        image_rows.add_images(stored, batch=batch, class_keys=keys)
        progress(tally.added + tally.filled + tally.refused, total)
    tally.known = catalogue.count(db, state="verify") + catalogue.count(db, state="known")
    if tally.known:
        stored, keys = choice.image_set(name)
        image_rows.complete_known(db, image_set=stored, class_keys=keys)
    return stored


def _new_images(
    db: sqlite3.Connection, *, source: Source, tally: Tally
) -> Iterator[tuple[Entry, StoredImage | None]]:
    """Images to write: those with a file, stored by now, then those known by id only."""
    for state in ("new", "fill"):
        paths = Paths(db, state=state)
        for image in store_images(source.contents(paths)) if len(paths) else ():
            if isinstance(image, RefusedImage):
                tally.refuse(image.error)
                continue
            for entry in catalogue.entries_of(db, path=image.path, state=state):
                if state == "new":
                    tally.added += 1
                else:
                    tally.filled += 1
                yield entry, image
    for entry in image_rows.unfiled(db):
        tally.added += 1
        yield entry, None
