"""Files by content: equal bytes are stored once, under their hash, whole or not at all."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def content_name(content_hash: str, *, folder: str, suffix: str) -> str:
    """Where content with this hash lies: `folder/ab/cdef... .suffix`."""
    return f"{folder}/{content_hash[:2]}/{content_hash[2:]}{suffix}"


def store(content: bytes, *, folder: str, suffix: str) -> tuple[str, str]:
    """Keep the bytes and return (name, SHA-256). Storing the same bytes again changes nothing."""
    content_hash = hashlib.sha256(content).hexdigest()
    name = content_name(content_hash, folder=folder, suffix=suffix)
    if not default_storage.exists(name) or default_storage.size(name) != len(content):
        _write(name, content=content)
    return name, content_hash


def store_as(name: str, *, content: bytes) -> None:
    """Keep the bytes under a name that stands for how they were made; whole or not at all.

    Who makes the same a second time replaces it, where the storage can.
    """
    _write(name, content=content)


def _write(name: str, *, content: bytes) -> None:
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:
        # A store of objects: each is written whole.
        saved = default_storage.save(name, ContentFile(content))
        if saved != name:
            default_storage.delete(saved)
        return
    # A file is written beside its place and moved there, so that neither a crash nor another
    # process that stores the same can leave a part of it.
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
