from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.core.files.storage import default_storage

from studyapp.errors import ImageInputError
from studyapp.ingest.files import WORKERS, RefusedImage, StoredImage, store_images
from studyapp.ingest.sources import Content
from tests.factories.dataset import jpeg, png


def test_images_are_kept_in_order_and_bad_ones_named() -> None:
    contents: list[tuple[str, Content]] = [
        ("a.jpg", jpeg(number=101)),
        ("bad.jpg", b"no image"),
        ("gone.jpg", ImageInputError("cannot be read", item="gone.jpg")),
        ("b.dat", png(number=102, size=(30, 20))),
    ]
    first, bad, gone, last = store_images(contents)
    assert isinstance(first, StoredImage)
    assert first.content_hash == hashlib.sha256(jpeg(number=101)).hexdigest()
    assert isinstance(bad, RefusedImage)
    assert "bad.jpg: not a JPEG" in str(bad.error)
    assert isinstance(gone, RefusedImage)
    assert isinstance(last, StoredImage)
    assert last.name.endswith(".png"), "the content decides, not the name"
    assert (last.facts.width, last.facts.height) == (30, 20)
    with default_storage.open(last.name) as file:
        assert file.read() == png(number=102, size=(30, 20))


def test_only_a_few_files_are_held_at_a_time() -> None:
    read = kept = most = 0

    def contents() -> Iterator[tuple[str, bytes]]:
        nonlocal read, most
        for n in range(40):
            read += 1
            most = max(most, read - kept)
            yield f"{n}.png", png(number=n, size=(8, 8))

    for image in store_images(contents()):
        assert isinstance(image, StoredImage)
        kept += 1
    assert kept == 40
    assert most <= 2 * WORKERS + 1
