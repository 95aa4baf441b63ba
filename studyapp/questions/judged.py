"""Pictures that a rule accepts or rejects, as a share of those asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studyapp.analytics import Interval, Verdict, proportion_ci
from studyapp.analytics.results import JSONValue
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import Cell
from studyapp.reports.sentences import interval, percent

COLUMNS = """
    n_shown integer Pictures that are to be shown
    n_asked integer Those that have been before raters: what the share is of
    n_accepted integer Those the rule accepts
    n_rejected integer Those it rejects
    n_undecided integer Those it can do neither with: not accepted
    share share n_accepted / n_asked
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
    bound_high share The share if every undecided picture were accepted
"""
HEADER = ("Shown", "Asked", "Accepted", "Rejected", "Undecided", "Share", "95 % interval")


@dataclass(frozen=True)
class Judged:
    """share: None where nothing was asked."""

    n_shown: int
    n_asked: int
    n_accepted: int
    n_rejected: int
    n_undecided: int
    share: float | None
    ci: Interval | None
    bound_high: float | None

    @classmethod
    def of(cls, analysis: Analysis, *, questions: Sequence[int]) -> Judged:
        """Of pictures by the row of their question, -1 where nobody was asked."""
        asked = np.array([row for row in questions if row >= 0], dtype=np.int64)
        code = analysis.verdicts.code[asked]
        n = int(asked.size)
        accepted, rejected, undecided = (
            int(np.count_nonzero(code == verdict))
            for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNDECIDED)
        )
        return cls(
            n_shown=len(questions),
            n_asked=n,
            n_accepted=accepted,
            n_rejected=rejected,
            n_undecided=undecided,
            share=accepted / n if n else None,
            ci=proportion_ci(accepted, n=n) if n else None,
            bound_high=(accepted + undecided) / n if n else None,
        )

    def open_words(self) -> str:
        """What a sentence adds about the undecided, which the share takes for not accepted."""
        if not self.n_undecided:
            return ""
        with_them = f"with {'it' if self.n_undecided == 1 else 'them'}"
        return f" ({self.n_undecided:,} undecided, up to {percent(self.bound_high)} % {with_them})"

    def values(self) -> dict[str, JSONValue]:
        """JSON-safe, by the names of COLUMNS."""
        return {
            "n_shown": self.n_shown,
            "n_asked": self.n_asked,
            "n_accepted": self.n_accepted,
            "n_rejected": self.n_rejected,
            "n_undecided": self.n_undecided,
            "share": self.share,
            "ci_low": self.ci.low if self.ci else None,
            "ci_high": self.ci.high if self.ci else None,
            "bound_high": self.bound_high,
        }

    def cells(self) -> tuple[Cell, ...]:
        """The cells of COLUMNS."""
        return tuple(
            value if isinstance(value, str | int | float) else None
            for value in self.values().values()
        )

    def words(self) -> tuple[str, ...]:
        """The cells of HEADER."""
        return (
            f"{self.n_shown:,}", f"{self.n_asked:,}", f"{self.n_accepted:,}",
            f"{self.n_rejected:,}", f"{self.n_undecided:,}",
            "–" if self.share is None else f"{percent(self.share)} %",
            f"{interval(self.ci.low, self.ci.high)} %" if self.ci else "–",
        )  # fmt: skip
