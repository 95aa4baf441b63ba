"""Pictures the rule accepts, as a share of those asked: data/maps.csv and data/boxed.csv."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from studyapp.analytics import Verdict, mcnemar, proportion_ci
from studyapp.analytics.families import holm_known
from studyapp.recount.ledger import Int64, Ledger
from studyapp.recount.tables import rows_of


def recount_maps(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """Of each model the right predictions judged to be right for the wrong reason."""
    rows: dict[str, list[dict[str, str]]] = {of["model"]: [] for of in given["models"]}
    for row in rows_of(ledger.folder, "maps"):
        rows[row["model"]].append(row)
    asked = {model: ledger.places(row["question_id"] for row in of) for model, of in rows.items()}
    return {
        "models": [
            {"model": model, **judged(questions, ledger)} for model, questions in asked.items()
        ],
        "contrasts": _contrasts(rows, asked, ledger),
    }


def recount_boxes(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """Of each class the boxes judged to mark what its name means, the lowest share first."""
    told = {of["class_index"]: of for of in given["classes"]}
    keys: dict[int, list[str]] = {index: [] for index in told}
    for row in rows_of(ledger.folder, "boxed"):
        keys[int(row["class_index"])].append(row["question_id"])
    asked = {index: ledger.places(of) for index, of in sorted(keys.items())}
    classes = [
        {
            "class_index": index,
            "class_name": told[index]["class_name"],
            "crs": told[index]["crs"],
            **judged(questions, ledger),
        }
        for index, questions in asked.items()
    ]
    classes.sort(key=lambda of: (of["share"] is None, of["share"], of["class_index"]))
    every = np.concatenate([np.empty(0, dtype=np.int64), *asked.values()])
    return {"all": judged(every, ledger), "classes": classes}


def judged(questions: Int64, ledger: Ledger) -> dict[str, Any]:
    """Pictures by the place of their question, -1 where nobody was asked."""
    code = ledger.decided.code[questions[questions >= 0]]
    n = int(code.size)
    accepted, rejected, undecided = (
        int(np.count_nonzero(code == verdict))
        for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNDECIDED)
    )
    ci = proportion_ci(accepted, n=n) if n else None
    return {
        "n_shown": int(questions.size),
        "n_asked": n,
        "n_accepted": accepted,
        "n_rejected": rejected,
        "n_undecided": undecided,
        "share": accepted / n if n else None,
        "ci_low": ci.low if ci else None,
        "ci_high": ci.high if ci else None,
        "bound_high": (accepted + undecided) / n if n else None,
    }


def _contrasts(
    rows: dict[str, list[dict[str, str]]], asked: dict[str, Int64], ledger: Ledger
) -> list[dict[str, Any]]:
    """Every two models on the pictures decided for both."""
    code = ledger.decided.code
    decided = {
        model: {
            row["sha256"]: bool(code[question] == Verdict.ACCEPTED)
            for row, question in zip(of, asked[model].tolist(), strict=True)
            if question >= 0 and code[question] != Verdict.UNDECIDED
        }
        for model, of in rows.items()
    }
    found = []
    for first, second in combinations(decided, 2):
        both = sorted(decided[first].keys() & decided[second].keys())
        if both:
            one, other = (
                np.array([decided[model][content] for content in both]) for model in (first, second)
            )
            found.append((first, second, mcnemar(one, other)))
    adjusted = holm_known([contrast.p for *_, contrast in found])
    return [
        {
            "first": first,
            "second": second,
            **contrast.to_dict(),
            "p_holm": p_holm,
        }
        for (first, second, contrast), p_holm in zip(found, adjusted, strict=True)
    ]
