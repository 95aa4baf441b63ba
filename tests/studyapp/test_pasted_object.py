from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studyapp.errors import InputError
from studyapp.pasted_object import keep_object, read_object


def test_an_object_is_kept_with_its_transparency(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 9, 4), dtype=np.uint8)
    Image.fromarray(pixels).save(path := tmp_path / "thing.png")
    name, digest = keep_object(path)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    np.testing.assert_array_equal(read_object(name), pixels)
    assert keep_object(path) == (name, digest)


def test_what_is_no_picture_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    (text := tmp_path / "thing.png").write_text("not a picture")
    with pytest.raises(InputError, match=r"thing\.png: the object cannot be read"):
        keep_object(text)
    with pytest.raises(InputError, match="Give a PNG or WebP"):
        keep_object(tmp_path / "nothing.png")
    with pytest.raises(InputError, match=r"pasted/no/where\.png"):
        read_object("pasted/no/where.png")
