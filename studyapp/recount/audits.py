"""Both sides of the error, from data/audited.csv and data/decoys.csv."""

from __future__ import annotations

from typing import Any

import numpy as np

from studyapp.analytics import Verdict, audited_top1, proportion_ci
from studyapp.analytics.audited import corrected_by_decoys
from studyapp.recount.ledger import Ledger
from studyapp.recount.tables import rows_of


def recount_audit(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """What people say of wrong and of right predictions, and of decoys."""
    decoys = _decoys(ledger)
    rows: dict[str, list[dict[str, str]]] = {}
    for row in rows_of(ledger.folder, "audited"):
        rows.setdefault(row["model"], []).append(row)
    found = []
    for of in given["audit"]:
        own = rows[of["model"]]
        figures = audited_top1(
            np.array([row["is_right"] == "true" for row in own], dtype=np.bool_),
            question=ledger.places(row["question_id"] for row in own),
            verdicts=ledger.decided,
        )
        corrected = corrected_by_decoys(
            figures,
            n_decoys=decoys["n_asked"] - decoys["n_undecided"],
            n_accepted=decoys["n_accepted"],
        )
        found.append(
            {
                "model": of["model"],
                **figures.to_dict(),
                "corrected": corrected.to_dict() if corrected else None,
            }
        )
    return {"audit": found, "decoys": decoys}


def _decoys(ledger: Ledger) -> dict[str, Any]:
    question = ledger.places(row["question_id"] for row in rows_of(ledger.folder, "decoys"))
    code = ledger.decided.code[question[question >= 0]]
    accepted, undecided = (
        int(np.count_nonzero(code == verdict)) for verdict in (Verdict.ACCEPTED, Verdict.UNDECIDED)
    )
    decided = int(code.size) - undecided
    ci = proportion_ci(accepted, n=decided) if decided else None
    return {
        "n_drawn": int(question.size),
        "n_asked": int(code.size),
        "n_accepted": accepted,
        "n_undecided": undecided,
        "ci_low": ci.low if ci else None,
        "ci_high": ci.high if ci else None,
    }
