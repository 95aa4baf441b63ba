"""Rectify models with votes that are there already: how far they reach, and what is left to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from studyapp.analytics import RealAccuracy, Rectified, Rule, Verdicts, rectified_top1
from studyapp.analytics.coverage import Coverage, coverage
from studyapp.analytics.results import SCHEMA_VERSION, JSONValue, plain
from studyapp.cost import Cost, estimate_cost


@dataclass(frozen=True, eq=False)
class ModelOnImages:
    """One model on the L labelled images it has a prediction for.

    image: int64[L], any number per image; top1: int64[L], any number per class; correct: bool[L].
    question: int32[L], the question of the verdicts about this image and class, -1 where nobody
    was asked. real: over the images that have right labels. n_without_prediction: labelled images.
    """

    name: str
    image: npt.NDArray[np.int64]
    top1: npt.NDArray[np.int64]
    correct: npt.NDArray[np.bool_]
    question: npt.NDArray[np.int32]
    real: RealAccuracy
    n_without_prediction: int


@dataclass(frozen=True)
class Offer:
    """How people would be asked about what is not covered."""

    trials_per_hit: int = 10
    raters_per_trial: int = 5
    reward: Decimal = Decimal("0.10")

    def cost(self, trials: int) -> Cost:
        return estimate_cost(
            trials=trials,
            trials_per_hit=self.trials_per_hit,
            raters_per_trial=self.raters_per_trial,
            reward=self.reward,
        )


@dataclass(frozen=True)
class RectifiedModel:
    """Figures and coverage of one model (None without images), and the price of its own gaps."""

    model: str
    n_without_prediction: int
    figures: Rectified | None
    coverage: Coverage | None
    real: RealAccuracy
    cost: Cost


@dataclass(frozen=True, eq=False)
class Uncovered:
    """The P pairs of an image and a class that some model predicts wrongly and nobody judged.

    image, label_class: int64[P], sorted by image, then class. made_by: bool[P, M], the models.
    """

    image: npt.NDArray[np.int64]
    label_class: npt.NDArray[np.int64]
    made_by: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return self.image.size


@dataclass(frozen=True, eq=False)
class RectifyReport:
    """What the votes say of every model, and what they leave open."""

    rule: Rule
    n_labelled: int
    n_votes: int
    n_valid: int
    n_raters: int
    n_questions: int
    models: tuple[RectifiedModel, ...]
    uncovered: Uncovered
    cost: Cost

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe; the keys of a model are those of a study's report, and its coverage's."""
        return {
            "schema_version": SCHEMA_VERSION,
            "rule": plain(asdict(self.rule)),
            "n_labelled": self.n_labelled,
            "n_votes": self.n_votes,
            "n_valid": self.n_valid,
            "n_raters": self.n_raters,
            "n_questions": self.n_questions,
            "n_uncovered": len(self.uncovered),
            "cost": _cost(self.cost),
            "models": [_model(model) for model in self.models],
        }


def rectify(
    models: Sequence[ModelOnImages],
    *,
    verdicts: Verdicts,
    offer: Offer,
    n_labelled: int,
    n_votes: int,
    n_valid: int,
    n_raters: int,
) -> RectifyReport:
    """The figures of every model under the verdicts of the votes at hand."""
    uncovered = _uncovered(models)
    return RectifyReport(
        rule=verdicts.rule,
        n_labelled=n_labelled,
        n_votes=n_votes,
        n_valid=n_valid,
        n_raters=n_raters,
        n_questions=len(verdicts),
        models=tuple(_of_model(model, verdicts=verdicts, offer=offer) for model in models),
        uncovered=uncovered,
        cost=offer.cost(len(uncovered)),
    )


def _of_model(model: ModelOnImages, *, verdicts: Verdicts, offer: Offer) -> RectifiedModel:
    figures = (
        rectified_top1(model.correct, question=model.question, verdicts=verdicts)
        if model.image.size
        else None
    )
    return RectifiedModel(
        model=model.name,
        n_without_prediction=model.n_without_prediction,
        figures=figures,
        coverage=coverage(figures) if figures else None,
        real=model.real,
        cost=offer.cost(figures.n_unasked if figures else 0),
    )


def _uncovered(models: Sequence[ModelOnImages]) -> Uncovered:
    """Models that make the same mistake share the pair, as they would share the trial."""
    gaps = [~model.correct & (model.question < 0) for model in models]
    pairs = [
        np.column_stack((model.image[gap], model.top1[gap]))
        for model, gap in zip(models, gaps, strict=True)
    ]
    sizes = [len(rows) for rows in pairs]
    every = np.concatenate([np.empty((0, 2), dtype=np.int64), *pairs])
    found, place = np.unique(every, axis=0, return_inverse=True)
    made_by = np.zeros((len(found), len(models)), dtype=np.bool_)
    made_by[place.reshape(-1), np.repeat(np.arange(len(models)), sizes)] = True
    return Uncovered(image=found[:, 0], label_class=found[:, 1], made_by=made_by)


def _cost(cost: Cost) -> JSONValue:
    """Amounts as text: money is no binary fraction."""
    return {
        "trials": cost.trials,
        "hits": cost.hits,
        "assignments": cost.assignments,
        "rewards_usd": f"{cost.rewards:.2f}",
        "fees_usd": f"{cost.fees:.2f}",
        "total_usd": f"{cost.total:.2f}",
    }


def _model(model: RectifiedModel) -> JSONValue:
    figures = model.figures.to_dict() if model.figures else {}
    cover = model.coverage.to_dict() if model.coverage else {}
    return {
        "model": model.model,
        "n_without_prediction": model.n_without_prediction,
        **{key: value for key, value in figures.items() if key != "schema_version"},
        "covered_share": cover.get("covered_share"),
        "rectified_like_asked": cover.get("rectified_like_asked"),
        "bound_low_unasked": cover.get("bound_low"),
        "bound_high_unasked": cover.get("bound_high"),
        "real_accuracy": model.real.accuracy,
        "n_real": model.real.n_images,
        "n_real_correct": model.real.n_correct,
        "cost": _cost(model.cost),
    }
