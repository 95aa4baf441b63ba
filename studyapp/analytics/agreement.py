"""Agreement between raters, chance-corrected in four ways; never one coefficient alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Float64, Int32, Int64
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.results import JSONValue, payload

_NO_PAIRS = "no question has two votes, so no two votes can be compared"
_ONE_ANSWER = "every vote gives the same answer, so agreement by chance is certain"


@dataclass(frozen=True)
class Coding:
    """A way to read three-answer counts: which of yes, no, unsure (0, 1, 2) share a category."""

    name: str
    label: str
    merge: tuple[tuple[int, ...], ...]

    def apply(self, counts3: npt.NDArray[np.integer]) -> Int64:
        """int64[Q, len(merge)] from int[Q, 3] with the columns yes, no, unsure."""
        if counts3.ndim != 2 or counts3.shape[1] != 3:
            raise ColumnError(f"Counts have shape {counts3.shape}; give yes, no, unsure columns.")
        columns = [counts3[:, list(group)].sum(axis=1, dtype=np.int64) for group in self.merge]
        return np.stack(columns, axis=1)


#: The codings every report gives, in order.
CODINGS = (
    Coding("three_answers", "three answers", ((0,), (1,), (2,))),
    Coding("yes_vs_rest", "yes against the rest", ((0,), (1, 2))),
    Coding("no_vs_rest", "no against the rest", ((1,), (0, 2))),
    Coding("unsure_missing", "unsure missing", ((0,), (1,))),
)


@dataclass(frozen=True)
class Agreement:
    """Agreement over the questions with at least two votes; a figure is None if undefined.

    n_questions, n_votes: those questions and their votes. n_single: questions with one vote.
    percent_agreement: mean over questions of the share of agreeing pairs of votes, 0..1.
    unanimous_share: questions whose votes are all equal / n_questions, 0..1.
    fleiss_kappa, krippendorff_alpha, gwet_ac1, brennan_prediger: at most 1, 0 at chance.
    shares: the share of each category among n_votes, 0..1, empty without votes.
    undefined: for every None the reason, keyed by the field.
    """

    coding: str
    n_questions: int
    n_votes: int
    n_single: int
    percent_agreement: float | None
    unanimous_share: float | None
    fleiss_kappa: float | None
    krippendorff_alpha: float | None
    gwet_ac1: float | None
    brennan_prediger: float | None
    shares: tuple[float, ...]
    undefined: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(
            coding=self.coding,
            n_questions=self.n_questions,
            n_votes=self.n_votes,
            n_single=self.n_single,
            percent_agreement=self.percent_agreement,
            unanimous_share=self.unanimous_share,
            fleiss_kappa=self.fleiss_kappa,
            krippendorff_alpha=self.krippendorff_alpha,
            gwet_ac1=self.gwet_ac1,
            brennan_prediger=self.brennan_prediger,
            shares=self.shares,
            undefined=self.undefined,
        )


def agreement(counts: npt.NDArray[np.integer], *, coding: str = "") -> Agreement:
    """Agreement from counts int[Q, C]: votes of each of C >= 2 categories on each question.

    The number of votes m may differ between questions; those with m < 2 are left out, but for the
    category shares of AC1. With P the mean over questions of sum_j c_j (c_j - 1) / (m (m - 1)):
    every coefficient is (P - Pe) / (1 - Pe), where Pe is
    Fleiss' kappa (1971): sum_j p_j^2, p_j the share of category j among all votes;
    Gwet's AC1 (2008): sum_j s_j (1 - s_j) / (C - 1), s_j the mean over questions of c_j / m, with
    single votes;
    Brennan and Prediger (1981): 1 / C;
    and Krippendorff's nominal alpha (1970) is 1 - Do / De with pairs weighted by votes,
    Do = sum over questions of m (1 - P_i) / n, De = 1 - sum_j n_j (n_j - 1) / (n (n - 1)).
    `coding` is carried along. Raises ColumnError for other shapes or negative counts.
    """
    table = _table(counts)
    votes = table.sum(axis=0)
    pairable = votes >= 2
    n_single = int(np.count_nonzero(votes == 1))
    if not pairable.any():
        return _undefined(coding, n_single)
    items, sizes = table[:, pairable], votes[pairable]
    n_votes, n_categories = int(sizes.sum()), table.shape[0]
    agreeing = (items * (items - 1)).sum(axis=0) / (sizes * (sizes - 1))
    observed = float(agreeing.mean())
    shares = items.sum(axis=1) / n_votes
    rated = votes >= 1
    item_shares = (table[:, rated] / votes[rated]).mean(axis=1)
    one_answer = int(np.count_nonzero(shares)) == 1
    by_chance = float((item_shares * (1 - item_shares)).sum() / (n_categories - 1))
    same = {"fleiss_kappa": _ONE_ANSWER, "krippendorff_alpha": _ONE_ANSWER}
    return Agreement(
        coding=coding,
        n_questions=sizes.size,
        n_votes=n_votes,
        n_single=n_single,
        percent_agreement=observed,
        unanimous_share=float((items.max(axis=0) == sizes).mean()),
        fleiss_kappa=None if one_answer else _corrected(observed, float((shares**2).sum())),
        krippendorff_alpha=None if one_answer else _alpha(items, sizes, agreeing),
        gwet_ac1=_corrected(observed, by_chance),
        brennan_prediger=_corrected(observed, 1 / n_categories),
        shares=tuple(shares.tolist()),
        undefined=same if one_answer else {},
    )


def agreement_by_coding(counts3: Int32) -> tuple[Agreement, ...]:
    """Agreement under each of CODINGS, from int[Q, 3] with the columns yes, no, unsure."""
    return tuple(agreement(coding.apply(counts3), coding=coding.name) for coding in CODINGS)


def _corrected(observed: float, expected: float) -> float:
    return (observed - expected) / (1 - expected)


def _alpha(items: Int64, sizes: Int64, agreeing: Float64) -> float:
    n_votes = int(sizes.sum())
    totals = [int(total) for total in items.sum(axis=1)]
    # Whole numbers of Python: n (n - 1) leaves 64 bits nowhere near, and 1 - x loses no digits.
    differing = n_votes * (n_votes - 1) - sum(total * (total - 1) for total in totals)
    expected = differing / (n_votes * (n_votes - 1))
    return 1 - float((sizes * (1 - agreeing)).sum()) / n_votes / expected


def _table(counts: npt.NDArray[np.integer]) -> Int64:
    """int64[C, Q]: a row per category, for sums over few categories are slow along rows of C."""
    table = np.asarray(counts)
    if table.ndim != 2 or table.shape[1] < 2 or table.dtype.kind not in "iu":
        raise ColumnError(
            f"Counts have shape {table.shape} of {table.dtype}; "
            "give whole numbers, questions by at least two categories."
        )
    if (table < 0).any():
        row = int((table < 0).any(axis=1).argmax())
        raise ColumnError(f"Question {row} has a negative count; give the number of votes.")
    return np.ascontiguousarray(table.T, dtype=np.int64)


def _undefined(coding: str, n_single: int) -> Agreement:
    figures = (
        "percent_agreement",
        "unanimous_share",
        "fleiss_kappa",
        "krippendorff_alpha",
        "gwet_ac1",
        "brennan_prediger",
    )
    return Agreement(
        coding=coding,
        n_questions=0,
        n_votes=0,
        n_single=n_single,
        percent_agreement=None,
        unanimous_share=None,
        fleiss_kappa=None,
        krippendorff_alpha=None,
        gwet_ac1=None,
        brennan_prediger=None,
        shares=(),
        undefined=dict.fromkeys(figures, _NO_PAIRS),
    )
