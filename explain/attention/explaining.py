"""The public face: attention images of an array, or of a stream of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from explain import device as devices
from explain.attention import queue
from explain.attention.results import Attention, assemble
from explain.attention.settings import Background, Engine, Method, Settings
from explain.attention.subject import Subject, subjects_of
from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.types import Failure, K, RGBImage

# Images that are segmented together on a GPU; a CPU takes them one by one.
_GROUP = 16


def explain(
    classifier: Classifier,
    images: npt.NDArray[np.uint8],
    classes: Sequence[int] | npt.NDArray[np.integer],
    *,
    n_samples: int = 1000,
    seed: int = 0,
    top_k: int = 8,
    engine: Engine = "quorum",
    method: Method = "lime_v1",
    sigma: float = 0.25,
    background: Background = "black",
    batch_size: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[Attention]:
    """Attention images by LIME (Stock and Cisse, section 3.1), one per image.

    images      uint8 [N, S, S, 3], RGB at the model's input size
    classes     int [N], the class to be explained for each
    n_samples   perturbed images per image, the first of them the image itself; at least 2
    seed        of the perturbations, 0..2^32 - 1; every image gets its draw afresh
    top_k       superpixels of positive weight to be shown
    engine      "quorum", or "lime" for the lime package on the same superpixels and draws
    method      "lime_v1": weighted ridge over all superpixels, as the lime package does by
                default; "lasso_ols": at most top_k by the Lasso, then least squares, as the paper
    sigma       width of the kernel over the cosine distance between masks
    background  of the attention image: "black", "gray" or "blurred"
    batch_size  images per forward pass; None for what suits the device
    progress    called with the number of images done, after each

    A result depends on its own image, class and these arguments, not on the images beside it.

    Raises ParameterError for an argument; ImageError, naming the image by its place, for a class
    out of range, another size than the model's, no more than top_k superpixels (all would be
    shown), or logits that are not finite; DeviceError where not even one image fits.
    """
    if len(images) != len(classes):
        raise ParameterError(
            f"there are {len(images)} images and {len(classes)} classes",
            item="classes",
            remedy="Give one class per image",
        )
    keyed = ((f"image {i}", images[i], int(classes[i])) for i in range(len(images)))
    settings = Settings(
        n_samples=n_samples,
        seed=seed,
        top_k=top_k,
        engine=engine,
        method=method,
        sigma=sigma,
        background=background,
    )
    found = stream(classifier, keyed, settings=settings, batch_size=batch_size, progress=progress)
    return [result for _, result in found if isinstance(result, Attention)]


def stream(
    classifier: Classifier,
    images: Iterable[tuple[K, RGBImage, int]],
    *,
    settings: Settings | None = None,
    batch_size: int | None = None,
    strict: bool = True,
    progress: Callable[[int], object] | None = None,
) -> Iterator[tuple[K, Attention | Failure[K]]]:
    """As `explain`, for any number of (key, image, class): results in order, memory bounded.

    Samples of one image and the next share a forward pass, so that no pass is partly empty but
    the last. `images` is read a few images ahead.

    strict  raise the first ImageError instead of yielding it as a Failure

    Raises ParameterError at once; ModelError, DeviceError and (if strict) ImageError on the way.
    """
    size = devices.batch_size(classifier.device, input_size=classifier.input_size)
    size = size if batch_size is None else batch_size
    if size < 1:
        raise ParameterError(
            "must be at least 1", item=f"batch_size = {size}", remedy="Choose a larger number"
        )
    return _stream(
        classifier,
        images,
        settings=settings or Settings(),
        batch_size=size,
        strict=strict,
        progress=progress,
    )


def _stream(
    classifier: Classifier,
    images: Iterable[tuple[K, RGBImage, int]],
    *,
    settings: Settings,
    batch_size: int,
    strict: bool,
    progress: Callable[[int], object] | None,
) -> Iterator[tuple[K, Attention | Failure[K]]]:
    outcomes = queue.outcomes
    if settings.engine == "lime":
        # Only who compares pays for lime's imports: it brings matplotlib and scikit-image along.
        from explain.attention import reference

        outcomes = reference.outcomes
    subjects = _subjects(classifier, images, settings=settings)
    found = outcomes(classifier, subjects, settings=settings, batch_size=batch_size)
    for done, outcome in enumerate(found, start=1):
        if isinstance(outcome, Failure):
            if strict:
                raise outcome.error
            yield outcome.key, outcome
        else:
            yield outcome.subject.key, assemble(classifier, outcome, settings=settings)
        if progress is not None:
            progress(done)


def _subjects(
    classifier: Classifier, images: Iterable[tuple[K, RGBImage, int]], *, settings: Settings
) -> Iterator[Subject[K] | Failure[K]]:
    source = iter(images)
    group = 1 if classifier.device.type == "cpu" else _GROUP
    while batch := list(islice(source, group)):
        yield from subjects_of(classifier, batch, settings=settings)
