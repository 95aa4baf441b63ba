"""Every figure that the votes decide, counted from the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    Exclusion,
    ExclusionReason,
    Rule,
    Verdicts,
    Votes,
    agreement_by_coding,
    real_accuracy,
    rectified_top1,
    verdicts,
)
from studyapp.recount.analyses import blanked_analyses, recount_analyses
from studyapp.recount.ledger import Ledger, exclusion_of, rows_of_keys
from studyapp.recount.part import blanked_part, recount_part
from studyapp.recount.tables import (
    FirstPredictions,
    Images,
    RecountError,
    read_complete,
    read_images,
    read_predictions,
    read_questions,
    read_votes,
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
    questions, rows, images = read_questions(folder), read_votes(folder), read_images(folder)
    complete = read_complete(folder)
    row = rows_of_keys(questions, rows["question"])
    window = (protocol["seconds_min"], protocol["seconds_max"])
    exclusion = exclusion_of(rows, row, window=window, n=rule.n)

    def kept(keep: npt.NDArray[np.bool_]) -> Votes:
        return Votes.from_columns(
            row[keep],
            rater=rows["rater"][keep],
            answer=rows["answer"][keep],
            order=np.flatnonzero(keep),
            n_questions=questions.size,
        )

    valid = kept(exclusion.keep)
    decided = verdicts(valid, rule=rule)
    predictions = read_predictions(folder, images=images)
    asked = {name: rows_of_keys(questions, of.question) for name, of in predictions.items()}
    counted = {
        "data": _data(images, valid, list(asked.values()))
        | {"n_questions_complete": int(np.count_nonzero(complete))},
        "votes": _votes(exclusion, valid),
        "raters": _raters(rows["rater"], valid),
        "models": [
            _model(predictions.get(name), asked.get(name), images, decided, complete)
            for name in (model["model"] for model in given["models"])
        ],
        "agreement": [
            {key: value for key, value in of.to_dict().items() if key != "schema_version"}
            for of in agreement_by_coding(valid.valid(complete[valid.question]).counts3())
        ],
        "analyses": recount_analyses(
            given["analyses"],
            n=rule.n,
            valid_under=lambda window: kept(exclusion_of(rows, row, window=window, n=rule.n).keep),
            asked={
                name: _labelled(of, asked=asked[name], images=images)
                for name, of in predictions.items()
            },
        ),
    }
    if given["part"] is not None:
        ledger = Ledger(
            folder=folder,
            rule=rule,
            window=window,
            questions=questions,
            rows=rows,
            row=row,
            keep=exclusion.keep,
            valid=valid,
            decided=decided,
        )
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
         "n_real_correct")
    )  # fmt: skip
    blank["models"] = [model | of_models for model in report["models"]]
    blank["analyses"] = blanked_analyses(report["analyses"])
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
    of: FirstPredictions | None,
    asked: npt.NDArray[np.int64] | None,
    images: Images,
    decided: Verdicts,
    complete: npt.NDArray[np.bool_],
) -> dict[str, object]:
    n_labelled = int(np.count_nonzero(images.label >= 0))
    counted: dict[str, object] = dict.fromkeys(_OF_MODELS) | {
        name: 0 for name in _OF_MODELS if name.startswith("n_")
    }
    counted |= {"by_yes": [0] * (decided.rule.n + 1), "by_yes_incomplete": 0}
    if of is None or asked is None:
        none = {"real_accuracy": None, "n_real": 0, "n_real_correct": 0}
        return counted | {"n_images": 0, "n_without_prediction": n_labelled} | none
    correct, question = _labelled(of, asked=asked, images=images)
    if correct.size:
        figures = rectified_top1(correct, question=question, verdicts=decided).to_dict()
        counted = {name: figures[name] for name in _OF_MODELS}
        if not complete.all():
            whole = np.where((question >= 0) & complete[question], question, -1)
            shown = rectified_top1(correct, question=whole, verdicts=decided).to_dict()
            counted |= {name: shown[name] for name in _OF_COMPLETE}
    return (
        counted
        | {"n_images": int(correct.size), "n_without_prediction": n_labelled - int(correct.size)}
        | _real(of, images)
    )


def _labelled(
    of: FirstPredictions, *, asked: npt.NDArray[np.int64], images: Images
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """bool[L] correct and int64[L] question, of the predictions on labelled images."""
    labelled = images.label[of.row] >= 0
    return images.label[of.row[labelled]] == of.top1[labelled], asked[labelled]


def _real(of: FirstPredictions, images: Images) -> dict[str, object]:
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
