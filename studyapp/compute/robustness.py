"""Robustness scores of the saliency maps of a set, and of its classes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.storage import default_storage

from explain.robustness import ClassScore, Scores, Undefined, by_class, scores
from studyapp import audit
from studyapp.compute.input_errors import as_input_error
from studyapp.compute.mapped_boxes import mapped_boxes, preparation_of
from studyapp.explanation import ExplainRequest
from studyapp.identity import canonical_hash
from studyapp.models import LabelClass, Prediction, RobustnessScore, SaliencyMap
from studyapp.progress import Progress, silent
from studyapp.selectors.explanations import model_named, saliency_maps

MAPS_AT_ONCE = 64
CLASSES_NAMED = 10


@dataclass(frozen=True)
class RobustnessSummary:
    """Class scores, the lowest first, classes without one last; none for a part of a set."""

    model: str
    method: str
    n_new: int
    classes: tuple[tuple[LabelClass, ClassScore], ...]

    def lines(self) -> list[str]:
        n_images = sum(score.n_images for _, score in self.classes)
        n_scored = sum(score.n_scored for _, score in self.classes)
        lines = [f"{self.model}, {self.method}: {n_scored} of {n_images} maps scored."]
        reasons: dict[str, int] = {}
        for _, score in self.classes:
            for reason, n in score.undefined.items():
                reasons[reason] = reasons.get(reason, 0) + n
        lines += [
            f"  {n} without a score: {Undefined[name.upper()]}" for name, n in reasons.items()
        ]
        scored = [(label, score) for label, score in self.classes if score.crs is not None]
        lines.append(f"Classes with the lowest crs (of {len(scored)} with one):")
        lines += [
            f"  {score.crs:.3f}  {label.name} ({score.n_scored} images, box area {score.area:.3f})"
            for label, score in scored[:CLASSES_NAMED]
        ]
        return lines


def robustness(
    request: ExplainRequest,
    *,
    images: Sequence[int] | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> RobustnessSummary:
    """Score every map of a model, a set and settings that is not scored yet.

    Maps of any class are scored with the boxes of that class. Boxes imported since make other
    scores; a class's figure counts the newest of each map. Stopped, the same call goes on.

    `images` narrows the maps to those of these images (primary keys): the part of one worker among
    many, whose class scores and audit line are those of the whole.

    Raises InputError where there are no maps, or boxes cannot follow the model's preparation.
    """
    model = model_named(request.model)
    preparation = preparation_of(model)
    maps = saliency_maps(request)
    maps = maps if images is None else maps.filter(image__in=images)
    keys = list(maps.order_by("pk").values_list("pk", flat=True))
    chosen: dict[int, RobustnessScore] = {}
    n_new = 0
    with as_input_error():
        source = iter(keys)
        while batch := list(islice(source, MAPS_AT_ONCE)):
            rows = list(maps.filter(pk__in=batch).order_by("pk"))
            boxes = mapped_boxes(
                preparation, classes={row.image_id: row.label_class_id for row in rows}
            )
            n_new += _score(rows, [boxes[row.image_id] for row in rows], chosen=chosen)
            progress(len(chosen), len(keys))
        classes = [] if images is not None else _classes(maps, chosen, model=model.pk)
    if images is None:
        audit.record(
            "robustness",
            actor=actor,
            summary={**request.arguments(), "maps": len(keys), "new": n_new},
        )
    return RobustnessSummary(
        model=model.name, method=request.settings.method, n_new=n_new, classes=tuple(classes)
    )


def _score(rows: list[SaliencyMap], boxes: list[Any], *, chosen: dict[int, RobustnessScore]) -> int:
    """Fill `chosen` by the keys of the maps; returns how many scores are new."""
    hashes = [canonical_hash({"boxes": each.tolist()}) for each in boxes]
    known = {
        (score.saliency_map_id, score.parameters_hash): score
        for score in RobustnessScore.objects.filter(saliency_map__in=rows)
    }
    todo = [at for at, row in enumerate(rows) if (row.pk, hashes[at]) not in known]
    fresh = []
    if todo:
        found = scores(
            np.stack([read_map(rows[at].file) for at in todo]), [boxes[at] for at in todo]
        )
        for place, at in enumerate(todo):
            reason = found.undefined[place]
            fresh.append(
                RobustnessScore(
                    saliency_map=rows[at],
                    boxes=boxes[at].tolist(),
                    parameters_hash=hashes[at],
                    score=None if reason else float(found.rs[place]),
                    undefined=str(reason or ""),
                    area=float(found.area[place]),
                )
            )
        RobustnessScore.objects.bulk_create(fresh, ignore_conflicts=True)
    known |= {(score.saliency_map_id, score.parameters_hash): score for score in fresh}
    for at, row in enumerate(rows):
        chosen[row.pk] = known[row.pk, hashes[at]]
    return len(fresh)


def read_map(name: str) -> npt.NDArray[np.float32]:
    """The map of a SaliencyMap's file, float32 [S, S]."""
    with default_storage.open(name) as stream, np.load(io.BytesIO(stream.read())) as arrays:
        values: npt.NDArray[np.float32] = arrays["map"]
    return values


def _classes(
    maps: Any, chosen: dict[int, RobustnessScore], *, model: int
) -> list[tuple[LabelClass, ClassScore]]:
    """Class scores of all maps, the lowest first."""
    rows = list(maps.order_by("pk").select_related("label_class"))
    predicted = dict(
        Prediction.objects.filter(
            vision_model=model, image__in=[row.image_id for row in rows]
        ).values_list("image_id", "classes")
    )
    found = Scores(
        rs=np.array([_number(chosen[row.pk].score) for row in rows], dtype=np.float64),
        undefined=tuple(
            Undefined(chosen[row.pk].undefined) if chosen[row.pk].undefined else None
            for row in rows
        ),
        area=np.array([chosen[row.pk].area for row in rows], dtype=np.float64),
    )
    ranks = [_rank(predicted[row.image_id], row.label_class.index) for row in rows]
    labels = {row.label_class.index: row.label_class for row in rows}
    result = by_class(found, [row.label_class.index for row in rows], ranks=ranks)
    lowest = sorted(result, key=lambda each: (each.crs is None, each.crs or 0.0))
    return [(labels[each.class_index], each) for each in lowest]


def _number(score: float | None) -> float:
    return float("nan") if score is None else score


def _rank(classes: list[int], index: int) -> int:
    """Place among the predicted classes; past the last of them where it is not there."""
    return classes.index(index) if index in classes else len(classes)
