"""Widen a study's population by one more model; only its new mistakes cost anything."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from studyapp import audit
from studyapp.errors import StudyError
from studyapp.lifecycle import require_state
from studyapp.models import Prediction, Study, VisionModel
from studyapp.row_locks import lock_study
from studyapp.vocabulary import StudyState

_OPEN = frozenset({StudyState.DRAFT, StudyState.REVIEWED, StudyState.LIVE})


@dataclass(frozen=True)
class AddModelSummary:
    study: str
    model: str
    added: bool

    def lines(self) -> list[str]:
        done = "is part of" if self.added else "was part of"
        return [
            f"Model {self.model} {done} {self.study}.",
            f"Next: manage.py build_trials {self.study}",
        ]


def add_model(
    study: Study, *, model: VisionModel, actor: AbstractBaseUser | None = None
) -> AddModelSummary:
    """Add the model, in a live study too: that adds questions and alters none.

    The protocol as frozen at launch stays what it was; the audit log keeps what came later.
    """
    require_state(
        study,
        states=_OPEN,
        verb="add a model",
        remedy="A closed study stays closed; make a new one with new_study",
    )
    predictions = Prediction.objects.filter(vision_model=model, image__image_set=study.image_set_id)
    if model.class_list_id != study.image_set.class_list_id or not predictions.exists():
        raise StudyError(
            f"model {model.name} has no predictions on the image set {study.image_set.name}",
            item=f"study {study.name}",
            remedy="Run predict or import_predictions for that set first",
        )
    with transaction.atomic():
        lock_study(study)
        added = not study.vision_models.filter(pk=model.pk).exists()
        if added:
            study.vision_models.add(model)
            audit.record(
                "add_model",
                study=study,
                actor=actor,
                summary={
                    "model": model.name,
                    "weights_hash": model.weights_hash,
                    "state": study.state,
                },
            )
    return AddModelSummary(study=study.name, model=model.name, added=added)
