"""Images without a manifest: a folder per class, or a flat folder of unlabelled images."""

from __future__ import annotations

import sqlite3
from pathlib import PurePosixPath

from studyapp.errors import InputError
from studyapp.ingest.labels import Labels, UnknownClassError
from studyapp.ingest.sources import Source
from studyapp.ingest.tables import MAX_ID

_FOLDER = "substr(path, 1, instr(path, '/') - 1)"


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
    found = db.execute("SELECT path FROM member WHERE image ORDER BY path")
    for place, (path,) in enumerate(found):
        inner = path[len(root) :]
        image_id = str(PurePosixPath(inner).with_suffix(""))
        label = None if flat else _folder_label(inner, labels=labels, source=source)
        if len(image_id) > MAX_ID:
            raise InputError(
                f"a path of more than {MAX_ID} characters", item=path, remedy="Shorten it"
            )
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
