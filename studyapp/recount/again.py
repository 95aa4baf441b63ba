"""What came of questions that were asked again for being undecided, counted anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from studyapp.analytics import Verdict, agreement_by_coding
from studyapp.recount.ledger import Ledger


def recount_again(ledger: Ledger) -> dict[str, Any] | None:
    """Of complete questions alone; None where none was."""
    again = ledger.asked_again & ledger.complete
    if not again.any():
        return None
    code, counts = ledger.decided.code, ledger.valid.counts3()
    full = ledger.complete & (counts.sum(axis=1) >= ledger.rule.n)
    lacking = ledger.complete & ~full & ~again
    accepted, rejected, undecided = (
        int(np.count_nonzero(code[again] == verdict))
        for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNDECIDED)
    )
    everything, others = (
        agreement_by_coding(counts[of])[0].percent_agreement for of in (full, full & ~again)
    )
    return {
        "n_questions": int(np.count_nonzero(again)),
        "n_accepted": accepted,
        "n_rejected": rejected,
        "n_undecided": undecided,
        "n_left": int(np.count_nonzero(lacking & (code != Verdict.UNDECIDED))),
        "n_full": int(np.count_nonzero(full)),
        "n_full_again": int(np.count_nonzero(full & again)),
        "full_agreement": everything,
        "full_agreement_without": others,
    }
