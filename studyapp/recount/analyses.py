"""The analyses that were named later, counted anew from the same tables."""

from __future__ import annotations

from typing import Any

from studyapp.analytics import Rule, Verdicts, rectified_top1, verdicts
from studyapp.recount.labelled import Labelled, OfModels
from studyapp.recount.ledger import Ledger

_COUNTED = (
    "n_images", "n_accepted", "n_undecided", "rectified_top1_error", "ci_low", "ci_high",
)  # fmt: skip


def recount_analyses(
    given: list[dict[str, Any]], ledger: Ledger, models: OfModels
) -> list[dict[str, Any]]:
    """The figures of each analysis that `given` names, in its order."""
    counted = []
    for one in given:
        valid = ledger.valid_under((one["seconds_min"], one["seconds_max"]))
        rule = Rule(k=one["accept_at"], n=ledger.rule.n, unsure=one["unsure"])
        decided = verdicts(valid, rule=rule)
        told = [_model(models[of["model"]], decided) for of in one["models"]]
        counted.append({"n_votes": len(valid), "models": told})
    return counted


def blanked_analyses(analyses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The analyses with a null for each figure that `recount_analyses` counts."""
    blank = dict.fromkeys(_COUNTED)
    return [
        one | {"n_votes": None, "models": [of | blank for of in one["models"]]} for one in analyses
    ]


def _model(of: Labelled, decided: Verdicts) -> dict[str, Any]:
    figures = rectified_top1(of.correct, question=of.question, verdicts=decided).to_dict()
    return {key: figures[key] for key in _COUNTED}
