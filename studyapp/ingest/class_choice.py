"""Which class list an image set gets: the given one, its own, or one made from what is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studyapp.errors import InputError
from studyapp.ingest.classes import (
    ClassRow,
    classes_of_folders,
    classes_of_labels,
    content_hash_of,
    read_class_list,
    rows_of,
    store_class_list,
)
from studyapp.ingest.folders import class_folders
from studyapp.ingest.labels import Labels
from studyapp.ingest.manifest import label_texts
from studyapp.ingest.sources import Source
from studyapp.ingest.tables import Table
from studyapp.models import ImageSet
from studyapp.selectors.class_order import numbering


@dataclass(frozen=True)
class ClassChoice:
    """The classes of the set; nothing is stored before `image_set` is asked for."""

    rows: Sequence[ClassRow]
    title: str
    warning: str = ""

    def labels(self) -> Labels:
        return Labels(self.rows, title=self.title)

    def image_set(self, name: str) -> tuple[ImageSet, dict[int, int]]:
        """The set of this name with this list, made if need be, and class keys by index."""
        class_list = store_class_list(self.rows, name=self.title)
        image_set, _ = ImageSet.objects.get_or_create(
            name=name, defaults={"class_list": class_list}
        )
        if image_set.class_list.n_classes == 0 and class_list.n_classes:
            # Its images were imported before anybody said which classes there are.
            image_set.class_list = class_list
            image_set.save(update_fields=["class_list"])
        if image_set.class_list_id != class_list.pk:
            raise _other_list(image_set, title=self.title)
        return image_set, dict(class_list.classes.values_list("index", "pk"))


def choose_classes(
    db: sqlite3.Connection,
    *,
    image_set: ImageSet | None,
    given: Path | None,
    manifest: Table | None,
    source: Source,
    root: str,
) -> ClassChoice:
    """Decide on the class list. Raises InputError where the set has another one already."""
    own = image_set.class_list if image_set is not None else None
    if given is not None:
        rows = read_class_list(given)
        if own is not None and own.n_classes and content_hash_of(rows) != own.content_hash:
            raise _other_list(image_set, title=given.name)
        return ClassChoice(rows, title=given.name)
    if own is not None and own.n_classes:
        return ClassChoice(rows_of(own), title=own.name)
    if manifest is not None:
        rows = classes_of_labels(label_texts(manifest), item=manifest.name)
        made = "no --classes: the class list was made from the labels alone"
        return ClassChoice(
            rows, title=f"labels of {manifest.name}", warning=f"{made}{_numbered(rows)}"
        )
    rows = classes_of_folders(class_folders(db, source=source, root=root))
    if rows:
        numbered = _numbered(rows)
        return ClassChoice(
            rows,
            title=f"folders of {Path(source.name).name}",
            warning=f"the folders in their order are the classes{numbered}" if numbered else "",
        )
    return ClassChoice(
        rows, title="no classes", warning="no classes: nothing can be predicted or asked so far"
    )


def _numbered(rows: Sequence[ClassRow]) -> str:
    """Said of a list that was made here; a number needs no explanation where it is the label."""
    if all(row.wnid == str(index) for index, row in enumerate(rows)):
        return ""
    return f", {numbering([row.wnid for row in rows])}: predictions must use these numbers"


def _other_list(image_set: ImageSet | None, *, title: str) -> InputError:
    has = "" if image_set is None else f"it uses {image_set.class_list}"
    return InputError(
        f"{has}, which differs from {title}",
        item=f"image set {image_set}",
        remedy="Leave out --classes, or import under another set name",
    )
