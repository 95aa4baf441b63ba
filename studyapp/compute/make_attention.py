"""Attention images of pictures and their explanation paths, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from explain import attention
from explain.attention import Attention
from explain.attention import Settings as LimeSettings
from explain.errors import ImageError
from explain.types import Failure
from studyapp.compute.artefact_files import (
    in_8_bits,
    store_picture,
    store_segments,
    store_strip,
)
from studyapp.compute.kinds import Work
from studyapp.compute.read_images import Picture, Target
from studyapp.explanation import AttentionSettings
from studyapp.models import AttentionImage


def make_attention(
    work: Work, pictures: Iterable[Picture]
) -> Iterator[AttentionImage | Failure[Target]]:
    """One row per picture; a path costs a forward pass for each superpixel that is shown."""
    settings = cast(AttentionSettings, work.settings)
    chosen = LimeSettings(
        n_samples=settings.n_samples,
        seed=settings.seed,
        top_k=settings.top_k,
        engine=settings.engine,
        method=settings.method,
        sigma=settings.sigma,
        background=settings.background,
    )
    given = (
        (picture, in_8_bits(picture.pixels), picture.target.class_index) for picture in pictures
    )
    for picture, found in attention.stream(work.classifier, given, settings=chosen, strict=False):
        if isinstance(found, Failure):
            yield Failure(key=picture.target, error=found.error)
            continue
        try:
            yield _row(work, picture, found)
        except ImageError as error:
            named = ImageError(error.what, item=picture.target.image_id, remedy=error.remedy)
            yield Failure(key=picture.target, error=named)


def _row(work: Work, picture: Picture, found: Attention) -> AttentionImage:
    path = attention.path(work.classifier, in_8_bits(picture.pixels), found)
    return AttentionImage(
        **work.common(picture, provenance=found.provenance),
        file=store_picture(found.image),
        segments_file=store_segments(found.segments),
        path_file=store_strip(path.frames),
        path_probabilities=[float(probability) for probability in path.probabilities],
        weights=[float(weight) for weight in found.weights],
        shown=[int(superpixel) for superpixel in found.shown],
        n_positive=found.n_positive,
        intercept=found.intercept,
        r2=found.r2,
        local_prediction=found.local_prediction,
        probability=found.probability,
        flags=list(found.flags),
    )
