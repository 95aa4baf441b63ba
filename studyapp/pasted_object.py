"""The picture that `probe --kind insertion` pastes in, kept where every worker can read it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.core.files.storage import default_storage
from PIL import Image, UnidentifiedImageError

from studyapp import storage
from studyapp.errors import InputError

FOLDER = "pasted"


def keep_object(path: Path) -> tuple[str, str]:
    """Store a picture's file; its name in the default storage and its SHA-256.

    Raises InputError where it cannot be read as a picture with transparency.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    _pixels(content, item=path)
    return storage.store(content, folder=FOLDER, suffix=path.suffix.lower())


def read_object(name: str) -> npt.NDArray[np.uint8]:
    """uint8 [h, w, 4] of a file that `keep_object` stored."""
    try:
        with default_storage.open(name) as stream:
            content: bytes = stream.read()
    except OSError as error:
        raise _unreadable(name, error) from error
    return _pixels(content, item=name)


def _pixels(content: bytes, *, item: Path | str) -> npt.NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "WEBP")) as picture:
            return np.array(picture.convert("RGBA"), dtype=np.uint8)
    except (OSError, UnidentifiedImageError) as error:
        raise _unreadable(item, error) from error


def _unreadable(item: Path | str, error: Exception) -> InputError:
    return InputError(
        f"the object cannot be read ({error})",
        item=str(item),
        remedy="Give a PNG or WebP with transparency",
    )
