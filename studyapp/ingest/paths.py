"""Names of files inside a folder or an archive, in one form and never outside of it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

#: Suffixes by which a file is taken for an image; the last ones only to be refused by name.
IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"}
    | {".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif"}
)
_MAX_PATH = 1000


class UnsafePathError(ValueError):
    """A name that leads outside, or that cannot be shown; the text says which."""


def inner_path(name: str) -> str:
    """The name with forward slashes and without `./`. Raises UnsafePathError."""
    path = name.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise UnsafePathError("an absolute path")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnsafePathError("a path with “..” in it")
    clean = "/".join(parts)
    if not clean.isprintable() or len(clean) > _MAX_PATH:
        raise UnsafePathError("a name that is too long or has control or broken characters")
    return clean


def is_image(path: str) -> bool:
    """Whether the name says that this is an image; hidden files and macOS's shadows are not."""
    parts = path.split("/")
    return (
        PurePosixPath(path).suffix.lower() in IMAGE_SUFFIXES
        and not any(part.startswith(".") for part in parts)
        and parts[0] != "__MACOSX"
    )


def without_image_suffix(name: str) -> str:
    """The name less the suffix of an image's file, if it has one."""
    stem, _, suffix = name.rpartition(".")
    return stem if stem and f".{suffix.lower()}" in IMAGE_SUFFIXES else name
