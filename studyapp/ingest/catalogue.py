"""What an import is about to bring: one entry per image, on disk, checked before anything is kept.

An entry names the image, its file in the source (none for an image known by id only), its label
and its further right classes, both as class indices.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from studyapp.errors import InputError
from studyapp.ingest.labels import Labels, UnknownClassError
from studyapp.ingest.paths import UnsafePathError, inner_path, is_image
from studyapp.ingest.sources import Source
from studyapp.ingest.tables import MAX_ID, Row, Table

SCHEMA = """
CREATE TABLE member (path TEXT PRIMARY KEY, image INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE entry (
    image_id TEXT PRIMARY KEY, place INTEGER NOT NULL, file TEXT, path TEXT,
    label INTEGER, reals TEXT, known_hash TEXT, state TEXT NOT NULL DEFAULT 'new'
) WITHOUT ROWID;
CREATE INDEX entry_path ON entry (path);
"""
_FOLDER = "substr(path, 1, instr(path, '/') - 1)"


@dataclass(frozen=True)
class Entry:
    image_id: str
    path: str | None
    label: int | None
    #: None where nothing is said about further right classes.
    reals: frozenset[int] | None


def list_members(db: sqlite3.Connection, *, source: Source) -> None:
    """Walk the source once. Every unsafe member is found here, before anything is read."""
    for path in source.members():
        try:
            db.execute("INSERT INTO member VALUES (?, ?)", (path, is_image(path)))
        except sqlite3.IntegrityError as error:
            raise InputError(
                "two members have this name",
                item=f"{source.name}: {path}",
                remedy="Pack the archive again",
            ) from error


def root_folder(db: sqlite3.Connection, *, source: Source) -> str:
    """`name/` where an archive's images all lie in one folder that is no class, else ''."""
    if not source.packed:
        return ""
    tops = db.execute(
        f"SELECT DISTINCT {_FOLDER} FROM member WHERE image LIMIT 2"  # noqa: S608  # a constant
    ).fetchall()
    return f"{tops[0][0]}/" if len(tops) == 1 and tops[0][0] else ""


def class_folders(db: sqlite3.Connection, *, source: Source, root: str) -> list[str]:
    """The folders below the root that hold images; none if the images lie flat.

    Raises InputError if images lie both flat and in folders, or nowhere.
    """
    found = [
        name
        for (name,) in db.execute(
            f"SELECT DISTINCT {_FOLDER} FROM "  # noqa: S608  # a constant
            "(SELECT substr(path, ?) AS path FROM member WHERE image)",
            (len(root) + 1,),
        )
    ]
    if not found:
        raise InputError(
            "no images in it",
            item=source.name,
            remedy="Give the folder or archive that holds JPEG, PNG or WebP files",
        )
    if "" in found and len(found) > 1:
        raise InputError(
            f"images lie both beside and inside folders ({max(found)})",
            item=source.name,
            remedy="Use one folder per class, or one flat folder, or a manifest with --labels",
        )
    return sorted(name for name in found if name)


def enter_members(db: sqlite3.Connection, *, source: Source, root: str, labels: Labels) -> None:
    """One entry per image of a source without manifest; its id is its path without suffix."""
    flat = not class_folders(db, source=source, root=root)
    place = 0
    for (path,) in db.execute("SELECT path FROM member WHERE image ORDER BY path"):
        inner = path[len(root) :]
        image_id = str(PurePosixPath(inner).with_suffix(""))
        label = None if flat else _folder_label(inner, labels=labels, source=source)
        if len(image_id) > MAX_ID:
            raise InputError(
                f"a path of more than {MAX_ID} characters", item=path, remedy="Shorten it"
            )
        place += 1
        try:
            db.execute(
                "INSERT INTO entry (image_id, place, path, label) VALUES (?, ?, ?, ?)",
                (image_id, place, path, label),
            )
        except sqlite3.IntegrityError as error:
            raise InputError(
                f"two files would both be image {image_id}, whose id is its path without suffix",
                item=path,
                remedy="Rename one, or name the images in a manifest",
            ) from error


def _folder_label(path: str, *, labels: Labels, source: Source) -> int:
    folder = path.split("/", 1)[0]
    try:
        return labels.index(folder)
    except UnknownClassError as error:
        raise InputError(
            f"folder {error}",
            item=f"{source.name}: {path}",
            remedy="Name each folder by the class index or the wnid",
        ) from error


def enter_manifest(
    db: sqlite3.Connection, *, table: Table, source: Source, root: str, labels: Labels
) -> None:
    """One entry per row of the manifest. Every bad row and every missing file is found here."""
    for place, row in enumerate(table.rows(required=("image_id",))):
        entry = (
            row.identifier("image_id"),
            place,
            _file(row, source=source),
            _label(row, labels=labels),
            _reals(row, labels=labels),
        )
        try:
            db.execute(
                "INSERT INTO entry (image_id, place, file, label, reals) VALUES (?, ?, ?, ?, ?)",
                entry,
            )
        except sqlite3.IntegrityError as error:
            raise row.error(
                f"image_id {entry[0]!r} occurred before", remedy="Give every image one row"
            ) from error
    _find_files(db, table=table, source=source, root=root)


def label_column(row: Row) -> str:
    return row.get("label") or row.get("ground_truth")


def _label(row: Row, *, labels: Labels) -> int | None:
    text = label_column(row)
    return _class(row, text, labels=labels) if text else None


def _reals(row: Row, *, labels: Labels) -> str | None:
    if "real_labels" not in row.cells:
        return None
    found = {_class(row, text, labels=labels) for text in row["real_labels"].split()}
    return " ".join(str(index) for index in sorted(found))


def _class(row: Row, text: str, *, labels: Labels) -> int:
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
            f"{count} files it names are not in {source.name}: {', '.join(first)}"
            + (" ..." if count > len(first) else ""),
            item=table.name,
            remedy="Check PATH, or leave `file` empty for images known by id only",
        )


def left_out(db: sqlite3.Connection) -> int:
    """Images of the source that no entry names."""
    (count,) = db.execute(
        "SELECT count(*) FROM member WHERE image AND path NOT IN "
        "(SELECT path FROM entry WHERE path IS NOT NULL)"
    ).fetchone()
    return int(count)


def entries(db: sqlite3.Connection, *, states: tuple[str, ...]) -> Iterator[Entry]:
    """The entries in these states, in the order of the manifest."""
    marks = ",".join("?" * len(states))
    for image_id, path, label, reals in db.execute(
        "SELECT image_id, path, label, reals FROM entry "
        f"WHERE state IN ({marks}) ORDER BY place",  # question marks
        states,
    ):
        yield Entry(
            image_id=image_id,
            path=path,
            label=label,
            reals=None if reals is None else frozenset(int(index) for index in reals.split()),
        )
