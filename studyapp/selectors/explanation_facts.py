"""What a person wants to know first about the artefacts of a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from django.db.models import QuerySet

from studyapp.explanation import ExplainRequest, parameters_hash
from studyapp.models import AdversarialImage, AttentionImage, SaliencyMap
from studyapp.vocabulary import ExplanationKind


def explanation_facts(request: ExplainRequest) -> list[str]:
    """Sentences over all artefacts of the set, model and settings, made now or before."""
    return _FACTS[request.settings.kind](request)


def _rows(table: type[Any], request: ExplainRequest) -> QuerySet[Any]:
    found: QuerySet[Any] = table._default_manager.filter(
        image__image_set__name=request.image_set,
        vision_model__name=request.model,
        parameters_hash=parameters_hash(request.settings),
    )
    return found


def _attention(request: ExplainRequest) -> list[str]:
    rows = list(_rows(AttentionImage, request).values_list("r2", "flags"))
    if not rows:
        return []
    flagged = sum(bool(flags) for _, flags in rows)
    fit = median(r2 for r2, _ in rows)
    return [f"The surrogate's R2 is {fit:.2f} in the median; {flagged} of {len(rows)} are flagged."]


def _adversarial(request: ExplainRequest) -> list[str]:
    rows = _rows(AdversarialImage, request).filter(admitted=True)
    flipped = rows.filter(steps_to_flip__isnull=False)
    n, n_flipped = rows.count(), flipped.count()
    at_once = rows.filter(steps_to_flip=1).count()
    real = flipped.filter(flip_survives=True).count()
    return [
        f"Of {n} attacked, {n - n_flipped} keep their label and {at_once} lose it at step 1.",
        f"{real} of {n_flipped} first flips are still wrong as files of 8 bits.",
    ]


def _saliency(request: ExplainRequest) -> list[str]:
    constant = _rows(SaliencyMap, request).filter(constant=True).count()
    return [f"{constant} maps point nowhere and are flagged."] if constant else []


_FACTS: Mapping[ExplanationKind, Callable[[ExplainRequest], list[str]]] = {
    ExplanationKind.ATTENTION: _attention,
    ExplanationKind.ADVERSARIAL: _adversarial,
    ExplanationKind.SALIENCY: _saliency,
}
