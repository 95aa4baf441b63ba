"""Images out of the storage, prepared for a classifier a little ahead of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.core.files.storage import default_storage

from explain import device as devices
from explain.classifiers import Classifier
from explain.errors import ImageError
from explain.images import decode
from explain.types import Failure, PreparedImage
from studyapp.compute.artefact_files import store_picture


@dataclass(frozen=True, slots=True)
class Target:
    """An image of the set and the class it is explained for; its text is what a message names.

    pk, image_id, file  of the row; file is its name in the storage
    class_index         place of the class in the list
    prepared            the file is a square as the model saw it, and stays as it is
    """

    pk: int
    image_id: str
    file: str
    class_index: int
    prepared: bool = False

    def __str__(self) -> str:
        return self.image_id


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A target as the model sees it: pixels [S, S, 3], and their PNG in the storage.

    input_file  empty where it was not to be kept
    """

    target: Target
    pixels: PreparedImage
    input_file: str

    def __str__(self) -> str:
        return self.target.image_id


def stored_file(name: str) -> Callable[[], bytes]:
    """A call that fetches a file of the storage."""

    def read() -> bytes:
        with default_storage.open(name) as stream:
            content: bytes = stream.read()
        return content

    return read


def read_images(
    classifier: Classifier, targets: Iterable[Target], *, keep_input: bool = True
) -> Iterator[Picture | Failure[Target]]:
    """One result per target, in their order, decoded and stored by threads a few images ahead.

    keep_input  whether the square that the model sees is stored, for people to look at
    """
    source = iter(targets)
    threads = devices.processors()
    with ThreadPoolExecutor(threads, thread_name_prefix="read") as pool:
        ahead: deque[Future[Picture | Failure[Target]]] = deque()
        try:
            while True:
                for target in islice(source, 2 * threads - len(ahead)):
                    ahead.append(pool.submit(_read, classifier, target, keep_input=keep_input))
                if not ahead:
                    return
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def _read(classifier: Classifier, target: Target, *, keep_input: bool) -> Picture | Failure[Target]:
    try:
        image = decode(_fetch(target), name=target.image_id)
        pixels = (
            np.array(image) if target.prepared else classifier.prepare(image, name=target.image_id)
        )
    except ImageError as error:
        return Failure(key=target, error=error)
    input_file = store_picture(pixels) if keep_input else ""
    return Picture(target=target, pixels=pixels, input_file=input_file)


def _fetch(target: Target) -> bytes:
    try:
        return stored_file(target.file)()
    except OSError as error:
        raise ImageError(
            f"its file cannot be fetched ({error})",
            item=target.image_id,
            remedy="Run import_images for its set again",
        ) from error
