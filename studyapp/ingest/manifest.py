"""The manifest: one row per image, `image_id,file,label[,real_labels]`.

Without the column `image_id` an image is called by its file, as one of a source without manifest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import PurePosixPath

from studyapp.errors import InputError
from studyapp.ingest.classes import MAX_CLASSES
from studyapp.ingest.labels import ClassLookup, Labels, UnknownClassError
from studyapp.ingest.paths import UnsafePathError, inner_path
from studyapp.ingest.sources import Source
from studyapp.ingest.tables import Row, Table
from studyapp.plurals import counted

#: Columns that may say which class an image has, the first there is before the others.
LABELLED_BY = ("label", "ground_truth", "class_index", "wnid")


def enter_manifest(
    db: sqlite3.Connection, *, table: Table, source: Source, root: str, labels: Labels
) -> None:
    """One entry per row of the manifest. Every bad row and every missing file is found here."""
    named = "image_id" in table.columns()
    for place, row in enumerate(_rows(table)):
        file = _file(row, source=source)
        entry = (
            row.identifier("image_id") if named else _id_of(row, file=file),
            place,
            file,
            label_of(row, labels=labels),
            reals_of(row, labels=labels),
        )
        try:
            db.execute(
                "INSERT INTO entry (image_id, place, file, label, reals) VALUES (?, ?, ?, ?, ?)",
                entry,
            )
        except sqlite3.IntegrityError as error:
            raise row.error(
                f"image_id {entry[0]!r} occurred before"
                if named
                else f"image {entry[0]!r}, called by its file without suffix, occurred before",
                remedy="Give every image one row",
            ) from error
    _find_files(db, table=table, source=source, root=root)


def label_texts(table: Table) -> set[str]:
    """Every label the manifest uses, as written."""
    found: set[str] = set()
    for row in _rows(table):
        found.update(row.get("real_labels").split())
        if text := _label_text(row):
            found.add(text)
        if len(found) > MAX_CLASSES:
            raise row.error(
                f"more than {MAX_CLASSES} different labels", remedy="Is this the label column?"
            )
    return found


def _rows(table: Table) -> Iterator[Row]:
    columns = table.columns()
    return table.rows(required=() if "file" in columns else ("image_id",))


def _id_of(row: Row, *, file: str | None) -> str:
    """As a file is called where there is no manifest."""
    row.identifier("file")
    if not file:
        raise row.error("file names none", remedy="Name files below PATH")
    return str(PurePosixPath(file).with_suffix(""))


def _label_text(row: Row) -> str:
    return next((row[column] for column in LABELLED_BY if row.get(column)), "")


def label_of(row: Row, *, labels: ClassLookup) -> int | None:
    """The class a row names as its image's own; None where it names none."""
    text = _label_text(row)
    return _class(row, text, labels=labels) if text else None


def reals_of(row: Row, *, labels: ClassLookup) -> str | None:
    """The further right classes of a row, sorted; None where the table does not tell."""
    if "real_labels" not in row.cells:
        return None
    found = {_class(row, text, labels=labels) for text in row["real_labels"].split()}
    return " ".join(str(index) for index in sorted(found))


def _class(row: Row, text: str, *, labels: ClassLookup) -> int:
    try:
        return labels.index(text)
    except UnknownClassError as error:
        raise row.error(
            f"label {error}", remedy="Use a class index or a wnid, never a name"
        ) from error


def _file(row: Row, *, source: Source) -> str | None:
    name = row.get("file")
    if not name:
        return None
    if source.name == "-":
        raise row.error(
            f"names the file {name!r}, but PATH is -", remedy="Give the folder of the files"
        )
    try:
        return inner_path(name)
    except UnsafePathError as error:
        raise row.error(f"file is {error}: {name!r}", remedy="Name files below PATH") from error


def _find_files(db: sqlite3.Connection, *, table: Table, source: Source, root: str) -> None:
    """Look for each file below PATH, then PATH/images, then the same in an archive's folder."""
    for prefix in dict.fromkeys(("", "images/", root, f"{root}images/")):
        db.execute(
            "UPDATE entry SET path = ? || file WHERE file IS NOT NULL AND path IS NULL "
            "AND EXISTS (SELECT 1 FROM member WHERE member.path = ? || entry.file)",
            (prefix, prefix),
        )
    missing = "FROM entry WHERE file IS NOT NULL AND path IS NULL"
    (count,) = db.execute(f"SELECT count(*) {missing}").fetchone()  # a constant
    if count:
        first = [
            name
            for (name,) in db.execute(
                f"SELECT file {missing} ORDER BY place LIMIT 5"  # a constant
            )
        ]
        raise InputError(
            f"{counted(count, 'file')} it names {'is' if count == 1 else 'are'} not in "
            f"{source.name}: {', '.join(first)}"
            + (f" and {count - len(first)} more" if count > len(first) else ""),
            item=table.name,
            remedy=_found_elsewhere(db, name=first[0])
            or "Check PATH, or leave `file` empty for images known by id only",
        )


def _found_elsewhere(db: sqlite3.Connection, *, name: str) -> str:
    """What to write instead, where the name repeats folders that PATH has already."""
    parts = name.split("/")
    for start in range(1, len(parts)):
        shorter = "/".join(parts[start:])
        if db.execute("SELECT 1 FROM member WHERE path = ?", (shorter,)).fetchone():
            return f"Name files from PATH on: did you mean {shorter}?"
    return ""
