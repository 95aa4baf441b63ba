"""Robustness scores as columns: our own, of images, and published ones, of classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Count, F, Max, QuerySet, Sum

from studyapp.analytics import ClassRobustness, class_robustness
from studyapp.models import (
    ClassList,
    ClassScoreTable,
    Image,
    ImageSet,
    Prediction,
    RobustnessScore,
    VisionModel,
)

ROWS_PER_FETCH = 5_000
#: Classes an accuracy looks at, as Prediction keeps them.
LISTED = 5


@dataclass(frozen=True, eq=False)
class OwnScores:
    """The maps of one model, by one method with one set of settings, for the annotated classes.

    score, image: int64[I], keys of RobustnessScore (the newest of each map) and of Image.
    label: int32[I], index of the class. rs: float64[I], NaN where undefined. area: float64[I],
    share of the square inside the boxes. place: int32[I], of the class among the model's
    predictions, 0 for the first, LISTED where it is not among the first five.
    predicted_label, predicted_place: int32[P], the same of every labelled image of the set that
    the model has a prediction of, mapped or not.
    """

    model: VisionModel
    method: str
    parameters_hash: str
    n_classes: int
    score: npt.NDArray[np.int64]
    image: npt.NDArray[np.int64]
    label: npt.NDArray[np.int32]
    rs: npt.NDArray[np.float64]
    area: npt.NDArray[np.float64]
    place: npt.NDArray[np.int32]
    predicted_label: npt.NDArray[np.int32]
    predicted_place: npt.NDArray[np.int32]

    @property
    def name(self) -> str:
        """Tells it from every other ranking, also in addresses."""
        return f"{self.model.name} {self.method} {self.parameters_hash[:8]}"

    @cached_property
    def classes(self) -> ClassRobustness:
        """Class scores, the mean of the defined scores of images."""
        return class_robustness(self.rs, cls=self.label, n_classes=self.n_classes)

    def by_class(self) -> dict[int, float]:
        """crs by index, of the classes that have one."""
        crs = self.classes.crs
        return {int(index): float(crs[index]) for index in np.flatnonzero(~np.isnan(crs))}

    @cached_property
    def n_predicted(self) -> npt.NDArray[np.int64]:
        """int64[C], labelled images of each class with a prediction, which accuracies are of."""
        return np.bincount(self.predicted_label, minlength=self.n_classes)

    def accuracy(self, k: int) -> npt.NDArray[np.float64]:
        """float64[C], the share of a class's predicted images with it among the first k classes;
        NaN for a class without any. Whichever are mapped: of maps of right predictions alone every
        class would seem to be recognised."""
        label, place, n = self.predicted_label, self.predicted_place, self.n_predicted
        hits = np.bincount(label, weights=place < k, minlength=self.n_classes)
        found = np.full(self.n_classes, np.nan)
        np.divide(hits, n, out=found, where=n > 0)
        return found


def own_scores(
    image_set: ImageSet, *, models: Collection[VisionModel] | None = None
) -> list[OwnScores]:
    """Every ranking there is on the set, by name of the model, then method and settings."""
    rows = RobustnessScore.objects.filter(
        saliency_map__image__image_set=image_set,
        saliency_map__label_class=F("saliency_map__image__label"),
    )
    if models is not None:
        rows = rows.filter(saliency_map__vision_model__in=models)
    groups = (
        rows.order_by()
        .values_list(
            "saliency_map__vision_model", "saliency_map__method", "saliency_map__parameters_hash"
        )
        .distinct()
    )
    known = VisionModel.objects.in_bulk({model for model, _, _ in groups})
    n_classes = image_set.class_list.n_classes
    labels = dict(
        image_set.images.filter(label__isnull=False).values_list("pk", "label__index")
        if known
        else ()
    )
    places = {pk: _places(model, labels) for pk, model in known.items()}
    found = []
    for model, method, settings in sorted(groups, key=lambda g: (known[g[0]].name, *g[1:])):
        of_group = rows.filter(
            saliency_map__vision_model=model, saliency_map__parameters_hash=settings
        )
        predicted = places[model]
        mapped = _mapped(of_group)
        found.append(
            OwnScores(
                model=known[model],
                method=method,
                parameters_hash=settings,
                n_classes=n_classes,
                **mapped,
                place=_int32(predicted.get(image, LISTED) for image in mapped["image"].tolist()),
                predicted_label=_int32(labels[image] for image in predicted),
                predicted_place=_int32(predicted.values()),
            )
        )
    return found


def scores_stand(class_list: ClassList) -> dict[str, object]:
    """What the rankings of these classes depend on, in a few numbers that cost little to read.

    Scores and predictions are added and never altered, and so are counted over all sets.
    """
    sets = ImageSet.objects.filter(class_list=class_list).order_by("pk")
    stand = {"n": Count("pk"), "last": Max("pk")}
    return {
        "database": [str(connection.settings_dict.get(name)) for name in ("HOST", "PORT", "NAME")],
        "class_list": [class_list.pk, class_list.content_hash],
        "sets": list(sets.values_list("pk", "name", "created_at")),
        "labels": Image.objects.filter(image_set__in=sets).aggregate(
            n=Count("label"), labels=Sum("label"), last=Max("pk")
        ),
        "scores": RobustnessScore.objects.aggregate(**stand, made=Max("created_at")),
        "predictions": Prediction.objects.aggregate(**stand),
        "models": list(VisionModel.objects.order_by("pk").values_list("pk", "name", "created_at")),
        "tables": list(
            ClassScoreTable.objects.filter(class_list=class_list)
            .order_by("pk")
            .values_list("pk", "name", "created_at")
        ),
    }


class _Mapped(TypedDict):
    score: npt.NDArray[np.int64]
    image: npt.NDArray[np.int64]
    label: npt.NDArray[np.int32]
    rs: npt.NDArray[np.float64]
    area: npt.NDArray[np.float64]


def _mapped(rows: QuerySet[RobustnessScore]) -> _Mapped:
    newest: dict[int, tuple[int, int, int, float, float]] = {}
    columns = rows.order_by("pk").values_list(
        "saliency_map_id", "pk", "saliency_map__image_id", "saliency_map__label_class__index",
        "score", "area",
    )  # fmt: skip
    for saliency_map, pk, image, label, score, area in columns.iterator(chunk_size=ROWS_PER_FETCH):
        rs = float("nan") if score is None else float(score)
        newest[saliency_map] = (pk, image, label, rs, float(area))
    kept = list(newest.values())
    return {
        "score": np.array([row[0] for row in kept], dtype=np.int64),
        "image": np.array([row[1] for row in kept], dtype=np.int64),
        "label": _int32(row[2] for row in kept),
        "rs": np.array([row[3] for row in kept], dtype=np.float64),
        "area": np.array([row[4] for row in kept], dtype=np.float64),
    }


def _int32(values: Iterable[int]) -> npt.NDArray[np.int32]:
    return np.fromiter(values, dtype=np.int32)


def _places(model: VisionModel, labels: Mapping[int, int]) -> dict[int, int]:
    """By key of the image where its class is among the model's predictions."""
    # A range of keys, and the others dropped here: see report_data about joins of whole sets.
    predictions = Prediction.objects.filter(
        vision_model=model, image__gte=min(labels), image__lte=max(labels)
    ).values_list("image_id", "classes")
    return {
        image: classes.index(labels[image]) if labels[image] in classes[:LISTED] else LISTED
        for image, classes in predictions.iterator(chunk_size=ROWS_PER_FETCH)
        if image in labels
    }
