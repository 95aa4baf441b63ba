"""Files by content: equal bytes are stored once, under their hash."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def content_name(content_hash: str, *, folder: str, suffix: str) -> str:
    """Where content with this hash lies: `folder/ab/cdef... .suffix`."""
    return f"{folder}/{content_hash[:2]}/{content_hash[2:]}{suffix}"


def store(content: bytes, *, folder: str, suffix: str) -> tuple[str, str]:
    """Keep the bytes and return (name, SHA-256). Storing the same bytes again changes nothing."""
    content_hash = hashlib.sha256(content).hexdigest()
    name = content_name(content_hash, folder=folder, suffix=suffix)
    if default_storage.exists(name):
        # A process killed while writing may have left a shorter file.
        if default_storage.size(name) == len(content):
            return name, content_hash
        default_storage.delete(name)
    return default_storage.save(name, ContentFile(content)), content_hash
