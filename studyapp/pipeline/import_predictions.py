"""Take over predictions that a model made elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from studyapp import audit
from studyapp.errors import InputError
from studyapp.ingest import image_keys, prediction_rows
from studyapp.ingest.image_keys import stage_images
from studyapp.ingest.prediction_rows import (
    StagedPrediction,
    join_images,
    model_names,
    stage_predictions,
    staged_predictions,
)
from studyapp.ingest.staging import batches, staging
from studyapp.ingest.tables import Table
from studyapp.models import ImageSet, Prediction, Study, VisionModel
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.selectors.class_order import first_places, order_doubt

_SOURCE = "imported"


@dataclass(frozen=True)
class ModelCounts:
    """One model's predictions: newly stored, there before, and images that have none."""

    model: str
    added: int
    known: int
    missing: int
    wrong: int
    #: Said of a model that is wrong nearly everywhere; empty where it is not.
    doubt: str = ""


@dataclass(frozen=True)
class ImportPredictionsSummary:
    image_set: str
    images: int
    models: tuple[ModelCounts, ...]
    #: Said of rows about images that the set does not have; empty where there are none.
    left_out: str

    def lines(self) -> list[str]:
        told = [
            f"  {counts.model}: {counted(counts.added, 'prediction')} added"
            + (f", {counts.known:,} were there already" if counts.known else "")
            + (f", none for {counted(counts.missing, 'image')}" if counts.missing else "")
            + f"; {counted(counts.wrong, 'labelled image')} wrong at first place"
            for counts in self.models
        ]
        images, models = counted(self.images, "image"), counted(len(self.models), "model")
        return [
            f"{self.image_set}: {images}, {models}.",
            *told,
            *([f"  {self.left_out}"] if self.left_out else []),
            *(counts.doubt for counts in self.models if counts.doubt),
            "Next: manage.py new_study FILE.yaml, or import_votes for votes gathered elsewhere",
        ]


def import_predictions(
    image_set: ImageSet,
    *,
    file: Path,
    name: str | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ImportPredictionsSummary:
    """Import a table of predictions; it is checked as a whole before anything is stored.

    `name` names the model of a table that holds only one. Importing again adds nothing; other
    predictions under a name that is in use are an error.
    """
    table = Table(file)
    names = model_names(table, name=name)
    with staging(prediction_rows.SCHEMA + image_keys.SCHEMA) as db:
        stage_predictions(db, table=table, names=names, n_classes=image_set.class_list.n_classes)
        stage_images(db, image_set=image_set)
        left_out = join_images(db, table=table)
        for number, text in enumerate(names):
            _refuse_other_predictions(db, text, number=number, image_set=image_set, table=table)
        done: list[ModelCounts] = []
        for number, text in enumerate(names):
            done.append(_import_model(db, text, number=number, image_set=image_set))
            progress(number + 1, len(names), text)
    summary = ImportPredictionsSummary(
        image_set=image_set.name,
        images=image_set.images.count(),
        models=tuple(done),
        left_out=left_out.told("rows") if left_out else "",
    )
    audit.record("import_predictions", summary=asdict(summary), actor=actor)
    return summary


def _refuse_other_predictions(
    db: sqlite3.Connection, name: str, *, number: int, image_set: ImageSet, table: Table
) -> None:
    model = VisionModel.objects.filter(name=name).select_related("class_list").first()
    if model is None:
        return
    if model.source != _SOURCE:
        raise InputError(
            "a model of this name made its predictions here",
            item=name,
            remedy="Import under another model name",
        )
    if model.class_list_id != image_set.class_list_id:
        raise InputError(
            f"this model uses {model.class_list}, the set {image_set.class_list}",
            item=name,
            remedy="Import under another model name",
        )
    for batch in batches(staged_predictions(db, model=number)):
        known = _known(model, batch=batch)
        for staged in batch:
            other = known.get(staged.image)
            if other is not None and other != (staged.classes, staged.probabilities):
                raise InputError(
                    f"model {name!r} has classes {other[0]} for this image, here are "
                    f"{staged.classes}"
                    + (" with other probabilities" if other[0] == staged.classes else ""),
                    item=f"{table.name}, line {staged.line}",
                    remedy="Import under another model name; nothing was changed",
                )


def _known(
    model: VisionModel, *, batch: Sequence[StagedPrediction]
) -> dict[int, tuple[list[int], list[float] | None]]:
    rows = Prediction.objects.filter(
        vision_model=model, image__in=[staged.image for staged in batch]
    )
    return {
        image: (classes, probabilities)
        for image, classes, probabilities in rows.values_list(
            "image_id", "classes", "probabilities"
        )
    }


def _import_model(
    db: sqlite3.Connection, name: str, *, number: int, image_set: ImageSet
) -> ModelCounts:
    keys = dict(image_set.class_list.classes.values_list("index", "pk"))
    model, _ = VisionModel.objects.get_or_create(
        name=name, defaults={"class_list": image_set.class_list, "source": _SOURCE}
    )
    added = known = 0
    for batch in batches(staged_predictions(db, model=number)):
        with transaction.atomic():
            there = _known(model, batch=batch)
            Prediction.objects.bulk_create(
                (
                    Prediction(
                        vision_model=model,
                        image_id=staged.image,
                        top1_id=keys[staged.classes[0]],
                        classes=staged.classes,
                        probabilities=staged.probabilities,
                    )
                    for staged in batch
                    if staged.image not in there
                ),
                ignore_conflicts=True,
            )
        known += len(there)
        added += len(batch) - len(there)
    for study in Study.objects.filter(image_set=image_set, imported=True):
        # Votes gathered elsewhere serve every model of the set.
        study.vision_models.add(model)
    of_set = Prediction.objects.filter(vision_model=model, image__image_set=image_set)
    places = first_places(model, image_set=image_set)
    return ModelCounts(
        model=name,
        added=added,
        known=known,
        missing=image_set.images.count() - of_set.count(),
        wrong=places.wrong,
        doubt=order_doubt(model, places=places),
    )
