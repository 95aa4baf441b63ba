"""How far the agreement coefficients depend on the questions and the raters drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from studyapp.analytics.agreement import CODINGS, Coding, agreement
from studyapp.analytics.bootstrap import (
    Bootstrap,
    check_resampling,
    drawn_weights,
    multinomial_weights,
    summary,
)
from studyapp.analytics.columns import Float64, Int64
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.votes import Votes

# Blocks of this many questions and draws keep the tables of one block in the processor's cache.
_QUESTIONS_AT_ONCE = 2048
_DRAWS_AT_ONCE = 32

#: Column of each answer code in `Votes.counts3()`: no (0) -> 1, yes (1) -> 0, unsure (-1) -> 2.
_COUNT_COLUMN = np.array([1, 0, 2], dtype=np.int64)


@dataclass(frozen=True)
class AgreementBootstrap:
    """The agreement coefficients of `agreement` under resampling; each `estimate` is its figure."""

    coding: str
    unit: str
    percent_agreement: Bootstrap
    fleiss_kappa: Bootstrap
    krippendorff_alpha: Bootstrap
    gwet_ac1: Bootstrap
    brennan_prediger: Bootstrap

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: coding, unit, and each coefficient as one key."""
        return payload(
            coding=self.coding,
            unit=self.unit,
            percent_agreement=self.percent_agreement.to_dict(),
            fleiss_kappa=self.fleiss_kappa.to_dict(),
            krippendorff_alpha=self.krippendorff_alpha.to_dict(),
            gwet_ac1=self.gwet_ac1.to_dict(),
            brennan_prediger=self.brennan_prediger.to_dict(),
        )


def bootstrap_agreement(
    votes: Votes,
    *,
    rng: np.random.Generator,
    coding: Coding = CODINGS[0],
    unit: str = "both",
    draws: int = 1000,
    level: float = 0.95,
) -> AgreementBootstrap:
    """Percent agreement, kappa, alpha, AC1 and Brennan-Prediger under resampling.

    Questions are those with a vote that `coding` counts, raters those with such a vote. A question
    that was drawn twice is two questions. A rater who was drawn w times weighs w in every count but
    is never compared with himself: with c_j the weight of category j on a question, m the sum of c
    and s the sum of w squared, the agreeing share of pairs is (sum_j c_j^2 - s) / (m^2 - s), and a
    question counts where m^2 > s. With all weights 1 these are the figures of `agreement`.
    """
    check_resampling(unit=unit, draws=draws, level=level)
    sheets = _Sheets.of(votes, coding)
    if unit == "question":
        totals = _other_questions(sheets.table(), draws=draws, rng=rng)
    else:
        totals = _other_raters(sheets, draws=draws, rng=rng, redraw=unit == "both")
    found = agreement(coding.apply(votes.counts3()), coding=coding.name)
    figures = {
        name: summary(
            getattr(found, name),
            resampled=resampled,
            unit=unit,
            n_items=sheets.n_questions,
            n_raters=sheets.n_raters,
            level=level,
        )
        for name, resampled in _coefficients(totals).items()
    }
    return AgreementBootstrap(coding=coding.name, unit=unit, **figures)


@dataclass(frozen=True, eq=False)
class _Sheets:
    """Votes as one sparse sheet [Q', R'] per category, for questions and raters with a vote."""

    categories: tuple[csr_array, ...]
    n_questions: int
    n_raters: int

    @classmethod
    def of(cls, votes: Votes, coding: Coding) -> _Sheets:
        category_of = np.full(3, -1)
        for j, columns in enumerate(coding.merge):
            category_of[list(columns)] = j
        category = category_of[_COUNT_COLUMN[votes.answer]]
        counted = category >= 0
        questions, question = np.unique(votes.question[counted], return_inverse=True)
        raters, rater = np.unique(votes.rater[counted], return_inverse=True)
        shape = (questions.size, raters.size)
        sheets = []
        for j in range(len(coding.merge)):
            chosen = category[counted] == j
            place = (question.reshape(-1)[chosen], rater.reshape(-1)[chosen])
            sheets.append(csr_array((np.ones(place[0].size), place), shape=shape))
        return cls(categories=tuple(sheets), n_questions=questions.size, n_raters=raters.size)

    def table(self) -> Int64:
        """int64[C, Q']: counts with every rater once."""
        once = np.ones(self.n_raters)
        return np.array([sheet @ once for sheet in self.categories], dtype=np.int64)

    def blocks(self) -> Iterator[tuple[csr_array, ...]]:
        """The sheets of a few questions at a time, and last the sheet of all categories."""
        sheets = (*self.categories, sum(self.categories[1:], start=self.categories[0]))
        for first in range(0, self.n_questions, _QUESTIONS_AT_ONCE):
            yield tuple(sheet[first : first + _QUESTIONS_AT_ONCE] for sheet in sheets)


def _other_questions(table: Int64, *, draws: int, rng: np.random.Generator) -> Float64:
    """float64[2 C + 5, draws]: totals over questions drawn with replacement.

    Questions with equal counts are alike, so how often each kind is drawn is multinomial.
    """
    kinds, times = np.unique(table, axis=1, return_counts=True)
    totals = np.zeros((2 * table.shape[0] + 5, draws))
    if not times.size:
        return totals
    counts = kinds[:, :, np.newaxis].astype(np.float64)
    for first in range(0, draws, _DRAWS_AT_ONCE):
        size = min(_DRAWS_AT_ONCE, draws - first)
        drawn = rng.multinomial(times.sum(), times / times.sum(), size=size)
        totals[:, first : first + size] = _totals(list(counts), counts.sum(axis=0), drawn.T)
    return totals


def _other_raters(
    sheets: _Sheets, *, draws: int, rng: np.random.Generator, redraw: bool
) -> Float64:
    """float64[2 C + 5, draws]: totals under drawn raters, and with `redraw` drawn questions too."""
    totals = np.zeros((2 * len(sheets.categories) + 5, draws))
    blocks = list(sheets.blocks())
    sizes = np.array([block[0].shape[0] for block in blocks])
    for first in range(0, draws, _DRAWS_AT_ONCE):
        size = min(_DRAWS_AT_ONCE, draws - first)
        weights = drawn_weights(sheets.n_raters, draws=size, rng=rng).astype(np.float64)
        if redraw and blocks:
            # How many of the drawn questions fall into each block, then which of its questions.
            fall = rng.multinomial(sheets.n_questions, sizes / sizes.sum(), size=size)
        for at, block in enumerate(blocks):
            counts = [sheet @ weights for sheet in block[:-1]]
            times = (
                multinomial_weights(fall[:, at], size=int(sizes[at]), rng=rng) if redraw else None
            )
            totals[:, first : first + size] += _totals(counts, block[-1] @ weights**2, times)
    return totals


def _totals(counts: Sequence[Float64], squares: Float64, times: Int64 | None) -> Float64:
    """Totals over questions, float64[2 C + 5, D], of C counts [Q, D], `times` [Q, D] each.

    Rows: pairable, agreeing share, squares, disagreeing weight, C counts (these where pairable);
    rated, and C shares of the categories (where rated). This is where the time goes, hence few
    temporary tables and two divisions.
    """
    weight = sum(counts[1:], start=counts[0])
    pairs = weight * weight - squares
    pairable = (pairs > 0).astype(np.float64)
    agreeing = counts[0] * counts[0]
    for count in counts[1:]:
        agreeing += count * count
    agreeing -= squares
    agreeing /= np.maximum(pairs, 1)
    rated = (weight > 0).astype(np.float64)
    inverse = 1 / np.maximum(weight, 1)
    if times is not None:
        pairable, rated, inverse = pairable * times, rated * times, inverse * times

    def over(*tables: Float64) -> Float64:
        letters = ",".join(["qd"] * len(tables))
        return np.asarray(np.einsum(f"{letters}->d", *tables))

    kept = over(weight, pairable)
    return np.stack(
        (
            pairable.sum(axis=0),
            over(agreeing, pairable),
            over(squares, pairable),
            kept - over(weight, agreeing, pairable),
            *(over(count, pairable) for count in counts),
            rated.sum(axis=0),
            *(over(count, inverse) for count in counts),
        )
    )


def _coefficients(totals: Float64) -> dict[str, Float64]:
    """The coefficients float64[draws] of totals [2 C + 5, draws], NaN where undefined."""
    n_categories = (totals.shape[0] - 5) // 2
    pairable, agreeing, squares, disagreeing = totals[:4]
    counts, rated, shares = (
        totals[4 : 4 + n_categories],
        totals[4 + n_categories],
        totals[-n_categories:],
    )
    n_votes = counts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = agreeing / pairable
        mean_shares = shares / rated
        same = ((counts / n_votes) ** 2).sum(axis=0)
        one_answer = (counts > 0).sum(axis=0) <= 1
        by_chance = (mean_shares * (1 - mean_shares)).sum(axis=0) / (n_categories - 1)
        expected = (n_votes**2 - (counts**2).sum(axis=0)) / (n_votes**2 - squares)
        found = {
            "percent_agreement": observed,
            "fleiss_kappa": np.where(one_answer, np.nan, (observed - same) / (1 - same)),
            "krippendorff_alpha": np.where(
                one_answer, np.nan, 1 - disagreeing / n_votes / expected
            ),
            "gwet_ac1": (observed - by_chance) / (1 - by_chance),
            "brennan_prediger": (observed - 1 / n_categories) / (1 - 1 / n_categories),
        }
    return {name: np.where(pairable > 0, figure, np.nan) for name, figure in found.items()}
