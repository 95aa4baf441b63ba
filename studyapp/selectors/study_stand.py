"""What a study's figures depend on, in a few numbers that cost little to read.

Rows are added, and states move on, but nothing else changes: votes are never altered or deleted,
predictions and right labels only come, an image gets its label or its file once. Counts and sums
of keys therefore differ whenever anything a report is read from does.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from studyapp.exposure import exposure_stand
from studyapp.models import (
    HIT,
    AdversarialImage,
    Assignment,
    AttentionImage,
    Box,
    CrossCheck,
    CrossCheckAnswer,
    ExampleSet,
    Image,
    ManualExclusion,
    Prediction,
    ProbeResult,
    Rater,
    RealLabel,
    RobustnessScore,
    SaliencyMap,
    Study,
    Vote,
)
from studyapp.selectors.report_data import models_of
from studyapp.vocabulary import PopulationKind


def study_stand(study: Study) -> dict[str, object]:
    """The stand of everything the study's verdicts are worked out from, as it is now."""
    models = list(models_of(study).values_list("pk", "name", "created_at"))
    images = Image.objects.filter(image_set=study.image_set_id).aggregate(
        n=Count("pk"),
        first=Min("pk"),
        last=Max("pk"),
        files=Count("content_hash"),
        labelled=Count("label"),
        labels=Sum("label"),
    )
    return {
        "database": [str(connection.settings_dict.get(name)) for name in ("HOST", "PORT", "NAME")],
        "study": _fields(study),
        "image_set": study.image_set.name,
        "named_analyses": study.named_analyses.count(),
        "cross_check": CrossCheckAnswer.objects.filter(item__check_of__study=study).aggregate(
            n=Count("pk"), last=Max("pk")
        )
        | {"drawn": CrossCheck.objects.filter(study=study).count()},
        "expert_answers": study.expert_answers.count(),
        "votes": Vote.objects.filter(study=study).count(),
        # Of every study: to find this one's, all its votes would have to be looked at.
        "manual": ManualExclusion.objects.aggregate(
            n=Count("pk"), keys=Sum("pk"), votes=Sum("vote")
        ),
        "test_raters": list(
            Rater.objects.filter(is_test=True).order_by("pk").values_list("pk", flat=True)
        ),
        "assignments": [
            tuple(map(str, row))
            for row in Assignment.objects.filter(hit__study=study)
            .values_list("state", "is_test")
            .annotate(Count("pk"), Sum("pk"), Max("submitted_at"))
            .order_by("state", "is_test")
        ],
        "hits": list(
            HIT.objects.filter(study=study)
            .values_list("state")
            .annotate(Count("pk"), Sum("pk"))
            .order_by("state")
        ),
        "images": images,
        "real_labels": RealLabel.objects.filter(
            image__gte=images["first"] or 0, image__lte=images["last"] or 0
        ).count(),
        "models": [tuple(map(str, model)) for model in models],
        "predictions": [
            Prediction.objects.filter(vision_model=key).aggregate(n=Count("pk"), on=Sum("image"))
            for key, _, _ in models
        ],
        **exposure_stand(study),
        **_attacks(study, [key for key, _, _ in models]),
        **_causes(study, [key for key, _, _ in models]),
    }


def _attacks(study: Study, models: list[int]) -> dict[str, object]:
    """What the error under attack is counted from besides; other figures do not read it."""
    if study.population != PopulationKind.FLIPPED:
        return {}
    of = Q(vision_model__in=models, image__image_set=study.image_set_id)
    stand = {"n": Count("pk"), "last": Max("pk"), "keys": Sum("pk"), "made": Max("created_at")}
    return {
        "attacks": AdversarialImage.objects.filter(of).aggregate(
            **stand,
            admitted=Count("pk", filter=Q(admitted=True)),
            flips=Count("steps_to_flip"),
            surviving=Count("pk", filter=Q(flip_survives=True)),
        ),
        "attention": AttentionImage.objects.filter(of).aggregate(**stand),
    }


def _causes(study: Study, models: list[int]) -> dict[str, object]:
    """What reports of sets, maps and boxes show besides votes: what compute made for them."""
    of = Q(vision_model__in=models, image__image_set=study.image_set_id)
    maps = SaliencyMap.objects.filter(of)
    tables: dict[str, dict[str, QuerySet[Any]]] = {
        PopulationKind.SETS: {
            "example_sets": ExampleSet.objects.filter(
                vision_model__in=models, image_set=study.image_set_id
            ),
            "attention": AttentionImage.objects.filter(of),
            "probes": ProbeResult.objects.filter(of),
        },
        PopulationKind.MAPPED: {"maps": maps},
        PopulationKind.BOXED: {
            "scores": RobustnessScore.objects.filter(saliency_map__in=maps),
            "boxes": Box.objects.filter(image__image_set=study.image_set_id),
        },
    }
    return {
        name: rows.aggregate(n=Count("pk"), last=Max("pk"), keys=Sum("pk"))
        for name, rows in tables.get(study.population, {}).items()
    }


def _fields(study: Study) -> dict[str, str]:
    """Every column of the study as the caller read it, for that is what its figures follow."""
    return {field.attname: str(getattr(study, field.attname)) for field in study._meta.fields}
