from __future__ import annotations

import json
import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import CODINGS, Coding, Votes, agreement
from studyapp.analytics import agreement_resampling as module
from studyapp.analytics.agreement_resampling import AgreementBootstrap, bootstrap_agreement
from studyapp.analytics.columns import Float64, Int64
from studyapp.analytics.errors import RuleError
from tests.studyapp.analytics.conftest import RealRelease
from tests.studyapp.analytics.strategies import Panel, panels

FIGURES = (
    "percent_agreement",
    "fleiss_kappa",
    "krippendorff_alpha",
    "gwet_ac1",
    "brennan_prediger",
)
COUNT_COLUMN = {1: 0, 0: 1, -1: 2}


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def figures(found: AgreementBootstrap) -> dict[str, float | None]:
    return {name: getattr(found, name).estimate for name in FIGURES}


@pytest.mark.slow
@given(panels(), st.sampled_from(CODINGS), st.sampled_from(("rater", "both")))
def test_with_everything_once_the_figures_are_those_of_agreement(
    panel: Panel, coding: Coding, unit: str
) -> None:
    votes = panel.votes()

    def once(n: int, *, draws: int, rng: np.random.Generator) -> Int64:
        return np.ones((n, draws), dtype=np.int64)

    def all_once(totals: Int64, *, size: int, rng: np.random.Generator) -> Int64:
        return np.ones((size, totals.size), dtype=np.int64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "drawn_weights", once)
        patch.setattr(module, "multinomial_weights", all_once)
        found = bootstrap_agreement(votes, coding=coding, unit=unit, draws=3, rng=seeded())
    headline = agreement(coding.apply(votes.counts3()))
    for name in FIGURES:
        part = getattr(found, name)
        assert part.estimate == getattr(headline, name)
        if part.estimate is None:
            assert part.n_draws == 0
        elif part.se is not None:
            assert part.se == pytest.approx(0, abs=1e-12)
            assert part.bias == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
@given(panels(max_raters=4), st.sampled_from(CODINGS), st.data())
def test_drawn_raters_and_questions_weigh_in_pair_by_pair(
    panel: Panel, coding: Coding, data: st.DataObject
) -> None:
    votes = panel.votes()
    small = st.lists(st.integers(0, 3), min_size=4, max_size=4)
    by_rater = np.array(data.draw(small))
    by_question = np.array(data.draw(st.lists(st.integers(0, 2), min_size=6, max_size=6)))
    category = {column: j for j, merged in enumerate(coding.merge) for column in merged}
    rows = [
        (int(q), int(r), category[COUNT_COLUMN[int(a)]])
        for q, r, a in zip(votes.question, votes.rater, votes.answer, strict=True)
        if COUNT_COLUMN[int(a)] in category
    ]
    raters = sorted({r for _, r, _ in rows})
    questions = sorted({q for q, _, _ in rows})

    def given_raters(n: int, *, draws: int, rng: np.random.Generator) -> Int64:
        return np.tile(by_rater[raters][:, np.newaxis], (1, draws))

    def given_questions(totals: Int64, *, size: int, rng: np.random.Generator) -> Int64:
        return np.tile(by_question[questions][:, np.newaxis], (1, totals.size))

    seen: dict[str, Float64] = {}

    def kept(estimate: float | None, *, resampled: Float64, **rest: object) -> float | None:
        seen[FIGURES[len(seen)]] = resampled
        return estimate

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "drawn_weights", given_raters)
        patch.setattr(module, "multinomial_weights", given_questions)
        patch.setattr(module, "summary", kept)
        bootstrap_agreement(votes, coding=coding, unit="both", draws=2, rng=seeded())
    by_hand = pair_by_pair(rows, by_rater, by_question, n_categories=len(coding.merge))
    for name, value in by_hand.items():
        assert seen[name][0] == pytest.approx(value, abs=1e-9, nan_ok=True), name


def pair_by_pair(
    rows: list[tuple[int, int, int]], by_rater: Int64, by_question: Int64, *, n_categories: int
) -> dict[str, float]:
    sheets: dict[int, list[tuple[int, int, int]]] = {}
    for q, r, j in rows:
        sheets.setdefault(q, []).append((r, j, int(by_rater[r])))
    weights, shares, sizes, squares = [], [], [], []
    counts, mean_shares, rated = np.zeros(n_categories), np.zeros(n_categories), 0
    for q, sheet in sheets.items():
        total = sum(w for _, _, w in sheet)
        own = np.array([sum(w for _, j, w in sheet if j == c) for c in range(n_categories)])
        if total:
            rated += by_question[q]
            mean_shares += by_question[q] * own / total
        pairs = list(combinations(sheet, 2))
        every = sum(one[2] * other[2] for one, other in pairs)
        if every:
            same = sum(one[2] * other[2] for one, other in pairs if one[1] == other[1])
            weights.append(by_question[q])
            shares.append(same / every)
            sizes.append(total)
            squares.append(sum(w * w for _, _, w in sheet))
            counts += by_question[q] * own
    u, p, m, s = (np.array(column, dtype=float) for column in (weights, shares, sizes, squares))
    if not u.sum():
        return dict.fromkeys(FIGURES, math.nan)
    observed, n = float(u @ p / u.sum()), counts.sum()
    mean_shares = mean_shares / rated
    one_answer = np.count_nonzero(counts) == 1
    fleiss = ((counts / n) ** 2).sum()
    ac1 = (mean_shares * (1 - mean_shares)).sum() / (n_categories - 1)
    found = {
        "percent_agreement": observed,
        "gwet_ac1": (observed - ac1) / (1 - ac1),
        "brennan_prediger": (observed - 1 / n_categories) / (1 - 1 / n_categories),
        "fleiss_kappa": math.nan,
        "krippendorff_alpha": math.nan,
    }
    if not one_answer:
        expected = (n**2 - (counts**2).sum()) / (n**2 - u @ s)
        found["fleiss_kappa"] = (observed - fleiss) / (1 - fleiss)
        found["krippendorff_alpha"] = 1 - float((u * m) @ (1 - p)) / n / expected
    return found


@pytest.mark.slow
def test_questions_vary_as_drawing_rows_of_counts_does() -> None:
    rng = seeded(1)
    counts = rng.multinomial(5, rng.dirichlet([1, 2, 0.5], size=60))
    answers = [
        [a for a, n in zip((1, 0, -1), row, strict=True) for _ in range(n)] for row in counts
    ]
    votes = Votes.from_columns(
        np.repeat(np.arange(60), 5), rater=np.tile(np.arange(5), 60), answer=np.concatenate(answers)
    )
    drawn = [agreement(counts[rng.integers(0, 60, 60)]) for _ in range(3000)]
    for unit in ("question", "both"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                module, "drawn_weights", lambda n, *, draws, rng: np.ones((n, draws), np.int64)
            )
            patch.setattr(module, "_QUESTIONS_AT_ONCE", 7)
            found = bootstrap_agreement(votes, unit=unit, draws=4000, rng=seeded(2))
        for name in FIGURES:
            values = np.array([getattr(result, name) for result in drawn])
            part = getattr(found, name)
            assert part.se == pytest.approx(values.std(), rel=0.06)
            assert part.estimate + part.bias == pytest.approx(values.mean(), abs=0.005)


def test_a_rater_drawn_twice_is_not_compared_with_himself() -> None:
    """Raters who never agree: copies of one would agree always and lift the figure above 0."""
    votes = Votes.from_columns(
        np.repeat(np.arange(20), 2), rater=np.tile([0, 1], 20), answer=np.tile([0, 1], 20)
    )
    found = bootstrap_agreement(votes, unit="rater", draws=50, rng=seeded(3)).percent_agreement
    assert (found.estimate, found.low, found.high) == (0, 0, 0)
    assert found.n_undefined_draws > 0


def test_without_votes_everything_is_undefined() -> None:
    votes = Votes.from_columns([], rater=[], answer=[])
    for unit in ("question", "rater", "both"):
        found = bootstrap_agreement(votes, unit=unit, draws=5, rng=seeded())
        assert set(figures(found).values()) == {None}
        data = json.loads(json.dumps(found.to_dict()))
        assert data["gwet_ac1"]["undefined"]["se"] == "the data themselves have no estimate"


def test_wrong_options_are_refused() -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1])
    with pytest.raises(RuleError, match="use one of question, rater, both"):
        bootstrap_agreement(votes, unit="image", rng=seeded())


@pytest.mark.slow
def test_real_votes(real_release: RealRelease) -> None:
    """Kappa 0.404763: raters move it some four times as much as questions do."""
    found = {
        unit: bootstrap_agreement(real_release.votes, unit=unit, draws=200, rng=seeded(1))
        for unit in ("question", "rater", "both")
    }
    assert {f"{result.fleiss_kappa.estimate:.6f}" for result in found.values()} == {"0.404763"}
    errors = {unit: result.fleiss_kappa.se for unit, result in found.items()}
    assert errors["question"] == pytest.approx(0.0042, abs=0.0006)
    assert errors["rater"] == pytest.approx(0.0156, abs=0.0025)
    assert errors["both"] == pytest.approx(0.0165, abs=0.0025)
