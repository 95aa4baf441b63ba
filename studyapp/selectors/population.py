"""How large a study's population is, and the mistakes of its models."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from studyapp.cost import Costs, cost_of_hits
from studyapp.models import Prediction, Study, Trial, Vote
from studyapp.selectors.populations import PopulationSize, population_of
from studyapp.turns import read_groups, split, told
from studyapp.vocabulary import Allocation


@dataclass(frozen=True, eq=False)
class MistakeTable:
    """Each (image, predicted class) pair once, and which models predict it.

    image, predicted: int64[P], primary keys of Image and LabelClass, sorted by image, then
    class. has_file: bool[P]. models: int64[M], primary keys of the study's models, ascending.
    made_by: bool[P, M].
    """

    image: npt.NDArray[np.int64]
    predicted: npt.NDArray[np.int64]
    has_file: npt.NDArray[np.bool_]
    models: npt.NDArray[np.int64]
    made_by: npt.NDArray[np.bool_]


def mistakes(study: Study) -> QuerySet[Prediction]:
    """Predictions of the study's models whose first class is not the annotated one.

    Without those that people judged in the study of imported votes that this one leaves out.
    """
    wrong = Prediction.objects.filter(
        vision_model__in=study.vision_models.all(),
        image__image_set=study.image_set_id,
        image__label__isnull=False,
    ).exclude(top1=F("image__label"))
    if study.leaves_out_id is None:
        return wrong
    judged = Vote.objects.filter(
        study=study.leaves_out_id,
        question__stimulus__image=OuterRef("image"),
        question__label_class=OuterRef("top1"),
    )
    return wrong.exclude(Exists(judged))


def population_size(study: Study) -> PopulationSize:
    """Images in the population, those that can be shown, and the trials they make."""
    return population_of(study).size(study)


def mistakes_size(study: Study) -> PopulationSize:
    """The mistakes as a population: a trial for each picture and predicted class."""
    has_file = Q(image__content_hash__isnull=False)
    counted = mistakes(study).aggregate(
        images=Count("image", distinct=True),
        showable=Count("image", distinct=True, filter=has_file),
    )
    pairs = mistakes(study).filter(has_file).values("image__content_hash", "top1").distinct()
    return PopulationSize(
        images=counted["images"], showable=counted["showable"], pairs=pairs.count()
    )


def mistake_table(study: Study) -> MistakeTable:
    """The mistakes as arrays, for reports."""
    rows = list(mistakes(study).values_list("image", "top1", "vision_model", "image__content_hash"))
    keys = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
    models = np.array(sorted(study.vision_models.values_list("pk", flat=True)), dtype=np.int64)
    pairs, first, place = np.unique(keys[:, :2], axis=0, return_index=True, return_inverse=True)
    made_by = np.zeros((len(pairs), len(models)), dtype=np.bool_)
    made_by[place.reshape(-1), np.searchsorted(models, keys[:, 2])] = True
    has_file = np.array([rows[row][3] is not None for row in first], dtype=np.bool_)
    return MistakeTable(
        image=pairs[:, 0], predicted=pairs[:, 1], has_file=has_file, models=models, made_by=made_by
    )


def study_cost(study: Study) -> Costs:
    """What publishing the whole study costs, before or after its trials are built.

    Asked in groups, this is the most it comes to as long as no HIT goes out half empty.
    """
    lots = _trials_by_lots(study)
    groups = read_groups(study.vote_groups, raters=study.raters_per_trial)
    parts = Counter(split(study.raters_per_hit, most=study.most_raters_per_hit))
    at_once = [
        cost_of_hits(
            sum(-(-trials // study.trials_per_hit) for trials in lots),
            trials=sum(lots),
            raters_per_hit=raters,
            reward=study.reward,
            fees=study.fees,
        )
        for raters, times in sorted(parts.items(), reverse=True)
        for _ in range(times)
    ]
    if not groups:
        return Costs(tuple(at_once))
    note = (
        f"At most, for votes are asked for in groups of {told(groups)}: the later ones only where "
        f"the first leave it open. {study.complete_share:.1%} of the trials get all votes"
    )
    return Costs(tuple(at_once), note=note)


def _trials_by_lots(study: Study) -> list[int]:
    """Trials that share lots: those of a condition; where each rater sees one, of all at once."""
    built = Counter(
        Trial.objects.filter(condition__study=study, known_answer="").values_list(
            "condition", flat=True
        )
        if study.frozen
        else ()
    )
    if built:
        counts = list(built.values())
        return [max(counts)] if study.allocation == Allocation.ONE else counts
    size = population_size(study)
    if size.of_one is None:
        return [size.pairs]
    if study.allocation == Allocation.ONE:
        return [size.of_one]
    others = max(study.conditions.count() - 1, 0)
    rest = size.pairs - size.of_one
    return [size.of_one, *(rest // others + (place < rest % others) for place in range(others))]
