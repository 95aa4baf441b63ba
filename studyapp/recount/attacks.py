"""Errors under attack, from data/attacked.csv."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Verdict, mcnemar, rectified_adversarial
from studyapp.recount.ledger import Ledger
from studyapp.recount.tables import rows_of


@dataclass(frozen=True, eq=False)
class _Arm:
    before: npt.NDArray[np.bool_]
    after: npt.NDArray[np.bool_]
    question: npt.NDArray[np.int64]


def recount_attacks(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """Each model in each condition over both bases, and the conditions against each other."""
    arms = _arms(ledger)
    return {
        "adversarial": [_figures(of, arms, ledger) for of in given["adversarial"]],
        "contrasts": [_contrast(of, arms, ledger) for of in given["contrasts"]],
    }


def _arms(ledger: Ledger) -> dict[tuple[str, str], _Arm]:
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows_of(ledger.folder, "attacked"):
        rows.setdefault((row["model"], row["condition"]), []).append(row)
    return {
        name: _Arm(
            before=np.array([row["right_before"] == "true" for row in of], dtype=np.bool_),
            after=np.array([row["right_after"] == "true" for row in of], dtype=np.bool_),
            question=ledger.places(row["question_id"] for row in of),
        )
        for name, of in rows.items()
    }


def _figures(
    of: dict[str, Any], arms: dict[tuple[str, str], _Arm], ledger: Ledger
) -> dict[str, Any]:
    arm = arms[of["model"], of["condition"]]
    figures = rectified_adversarial(
        arm.before,
        adv_correct=arm.after,
        question=arm.question,
        verdicts=ledger.decided,
        over=of["rectified_over"],
        unasked=of["unasked"],
    )
    told = {name: of[name] for name in ("n_not_attacked", "n_not_surviving")}
    return {"model": of["model"], "condition": of["condition"], **figures.to_dict(), **told}


def _contrast(
    of: dict[str, Any], arms: dict[tuple[str, str], _Arm], ledger: Ledger
) -> dict[str, Any]:
    """On the images that are decided in both conditions, of which the tables hold the same."""
    first, second = (arms[of["model"], of[name]].question for name in ("first", "second"))
    code = ledger.decided.code
    both = np.flatnonzero((first >= 0) & (second >= 0))
    both = both[
        (code[first[both]] != Verdict.UNDECIDED) & (code[second[both]] != Verdict.UNDECIDED)
    ]
    one, other = (code[rows[both]] == Verdict.ACCEPTED for rows in (first, second))
    return {
        "model": of["model"],
        "first": of["first"],
        "second": of["second"],
        "yes_to_no": int(np.count_nonzero(one & ~other)),
        "no_to_yes": int(np.count_nonzero(~one & other)),
        **mcnemar(other, one).to_dict(),
    }
