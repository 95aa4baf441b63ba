"""The most probable classes of any number of images, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import cast

import numpy as np
import numpy.typing as npt

from explain import device as devices
from explain.batches import Batches
from explain.classifiers import Classifier
from explain.errors import ImageError, ParameterError
from explain.images import decode
from explain.types import Failure, Images, ImageSource, K, Logits, PreparedImage, TopK


def predict_topk(
    classifier: Classifier,
    images: Iterable[tuple[K, ImageSource]],
    *,
    k: int = 5,
    batch_size: int | None = None,
    workers: int | None = None,
    strict: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Iterator[TopK[K] | Failure[K]]:
    """One result per image, in the order of `images`, which is read only a few batches ahead.

    images      pairs of a key of the caller's and where the image is; read in the calling thread
    k           classes per image; a model of fewer classes gives all it has
    batch_size  images per forward pass; None for what suits the device
    workers     threads that fetch, decode and prepare ahead of the device; None for one per core
    strict      raise the first ImageError instead of yielding it as a Failure
    progress    called with the number of images done, after each batch

    Equal logits rank by class index, the lower first. A result depends on its own image only, up
    to rounding: another batch size moves a probability by 1e-5 at most, so two classes can change
    places only if they are closer than that.

    Raises ParameterError at once; ModelError, DeviceError and (if strict) ImageError on the way.
    """
    size = devices.batch_size(classifier.device, input_size=classifier.input_size)
    size = size if batch_size is None else batch_size
    threads = devices.processors() if workers is None else workers
    for name, value in (("k", k), ("batch_size", size), ("workers", threads)):
        if value < 1:
            raise ParameterError(
                "must be at least 1", item=f"{name} = {value}", remedy="Choose a larger number"
            )
    return _stream(
        classifier, images, k=k, batch_size=size, workers=threads, strict=strict, progress=progress
    )


def top_k(logits: Logits, *, k: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """float32 [C], finite -> classes int32 [k] and their softmax probabilities float32 [k].

    The largest logit first, equal ones by class index; k is cut to C.
    """
    order = np.argsort(-logits, kind="stable")[:k]
    exponentials = np.exp(logits.astype(np.float64) - logits.max())
    probabilities = exponentials[order] / exponentials.sum()
    return order.astype(np.int32), probabilities.astype(np.float32)


def _stream(
    classifier: Classifier,
    images: Iterable[tuple[K, ImageSource]],
    *,
    k: int,
    batch_size: int,
    workers: int,
    strict: bool,
    progress: Callable[[int], object] | None,
) -> Iterator[TopK[K] | Failure[K]]:
    done, batches = 0, Batches(classifier.device, batch_size)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="prepare")
    try:
        prepared = _prepared(classifier, images, pool=pool, ahead=2 * batch_size + workers)
        while batch := list(islice(prepared, batch_size)):
            for result in _results(classifier, batch, k=k, batches=batches):
                if strict and isinstance(result, Failure):
                    raise result.error
                yield result
            done += len(batch)
            if progress is not None:
                progress(done)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepared(
    classifier: Classifier,
    images: Iterable[tuple[K, ImageSource]],
    *,
    pool: ThreadPoolExecutor,
    ahead: int,
) -> Iterator[tuple[K, PreparedImage | ImageError]]:
    """Images in their order, with at most `ahead` of them waiting or being prepared."""
    waiting: deque[tuple[K, Future[PreparedImage | ImageError]]] = deque()
    for key, source in images:
        waiting.append((key, pool.submit(_prepare, classifier, str(key), source)))
        if len(waiting) >= ahead:
            first, future = waiting.popleft()
            yield first, future.result()
    while waiting:
        first, future = waiting.popleft()
        yield first, future.result()


def _prepare(classifier: Classifier, name: str, source: ImageSource) -> PreparedImage | ImageError:
    try:
        data = _fetch(source, name=name) if callable(source) else source
        item = name if isinstance(data, bytes) else str(data)
        return classifier.prepare(decode(data, name=item), name=item)
    except ImageError as error:
        return error


def _fetch(source: Callable[[], bytes], *, name: str) -> bytes:
    try:
        return source()
    except OSError as error:
        raise ImageError(
            f"the file cannot be fetched ({error})",
            item=name,
            remedy="Check that it is still where the images are stored",
        ) from error


def _results(
    classifier: Classifier,
    batch: list[tuple[K, PreparedImage | ImageError]],
    *,
    k: int,
    batches: Batches,
) -> list[TopK[K] | Failure[K]]:
    """Results in the order of the batch, which the device takes in as many parts as it must."""
    good = [image for _, image in batch if not isinstance(image, ImageError)]
    images = cast(Images, np.stack(good)) if good else np.zeros((0,), np.uint8)
    parts = batches.run(lambda part: classifier.logits(images[part]), count=len(good))
    rows = chain.from_iterable(parts)
    return [
        Failure(key=key, error=image)
        if isinstance(image, ImageError)
        else _result(classifier, key, next(rows), k=k)
        for key, image in batch
    ]


def _result(classifier: Classifier, key: K, logits: Logits, *, k: int) -> TopK[K] | Failure[K]:
    if not np.isfinite(logits).all():
        return Failure(key=key, error=_not_finite(classifier, key))
    classes, probabilities = top_k(logits, k=k)
    return TopK(key=key, classes=classes, probabilities=probabilities)


def _not_finite(classifier: Classifier, key: object) -> ImageError:
    return ImageError(
        f"the logits of {classifier.name} are not finite numbers",
        item=str(key),
        remedy="Leave the image out, or check the model's weights",
    )
