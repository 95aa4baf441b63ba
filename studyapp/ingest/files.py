"""Image files on their way into the storage: inspected by a few threads, kept one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from studyapp import imaging, storage
from studyapp.errors import ImageInputError
from studyapp.ingest.sources import Content

#: Decoding is most of the work and releases Python's lock.
WORKERS = 3
#: Files held in memory at a time.
_AHEAD = 2 * WORKERS


@dataclass(frozen=True)
class StoredImage:
    """A file of the source that is now in the storage."""

    path: str
    name: str
    content_hash: str
    facts: imaging.ImageFacts


@dataclass(frozen=True)
class RefusedImage:
    """A file that cannot be used; the error names it and says why."""

    path: str
    error: ImageInputError


def store_images(
    contents: Iterable[tuple[str, Content]],
) -> Iterator[StoredImage | RefusedImage]:
    """Keep every usable image under the hash of its bytes, in the order they come."""
    waiting: deque[tuple[str, Content, Future[imaging.ImageFacts | ImageInputError]]] = deque()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="inspect") as pool:
        for path, content in contents:
            waiting.append((path, content, pool.submit(_inspect, content, item=path)))
            # Let go of it here: the queue alone holds files.
            del content
            if len(waiting) >= _AHEAD:
                yield _keep(*waiting.popleft())
        while waiting:
            yield _keep(*waiting.popleft())


def _inspect(content: Content, *, item: str) -> imaging.ImageFacts | ImageInputError:
    if isinstance(content, ImageInputError):
        return content
    try:
        return imaging.inspect(content, item=item)
    except ImageInputError as error:
        return error


def _keep(
    path: str, content: Content, inspected: Future[imaging.ImageFacts | ImageInputError]
) -> StoredImage | RefusedImage:
    facts = inspected.result()
    if isinstance(content, ImageInputError):
        return RefusedImage(path, content)
    if isinstance(facts, ImageInputError):
        return RefusedImage(path, facts)
    name, content_hash = storage.store(content, folder="images", suffix=facts.suffix)
    return StoredImage(path=path, name=name, content_hash=content_hash, facts=facts)
