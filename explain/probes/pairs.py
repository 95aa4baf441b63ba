"""Pairs of images that are alike and yet predicted differently."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explain import provenance
from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.probes.answers import Asker, Question, asker
from explain.probes.types import Probe
from explain.types import Features, RGBImages

_ROWS = 512  # of the table of distances at a time: 50,000 images take 0.2 GiB of it, not 20


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images by their indices, and one minus the cosine of their features, in [0, 2]."""

    distance: float
    first: int
    second: int


def probe(
    classifier: Classifier,
    images: RGBImages,
    *,
    n_pairs: int = 6,
    class_index: int | None = None,
    features: Features | None = None,
    k: int = 5,
    batch_size: int | None = None,
) -> list[Probe]:
    """What small difference makes the model change its mind? The nearest pairs, nearest first.

    A pair is two images with different most probable classes. Their distance is one minus the
    cosine of their features. Pairs are taken in the order of distance (equal ones by the indices
    of their images), each image at most once, until there are `n_pairs`.

    images       uint8 [N, S, S, 3]
    class_index  one image of each pair is predicted as this class, and is the pair's `index`;
                 None for any two classes, and the lower index first
    features     float32 [N, D], finite; None for the classifier's own pooled ones. Those of
                 another model say what is alike without the word of the one that is questioned

    `index` and `before` belong to the first image, `other`, `image` and `after` to the second; the
    class followed is the first one's most probable.
    Flag: "fewer_than_asked" on each, where no more pairs can be made.
    Raises ParameterError, also where no pair can be made at all; ModelError for a model without
    pooled features, ImageError for logits that are not finite, DeviceError.
    """
    _check(n_pairs)
    asking = asker("pairs", classifier, images, classes=None, k=k, batch_size=batch_size)
    own = features is None
    if features is None:
        features = classifier.features(images, batch_size=asking.batches.size)
    found = find(asking.classes, features, n_pairs=n_pairs, class_index=class_index)
    return _answers(asking, found, n_pairs=n_pairs, class_index=class_index, own=own)


def find(
    classes: npt.NDArray[np.int64],
    features: Features,
    *,
    n_pairs: int = 6,
    class_index: int | None = None,
) -> list[Pair]:
    """The pairs that `probe` takes, from what is known of each image: no pixel, no model.

    classes   int [N], the most probable class of each image
    features  float32 [N, D], finite

    Raises ParameterError as `probe` does.
    """
    _check(n_pairs)
    directions = _directions(features, n_images=len(classes))
    found = nearest(directions, classes, n_pairs=n_pairs, class_index=class_index)
    pairs = [Pair(*each) for each in found]
    if not pairs:
        among = "" if class_index is None else f", one of them of class {class_index}"
        raise ParameterError(
            f"no two of {len(classes)} images are predicted differently{among}",
            item="probe pairs",
            remedy="Give more images, of several classes",
        )
    return pairs


def ask_about(
    classifier: Classifier,
    images: RGBImages,
    found: Sequence[Pair],
    *,
    n_pairs: int = 6,
    class_index: int | None = None,
    k: int = 5,
    batch_size: int | None = None,
) -> list[Probe]:
    """The results of `probe` for pairs that `find` found by this classifier's pooled features.

    images  uint8 [N, S, S, 3], those that the pairs name by their indices; others are not needed

    `n_pairs` and `class_index` are those that `find` was given.
    """
    asking = asker("pairs", classifier, images, classes=None, k=k, batch_size=batch_size)
    return _answers(asking, found, n_pairs=n_pairs, class_index=class_index, own=True)


def _check(n_pairs: int) -> None:
    if n_pairs < 1:
        raise ParameterError(
            "must be at least 1", item=f"n_pairs = {n_pairs}", remedy="Choose a larger number"
        )


def _answers(
    asking: Asker, found: Sequence[Pair], *, n_pairs: int, class_index: int | None, own: bool
) -> list[Probe]:
    flags = ("fewer_than_asked",) if len(found) < n_pairs else ()
    return asking.ask(
        [
            Question(
                pair.first,
                asking.images[pair.second],
                other=pair.second,
                distance=pair.distance,
                flags=flags,
            )
            for pair in found
        ],
        provenance=asking.record(
            {
                "n_pairs": n_pairs,
                "class_index": class_index,
                "features": "pooled" if own else "given",
            },
            seed=None,
            layer=provenance.layer_name(asking.classifier) if own else None,
        ),
    )


def nearest(
    directions: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int64],
    *,
    n_pairs: int,
    class_index: int | None = None,
) -> Iterator[tuple[float, int, int]]:
    """Distance, first and second of each pair, in the order they are taken.

    float64 [N, D] of length 1 (or 0) and int64 [N]. The whole table of distances is looked through
    once, in blocks; afterwards only the rows whose nearest image was taken meanwhile.
    """
    free = np.ones(len(classes), dtype=bool)
    asked = np.ones_like(free) if class_index is None else classes == class_index
    starts = np.flatnonzero(asked)
    queue: list[tuple[float, int, int]] = []
    for start in range(0, len(starts), _ROWS):
        queue += _rows(directions, classes, starts[start : start + _ROWS], free=free)
    heapq.heapify(queue)
    taken = 0
    while queue and taken < n_pairs:
        distance, first, second = heapq.heappop(queue)
        if not free[first]:
            continue
        if free[second]:
            free[[first, second]] = False
            taken += 1
            if class_index is None and second < first:
                first, second = second, first
            yield distance, first, second
        else:
            # Its nearest is gone; the next one is no nearer, so the order of the queue holds.
            for entry in _rows(directions, classes, np.array([first]), free=free):
                heapq.heappush(queue, entry)


def _rows(
    directions: npt.NDArray[np.float64],
    classes: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    *,
    free: npt.NDArray[np.bool_],
) -> Iterator[tuple[float, int, int]]:
    """The nearest free image of another class for each of some images that has one."""
    distances = np.clip(1 - directions[rows] @ directions.T, 0, 2)
    distances[(classes[rows, None] == classes[None, :]) | ~free[None, :]] = np.inf
    columns = distances.argmin(axis=1)
    for row, column, distance in zip(rows, columns, distances.min(axis=1), strict=True):
        if np.isfinite(distance):
            yield float(distance), int(row), int(column)


def _directions(features: Features, *, n_images: int) -> npt.NDArray[np.float64]:
    if features.ndim != 2 or len(features) != n_images or not np.isfinite(features).all():
        raise ParameterError(
            f"features {features.shape} of {n_images} images, or not finite numbers",
            item="probe pairs",
            remedy="Give one row of finite numbers per image",
        )
    wide = features.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    # An image whose features are all zero is like no other: its cosine with any is 0.
    result: npt.NDArray[np.float64] = np.divide(
        wide, lengths, out=np.zeros_like(wide), where=lengths > 0
    )
    return result
