"""Rectify models with a ledger that is in the database: the same report as from files."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from studyapp.analytics import real_accuracy
from studyapp.analytics.multilabel import labels_of
from studyapp.models import Study
from studyapp.reports.analysis import Analysis, ModelAnalysis, analyse_study
from studyapp.reports.rectify import ModelOnImages, Offer, RectifyReport, rectify


def rectify_study(
    ledger: Study,
    *,
    accept: int | None = None,
    unsure: str | None = None,
    models: Collection[str] | None = None,
) -> RectifyReport:
    """The figures of the named models (None: of all with predictions on the ledger's images).

    Images and classes of the uncovered pairs are primary keys. Raises InputError for a rule that
    cannot be.
    """
    analysis = analyse_study(ledger, accept=accept, unsure=unsure)
    offer = Offer(
        trials_per_hit=ledger.trials_per_hit,
        raters_per_trial=ledger.raters_per_trial,
        reward=ledger.reward,
    )
    return rectify(
        [
            _on_images(model, analysis)
            for model in analysis.models
            if models is None or model.name in models
        ],
        verdicts=analysis.verdicts,
        offer=offer,
        n_labelled=int(np.count_nonzero(analysis.images.label)),
        n_votes=len(analysis.votes),
        n_valid=len(analysis.valid),
        n_raters=analysis.votes.raters.size,
    )


def _on_images(model: ModelAnalysis, analysis: Analysis) -> ModelOnImages:
    images, predictions = analysis.images, model.predictions
    ends, reals = labels_of(predictions.row, indptr=images.real_ends, indices=images.real_labels)
    return ModelOnImages(
        name=model.name,
        image=images.image[model.row],
        top1=model.top1,
        correct=model.correct,
        question=model.question,
        real=real_accuracy(predictions.top1, indptr=ends, indices=reals),
        n_without_prediction=int(np.count_nonzero(images.label)) - model.row.size,
    )
