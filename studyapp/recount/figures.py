"""Every figure that the votes decide, counted from the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    Exclusion,
    ExclusionReason,
    Rule,
    Votes,
    agreement_by_coding,
    bootstrap_rectified_top1,
    real_accuracy,
    rectified_top1,
)
from studyapp.analytics.results import JSONValue, plain
from studyapp.recount.again import recount_again
from studyapp.recount.analyses import blanked_analyses, recount_analyses
from studyapp.recount.choices import blanked_choices, recount_choices
from studyapp.recount.labelled import Labelled, labelled_of
from studyapp.recount.ledger import Ledger, read_ledger, rows_of_keys
from studyapp.recount.pairs import blanked_pairs, recount_pairs
from studyapp.recount.part import blanked_part, recount_part
from studyapp.recount.tables import (
    FirstPredictions,
    Images,
    RecountError,
    read_images,
    read_predictions,
)

#: What is told and not counted: the report with a null for every figure that is counted here.
GIVEN = Path("protocol") / "given.json"

_OF_MODELS = (
    "n_errors", "n_asked", "n_accepted", "n_rejected", "n_undecided", "n_unasked", "top1_error",
    "rectified_top1_error", "ci_low", "ci_high", "bound_low", "bound_high", "accepted_share",
    "mean_yes_share", "by_yes", "by_yes_incomplete",
)  # fmt: skip

#: Told of questions that were asked of all raters in any case.
_OF_COMPLETE = ("mean_yes_share", "by_yes", "by_yes_incomplete")


def recount(folder: Path) -> dict[str, Any]:
    """The report of the archive in `folder`: what is given, and every figure counted anew."""
    given = _given(folder)
    protocol = given["protocol"]
    rule = Rule(k=protocol["accept_at"], n=protocol["raters_per_trial"], unsure=protocol["unsure"])
    window = (protocol["seconds_min"], protocol["seconds_max"])
    ledger = read_ledger(folder, rule=rule, window=window)
    images = read_images(folder)
    predictions = read_predictions(folder, images=images)
    asked = {name: rows_of_keys(ledger.questions, of.question) for name, of in predictions.items()}
    models = {
        name: labelled_of(of, places=asked[name], images=images) for name, of in predictions.items()
    }
    names = [model["model"] for model in given["models"]]
    valid, whole = ledger.valid, ledger.complete[ledger.valid.question]
    counted = {
        "data": _data(images, valid, list(asked.values()))
        | {"n_questions_complete": int(np.count_nonzero(ledger.complete))},
        "votes": _votes(ledger.exclusion, valid),
        "raters": _raters(ledger.rows["rater"], valid),
        "models": [
            _model(models.get(name), ledger, images, protocol)
            | _real(predictions.get(name), images)
            for name in names
        ],
        "agreement": [
            {key: value for key, value in of.to_dict().items() if key != "schema_version"}
            for of in agreement_by_coding(valid.valid(whole).counts3())
        ],
        "sensitivity": recount_choices(given["sensitivity"], ledger, models),
        "comparisons": recount_pairs(
            given["comparisons"], names=names, models=models, decided=ledger.decided
        ),
        "analyses": recount_analyses(given["analyses"], ledger, models),
        "asked_again": recount_again(ledger),
    }
    if given["part"] is not None:
        given["part"] = recount_part(given["part"], ledger)
    report = _laid_over(given, counted)
    if not isinstance(report, dict):
        raise RecountError(f"{folder / GIVEN}: this is no report. Unpack the archive again.")
    return report


def blanked(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with a null for each figure that `recount` counts; the keys keep their order."""
    blank = dict(report) | {"agreement": None, "raters": dict.fromkeys(report["raters"])}
    counted_votes = ("n_votes", "n_valid", "n_excluded", "n_yes", "n_no", "n_unsure")
    blank["votes"] = report["votes"] | dict.fromkeys(counted_votes)
    blank["votes"]["excluded"] = [row | {"n_votes": None} for row in report["votes"]["excluded"]]
    blank["data"] = report["data"] | dict.fromkeys(
        ("n_images", "n_labelled", "n_real_labelled", "n_questions",
         "n_questions_with_valid_votes", "n_questions_complete", "n_questions_of_models")
    )  # fmt: skip
    of_models = dict.fromkeys(
        ("n_images", "n_without_prediction", *_OF_MODELS, "real_accuracy", "n_real",
         "n_real_correct", "resampled")
    )  # fmt: skip
    blank["models"] = [model | of_models for model in report["models"]]
    blank["sensitivity"] = blanked_choices(report["sensitivity"])
    blank["comparisons"] = blanked_pairs(report["comparisons"])
    blank["analyses"] = blanked_analyses(report["analyses"])
    blank["asked_again"] = report["asked_again"] and dict.fromkeys(report["asked_again"])
    blank["part"] = blanked_part(report["part"])
    return blank


def json_text(value: Mapping[str, object]) -> str:
    """JSON for people too: indented, in the order given, letters as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _given(folder: Path) -> dict[str, Any]:
    try:
        given: dict[str, Any] = json.loads((folder / GIVEN).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RecountError(f"{folder / GIVEN}: {error}. Unpack the archive again.") from error
    return given


def _data(images: Images, valid: Votes, asked: list[npt.NDArray[np.int64]]) -> dict[str, int]:
    of_models = np.unique(np.concatenate([rows[rows >= 0] for rows in asked])) if asked else ()
    return {
        "n_images": len(images.rows),
        "n_labelled": int(np.count_nonzero(images.label >= 0)),
        "n_real_labelled": sum(bool(labels) for labels in images.real),
        "n_questions": valid.n_questions,
        "n_questions_with_valid_votes": int(np.unique(valid.question).size),
        "n_questions_of_models": len(of_models),
    }


def _votes(exclusion: Exclusion, valid: Votes) -> dict[str, object]:
    n_yes, n_no, n_unsure = (int(n) for n in valid.counts3().sum(axis=0))
    counts = exclusion.counts
    return {
        "n_votes": exclusion.keep.size,
        "n_valid": len(valid),
        "n_excluded": sum(counts.values()),
        "excluded": [{"n_votes": counts[reason]} for reason in ExclusionReason],
        "n_yes": n_yes,
        "n_no": n_no,
        "n_unsure": n_unsure,
    }


def _raters(rater: npt.NDArray[np.int64], valid: Votes) -> dict[str, object]:
    per_rater = np.bincount(valid.rater)
    per_rater = per_rater[per_rater > 0]
    some = bool(per_rater.size)
    return {
        "n_raters": int(np.unique(rater).size),
        "n_raters_valid": per_rater.size,
        "votes_per_rater_min": int(per_rater.min()) if some else None,
        "votes_per_rater_median": float(np.median(per_rater)) if some else None,
        "votes_per_rater_max": int(per_rater.max()) if some else None,
    }


def _model(
    of: Labelled | None, ledger: Ledger, images: Images, protocol: dict[str, Any]
) -> dict[str, object]:
    n_labelled = int(np.count_nonzero(images.label >= 0))
    counted: dict[str, object] = dict.fromkeys(_OF_MODELS) | {
        name: 0 for name in _OF_MODELS if name.startswith("n_")
    }
    counted |= {"by_yes": [0] * (ledger.rule.n + 1), "by_yes_incomplete": 0, "resampled": None}
    n_images = 0 if of is None else int(of.row.size)
    if of is not None and n_images:
        decided = ledger.decided
        figures = rectified_top1(of.correct, question=of.question, verdicts=decided).to_dict()
        counted |= {name: figures[name] for name in _OF_MODELS}
        if protocol["vote_groups"]:
            # Votes that were not asked for cannot be weighted, and say nothing of those asked for.
            whole = np.where((of.question >= 0) & ledger.complete[of.question], of.question, -1)
            shown = rectified_top1(of.correct, question=whole, verdicts=decided).to_dict()
            counted |= {name: shown[name] for name in _OF_COMPLETE}
        else:
            counted["resampled"] = _resampled(of, ledger, seed=protocol["seed"])
    return counted | {"n_images": n_images, "n_without_prediction": n_labelled - n_images}


def _resampled(of: Labelled, ledger: Ledger, *, seed: int) -> JSONValue:
    """With the same seed for every model."""
    return plain(
        asdict(
            bootstrap_rectified_top1(
                ledger.valid,
                correct=of.correct,
                question=of.question,
                rule=ledger.rule,
                rng=np.random.default_rng(seed),
            )
        )
    )


def _real(of: FirstPredictions | None, images: Images) -> dict[str, object]:
    """Over every predicted image with right labels, whether or not it has an annotated one."""
    if of is None:
        return {"real_accuracy": None, "n_real": 0, "n_real_correct": 0}
    labels = [images.real[row] for row in of.row.tolist()]
    ends = np.concatenate(([0], np.cumsum([len(part) for part in labels]))).astype(np.int64)
    flat = np.array([index for part in labels for index in part], dtype=np.int64)
    real = real_accuracy(of.top1, indptr=ends, indices=flat)
    return {
        "real_accuracy": real.accuracy,
        "n_real": real.n_images,
        "n_real_correct": real.n_correct,
    }


def _laid_over(given: Any, counted: Any) -> Any:
    """`given` with the figures that were counted in their places."""
    if isinstance(given, dict) and isinstance(counted, dict):
        return given | {key: _laid_over(given.get(key), value) for key, value in counted.items()}
    if isinstance(given, list) and isinstance(counted, list):
        return [_laid_over(*pair) for pair in zip(given, counted, strict=True)]
    return counted
