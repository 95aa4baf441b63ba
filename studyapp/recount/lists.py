"""Rectified top-5 errors, from data/lists.csv."""

from __future__ import annotations

from typing import Any

import numpy as np

from studyapp.analytics import Answer, Verdicts, Votes, accept_any_class, verdicts
from studyapp.analytics.top5 import LISTED, rectified_top5
from studyapp.recount.ledger import Ledger
from studyapp.recount.tables import RecountError, rows_of

_CODES = {"yes": Answer.YES, "no": Answer.NO, "unsure": Answer.UNSURE}


def recount_lists(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """Each model under each protocol, by the form of the question."""
    lists: dict[str, list[dict[str, str]]] = {}
    for row in rows_of(ledger.folder, "lists"):
        lists.setdefault(row["model"], []).append(row)
    decided = {"any_class": _any_class(ledger)} if given["kind"] == "five_relevance" else {}
    found = []
    for of in given["top5"]:
        rows = lists[of["model"]]
        figures = rectified_top5(
            [int(row["rank_of_truth"]) for row in rows],
            question5=ledger.places(row["question_id"] for row in rows),
            verdicts5=decided.get(of["form"], ledger.decided),
            protocol=of["protocol"],
            form="list" if of["form"] == "list" else "five",
        )
        found.append({"model": of["model"], **figures.to_dict(), "form": of["form"]})
    return {"top5": found}


def _any_class(ledger: Ledger) -> Verdicts:
    """The verdict on each list from those on its five classes."""
    votes = ledger.valid
    answers = [_answers(ledger.raw[vote]) for vote in np.flatnonzero(ledger.keep).tolist()]
    question = votes.question[:, None].astype(np.int64) * LISTED + np.arange(LISTED)
    of_classes = Votes.from_columns(
        question.ravel(),
        rater=np.repeat(votes.rater, LISTED),
        answer=np.array(answers, dtype=np.int8).ravel(),
        order=np.repeat(votes.order, LISTED),
        n_questions=votes.n_questions * LISTED,
        n_raters=votes.n_raters,
    )
    lists = np.arange(votes.n_questions * LISTED).reshape(-1, LISTED)
    return accept_any_class(verdicts(of_classes, rule=ledger.rule), lists=lists)


def _answers(raw: str) -> list[Answer]:
    answers = [_CODES.get(part) for part in raw.split()]
    known = [answer for answer in answers if answer is not None]
    if len(known) != LISTED or len(answers) != LISTED:
        raise RecountError(f"Column answer_raw holds {raw!r}, which is no answer to five classes.")
    return known
