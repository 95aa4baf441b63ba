"""Make a draft study of exactly the mistakes that votes gathered elsewhere do not cover."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from studyapp import audit
from studyapp.errors import InputError, StudyError
from studyapp.models import Condition, Study, VisionModel
from studyapp.models.study import DEFAULT_TITLE
from studyapp.selectors.population import population_size


def ask_uncovered(
    ledger: Study, *, models: Sequence[VisionModel], name: str, owner: User | None = None
) -> Study:
    """A draft that asks in the ledger's words, by its rule, about pairs without a vote in it.

    Raises InputError where the name cannot be used, StudyError where nothing is left to ask.
    """
    if not ledger.imported:
        raise StudyError(
            "it asks raters of its own",
            item=f"study {ledger.name}",
            remedy="Choose a study of imported votes",
        )
    study = Study(
        name=name,
        title=DEFAULT_TITLE,
        image_set=ledger.image_set,
        leaves_out=ledger,
        question=ledger.question,
        question_kind=ledger.question_kind,
        raters_per_trial=ledger.raters_per_trial,
        accept_at=ledger.accept_at,
        unsure=ledger.unsure,
        owner=owner,
    )
    try:
        study.full_clean()
        with transaction.atomic():
            study.save()
            study.vision_models.set(models)
            Condition.objects.create(study=study, name="whole")
            pairs = population_size(study)
            if not pairs.images:
                raise StudyError(
                    "every mistake of these models was judged, so nothing is left to ask",
                    item=f"study {ledger.name}",
                )
            audit.record(
                "ask_uncovered",
                study=study,
                actor=owner,
                summary={"ledger": ledger.name, "images": pairs.images, "pairs": pairs.pairs},
            )
    except ValidationError as error:
        told = "; ".join(text.rstrip(".") for text in error.messages)
        raise InputError(told, item=f"study {name[:60]!r}", remedy="Choose another name") from error
    except IntegrityError as error:
        raise InputError(
            "this name was taken just now", item=f"study {name}", remedy="Choose another name"
        ) from error
    return study
