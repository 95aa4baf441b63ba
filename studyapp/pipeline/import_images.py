"""Bring images, their labels and boxes into an image set."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db.models import Count

from studyapp import audit
from studyapp.errors import InputError
from studyapp.ingest import boxes as ingest_boxes
from studyapp.ingest import catalogue, image_keys, image_rows
from studyapp.ingest.archives import open_source
from studyapp.ingest.boxes import BoxCounts, add_boxes, stage_boxes
from studyapp.ingest.class_choice import ClassChoice, choose_classes
from studyapp.ingest.folders import enter_members, root_folder
from studyapp.ingest.image_intake import Tally, add_new, verify_known
from studyapp.ingest.manifest import enter_manifest
from studyapp.ingest.sources import Source
from studyapp.ingest.staging import staging
from studyapp.ingest.tables import Table
from studyapp.ingest.voc import read_boxes
from studyapp.models import ImageSet
from studyapp.plurals import counted
from studyapp.progress import Progress, silent

_PLURALS = {"box": "boxes"}
_SCHEMA = catalogue.SCHEMA + ingest_boxes.SCHEMA + image_keys.SCHEMA


@dataclass(frozen=True)
class ImportImagesSummary:
    """What came in. Counts images, except where another thing is named."""

    image_set: str
    class_list: str
    n_classes: int
    in_set: int
    added: int
    known: int
    #: Known by id only until now.
    filled: int
    refused: int
    #: Images of the source that the manifest does not name.
    left_out: int
    unlabelled: int
    by_id_only: int
    #: Images of the set whose content another one of it has as well.
    duplicates: int
    boxes: BoxCounts
    warning: str = ""
    #: Why images were refused, the first hundred.
    refusals: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        counts = (
            (self.known, "image", "there already"),
            (self.filled, "image", "known by id only until now, given a file"),
            (self.left_out, "image", "of the source not in the manifest, left out"),
            (self.unlabelled, "image", "of the set without a label"),
            (self.by_id_only, "image", "of the set known by id only: analysed, never shown"),
            (self.duplicates, "image", "of the set equal to another: kept, stored once"),
            (self.boxes.added, "box", "added"),
            (self.boxes.known, "box", "there already"),
            (self.boxes.elsewhere, "box", "of images outside the set, left out"),
            (self.refused, "image", "refused:"),
        )
        first = (
            f"{self.image_set}: {counted(self.added, 'image')} added, {self.in_set:,} in the set, "
            f"{counted(self.n_classes, 'class', 'classes')} ({self.class_list})."
        )
        following = (
            f"Next: manage.py predict --set {self.image_set} --model ..., or "
            f"import_predictions --set {self.image_set} FILE"
            if self.n_classes
            else f"Next: manage.py import_images --set {self.image_set} PATH --labels CSV "
            "--classes CSV, the same images once more with their labels and classes"
        )
        return [
            first,
            *(
                f"  {counted(count, noun, _PLURALS.get(noun, ''))} {text}"
                for count, noun, text in counts
                if count
            ),
            *(f"    {text}" for text in self.refusals),
            *([f"  Note: {self.warning}."] if self.warning else []),
            following,
        ]


def import_images(
    image_set: str,
    *,
    path: Path | None,
    labels: Path | None = None,
    classes: Path | None = None,
    boxes: Path | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ImportImagesSummary:
    """Import a folder, tar or zip; `path` None stands for images known by id only.

    Tables are checked as a whole before anything is stored. An image that cannot be used is named
    and left out. Importing again adds what is new; what contradicts the set is an error.
    """
    _check_name(image_set)
    if path is None and labels is None:
        raise InputError("no files and no manifest", item="PATH -", remedy="Give --labels CSV")
    source = open_source(path)
    manifest = None if labels is None else Table(labels)
    with staging(_SCHEMA) as db:
        choice = _enter(db, image_set, source=source, manifest=manifest, classes=classes)
        if boxes is not None:
            stage_boxes(db, rows=read_boxes(boxes, labels=choice.labels()))
        tally = Tally()
        there = ImageSet.objects.filter(name=image_set).first()
        if there is not None:
            image_rows.compare(db, image_set=there)
            verify_known(db, source=source, tally=tally)
        stored = add_new(
            db, image_set, source=source, choice=choice, tally=tally, progress=progress
        )
        if stored is None:
            raise _nothing(source, tally=tally)
        counts = BoxCounts()
        if boxes is not None:
            image_keys.stage_images(db, image_set=stored)
            keys = dict(stored.class_list.classes.values_list("index", "pk"))
            counts = add_boxes(db, image_set=stored, class_keys=keys)
        left_out = catalogue.left_out(db)
    summary = _summary(stored, tally=tally, boxes=counts, left_out=left_out, warning=choice.warning)
    audit.record("import_images", summary=asdict(summary) | {"refusals": None}, actor=actor)
    return summary


def _check_name(image_set: str) -> None:
    try:
        validate_slug(image_set)
    except ValidationError as error:
        raise InputError(
            "not a name for an image set",
            item=repr(image_set[:60]),
            remedy="Use letters, digits, - and _",
        ) from error
    if len(image_set) > 100:
        raise InputError(
            "a name of more than 100 characters", item=image_set[:60], remedy="Shorten it"
        )


def _enter(
    db: sqlite3.Connection,
    name: str,
    *,
    source: Source,
    manifest: Table | None,
    classes: Path | None,
) -> ClassChoice:
    """Stage and check everything that can be known without reading an image."""
    catalogue.list_members(db, source=source)
    root = root_folder(db, source=source)
    choice = choose_classes(
        db,
        image_set=ImageSet.objects.filter(name=name).select_related("class_list").first(),
        given=classes,
        manifest=manifest,
        source=source,
        root=root,
    )
    if manifest is None:
        enter_members(db, source=source, root=root, labels=choice.labels())
    else:
        enter_manifest(db, table=manifest, source=source, root=root, labels=choice.labels())
    return choice


def _nothing(source: Source, *, tally: Tally) -> InputError:
    first = f"; the first: {tally.refusals[0]}" if tally.refusals else ""
    return InputError(
        f"none of its images can be used ({tally.refused} refused){first}",
        item=source.name,
        remedy="Nothing was imported",
    )


def _summary(
    image_set: ImageSet, *, tally: Tally, boxes: BoxCounts, left_out: int, warning: str
) -> ImportImagesSummary:
    images = image_set.images.all()
    counts = images.aggregate(
        in_set=Count("pk"),
        labelled=Count("label"),
        shown=Count("content_hash"),
        contents=Count("content_hash", distinct=True),
    )
    return ImportImagesSummary(
        image_set=image_set.name,
        class_list=image_set.class_list.name,
        n_classes=image_set.class_list.n_classes,
        in_set=counts["in_set"],
        added=tally.added,
        known=tally.known,
        filled=tally.filled,
        refused=tally.refused,
        left_out=left_out,
        unlabelled=counts["in_set"] - counts["labelled"],
        by_id_only=counts["in_set"] - counts["shown"],
        duplicates=counts["shown"] - counts["contents"],
        boxes=boxes,
        warning=warning,
        refusals=tuple(tally.refusals),
    )
