"""The result of one image, and how it is put together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import Generic, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from explain import provenance
from explain.attention.rendering import render, strongest
from explain.attention.settings import Settings
from explain.attention.subject import Subject
from explain.attention.surrogate import Surrogate
from explain.classifiers import Classifier
from explain.provenance import Provenance
from explain.superpixels import Segments
from explain.types import K, RGBImage

Flag: TypeAlias = Literal["constant_response", "no_positives", "fewer_positives"]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome(Generic[K]):
    """What an engine found out about a subject.

    probability   of the class, for the whole image
    masks_sha256  of the perturbations, see `perturbation.digest`; None where an engine keeps them
    """

    subject: Subject[K]
    surrogate: Surrogate
    probability: float
    is_constant: bool
    masks_sha256: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Attention:
    """The attention image of one image and class, and what it rests on.

    class_index       the class that is explained
    segments          int32 [S, S], superpixel ids 0..F-1
    weights           float64 [F], change of the class's probability when a superpixel is seen
    intercept         the surrogate's probability with everything hidden
    r2                weighted R^2 of the surrogate, at most 1; 0 for a constant response
    local_prediction  the surrogate's probability of the whole image
    probability       the model's, in [0, 1]
    n_positive        number of weights above 0
    shown             int32 [at most K], ids of the superpixels in the attention image, the
                      strongest first
    image             uint8 [S, S, 3], the attention image
    flags             constant_response: the model says the same whatever is hidden, all weights
                      are exactly 0; no_positives: the attention image is empty; fewer_positives:
                      it shows fewer than K superpixels
    provenance        where it comes from; its parameters are those of `explain`, its digests
                      those of the segment map and, by our engine, of the perturbations
    """

    class_index: int
    segments: Segments
    weights: npt.NDArray[np.float64]
    intercept: float
    r2: float
    local_prediction: float
    probability: float
    n_positive: int
    shown: npt.NDArray[np.int32]
    image: RGBImage
    flags: tuple[Flag, ...]
    provenance: Provenance


def assemble(classifier: Classifier, outcome: Outcome[K], *, settings: Settings) -> Attention:
    """The result that a caller gets for what an engine found."""
    subject, surrogate = outcome.subject, outcome.surrogate
    shown = strongest(surrogate.weights, k=settings.top_k)
    return Attention(
        class_index=subject.class_index,
        segments=subject.segments,
        weights=surrogate.weights,
        intercept=surrogate.intercept,
        r2=surrogate.r2,
        local_prediction=surrogate.local_prediction,
        probability=outcome.probability,
        n_positive=int((surrogate.weights > 0).sum()),
        shown=shown,
        image=render(subject.image, subject.segments, shown, background=settings.background),
        flags=_flags(outcome, n_shown=len(shown), top_k=settings.top_k),
        provenance=provenance.record(
            classifier,
            method=settings.method,
            parameters=settings.parameters(),
            seed=settings.seed,
            versions=_versions(settings),
            digests=_digests(outcome),
        ),
    )


def _digests(outcome: Outcome[K]) -> dict[str, str]:
    """SHA-256 of the segment map as int32, little-endian, row by row, and of the perturbations."""
    segments = outcome.subject.segments.astype("<i4").tobytes()
    found = {"segments": hashlib.sha256(segments).hexdigest()}
    return found | ({"masks": outcome.masks_sha256} if outcome.masks_sha256 else {})


def _flags(outcome: Outcome[K], *, n_shown: int, top_k: int) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    if outcome.is_constant:
        flags.append("constant_response")
    if n_shown == 0:
        flags.append("no_positives")
    elif n_shown < top_k:
        flags.append("fewer_positives")
    return tuple(flags)


def _versions(settings: Settings) -> dict[str, str]:
    names = ["scipy", "scikit-learn"]
    return {name: version(name) for name in [*names, *(["lime"] * (settings.engine == "lime"))]}
