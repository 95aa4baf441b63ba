"""Success at finding the target's group, from the votes of each condition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    Answer,
    ColumnError,
    Window,
    assignment_summary,
    cluster_contrast,
    homogeneity,
    two_proportions,
)
from studyapp.analytics.assignment import CHANCE, ConditionRow
from studyapp.analytics.clustering import by_first_seen
from studyapp.analytics.families import holm_known
from studyapp.analytics.windows import outside
from studyapp.recount.ledger import Ledger, exclusion_of

#: What a given row has of its window.
_Key = tuple[float | None, float | None]


def recount_matches(given: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """Conditions under every window that is given, those of the report's window against each
    other."""
    names = list(dict.fromkeys(of["condition"] for of in given["conditions"]))
    answers = _Answers(ledger, names)
    by_window: dict[_Key, dict[str, ConditionRow]] = {}
    rows = []
    for of in given["conditions"]:
        window = (of["window_low"], of["window_high"])
        if window not in by_window:
            by_window[window] = answers.summary(window)
        found = by_window[window].get(of["condition"])
        rows.append(of if found is None else {**found.to_dict(), "condition": of["condition"]})
    own = by_window.get(ledger.window, {})
    counted = [row for row in own.values() if row.n]
    alike = (
        homogeneity([row.successes for row in counted], n=[row.n for row in counted])
        if len(counted) > 1
        else None
    )
    return {
        "conditions": rows,
        "contrasts": _contrasts(given["contrasts"], own, answers),
        "homogeneity": alike.to_dict() if alike else None,
    }


class _Answers:
    """The votes of the conditions that may count under some window."""

    def __init__(self, ledger: Ledger, names: list[str]) -> None:
        number = {name: place for place, name in enumerate(names)}
        condition = np.array([number.get(name, -1) for name in ledger.condition], dtype=np.int64)
        any_time = exclusion_of(ledger.rows, ledger.row, window=(None, None), n=None)
        self.ledger, self.names = ledger, names
        self.kept = np.flatnonzero(any_time.keep & (condition >= 0))
        self.condition = condition[self.kept]
        self.success = ledger.rows["answer"][self.kept] == Answer.YES
        self.rater = ledger.rows["rater"][self.kept]
        self.seconds = ledger.rows["seconds"][self.kept]

    def in_turn(self, window: Window) -> npt.NDArray[np.bool_]:
        """Inside the window, and among the first of their question that are."""
        ledger = self.ledger
        found = exclusion_of(ledger.rows, ledger.row, window=window, n=ledger.rule.n)
        return found.keep[self.kept]

    def summary(self, window: Window) -> dict[str, ConditionRow]:
        too_fast, too_slow = outside(self.seconds, window=window)
        told = self.in_turn(window) | too_fast | too_slow
        if not told.any():
            return {}
        found = assignment_summary(
            self.success[told],
            condition=self.condition[told],
            rater=self.rater[told],
            seconds=self.seconds[told],
            windows=[window],
            chance=CHANCE,
        )
        return {self.names[row.condition]: row for row in found}


def _contrasts(
    given: list[dict[str, Any]], own: dict[str, ConditionRow], answers: _Answers
) -> list[dict[str, Any]]:
    found = []
    for of in given:
        one, other = own[of["first"]], own[of["second"]]
        found.append(two_proportions(one.successes, n1=one.n, k2=other.successes, n2=other.n))
    adjusted = holm_known([contrast.p for contrast in found])
    counted = np.flatnonzero(answers.in_turn(answers.ledger.window))
    return [
        {
            "first": of["first"],
            "second": of["second"],
            **contrast.to_dict(),
            "p_holm": p_holm,
            "clustered": _clustered(
                answers, counted, (own[of["first"]].condition, own[of["second"]].condition)
            ),
        }
        for of, contrast, p_holm in zip(given, found, adjusted, strict=True)
    ]


def _clustered(
    answers: _Answers, counted: npt.NDArray[np.int64], pair: tuple[int, int]
) -> dict[str, Any] | None:
    try:
        found = cluster_contrast(
            answers.success[counted],
            condition=answers.condition[counted],
            rater=by_first_seen(answers.rater[counted]),
            pair=pair,
        )
    except ColumnError:
        return None
    return found.to_dict()
