from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import Rule, Verdict, Votes, rectified_top1, verdicts
from studyapp.analytics import verdict_resampling as module
from studyapp.analytics.bootstrap import drawn_weights
from studyapp.analytics.columns import Float64, Int64
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.verdict_resampling import bootstrap_rectified_top1, bootstrap_verdict_share
from tests.studyapp.analytics.conftest import RealRelease
from tests.studyapp.analytics.known import holds, known
from tests.studyapp.analytics.strategies import Panel, panels, rules


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def crossed(seed: int, *, questions: int, raters: int, strictness: float = 0.8) -> Votes:
    """Five votes a question; questions differ, and raters do in how readily they say yes."""
    rng = seeded(seed)
    rater = np.argsort(rng.random((questions, raters)), axis=1)[:, :5]
    lean = rng.normal(0, 2, (questions, 1)) + rng.normal(0, strictness, raters)[rater]
    answer = rng.random((questions, 5)) < 1 / (1 + np.exp(-lean))
    return Votes.from_columns(
        np.repeat(np.arange(questions), 5),
        rater=rater.reshape(-1),
        answer=answer.reshape(-1).astype(int),
    )


def one_by_one(votes: Votes, *, rule: Rule, subset: Int64, weights: Int64, times: Int64) -> Float64:
    """The share of every draw, question by question; weights[rater, d], times[item, d]."""
    code = verdicts(votes, rule=rule).code
    accepted, heard, decided = (np.zeros(weights.shape[1], dtype=np.int64) for _ in range(3))
    for item, question in enumerate(subset):
        if code[question] == Verdict.UNDECIDED:
            continue
        rows = counted_rows(votes, rule=rule, question=question)
        yes_rows = rows[rule.recode(votes.answer[rows]) == 1]
        yes = weights[votes.rater[yes_rows]].sum(axis=0)
        valid = weights[votes.rater[rows]].sum(axis=0)
        decided += times[item]
        heard += times[item] * (valid > 0)
        accepted += times[item] * ((valid > 0) & (yes * rule.n >= valid * rule.k))
    with np.errstate(invalid="ignore"):
        share = np.where(decided > 0, decided * (accepted / heard), 0)
    return np.asarray(share / times.sum(axis=0))


def counted_rows(votes: Votes, *, rule: Rule, question: int) -> Int64:
    """The yes and no votes that the rule looks at."""
    rows = votes.by_question[votes.question[votes.by_question] == question]
    if rule.extra == "first":
        rows = rows[: rule.n]
    return np.asarray(rows[rule.recode(votes.answer[rows]) >= 0])


@pytest.mark.slow
@given(panels(), rules(), st.data())
def test_drawn_raters_weigh_in_as_counted_by_hand(
    panel: Panel, rule: Rule, data: st.DataObject
) -> None:
    votes = panel.votes()
    ids = st.integers(0, panel.n_questions - 1)
    subset = np.array(data.draw(st.lists(ids, min_size=1, max_size=6)))
    drawn: list[Int64] = []

    def recorded(n: int, *, draws: int, rng: np.random.Generator) -> Int64:
        drawn.append(drawn_weights(n, draws=draws, rng=rng))
        return drawn[-1]

    seen: list[Float64] = []

    def kept(estimate: float, *, resampled: Float64, **rest: object) -> float:
        seen.append(resampled)
        return estimate

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "drawn_weights", recorded)
        patch.setattr(module, "summary", kept)
        patch.setattr(module, "_DRAWS_AT_ONCE", 3)
        patch.setattr(module, "_QUESTIONS_AT_ONCE", 2)
        bootstrap_verdict_share(
            votes, rule=rule, subset=subset, unit="rater", draws=7, rng=seeded()
        )
    code = verdicts(votes, rule=rule).code
    raters = list(
        dict.fromkeys(
            rater
            for question in np.unique(subset[code[subset] != Verdict.UNDECIDED])
            for rater in votes.rater[counted_rows(votes, rule=rule, question=question)].tolist()
        )
    )
    weights = np.zeros((panel.n_raters, 7), dtype=np.int64)
    weights[raters] = np.concatenate(drawn, axis=1)
    by_hand = one_by_one(
        votes,
        rule=rule,
        subset=subset,
        weights=weights,
        times=np.ones((subset.size, 7), dtype=np.int64),
    )
    np.testing.assert_allclose(seen[0], by_hand, rtol=1e-12)


@pytest.mark.slow
@given(panels(), rules())
def test_with_every_rater_once_the_share_is_the_headline(panel: Panel, rule: Rule) -> None:
    votes = panel.votes()

    def once(n: int, *, draws: int, rng: np.random.Generator) -> Int64:
        return np.ones((n, draws), dtype=np.int64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "drawn_weights", once)
        found = bootstrap_verdict_share(votes, rule=rule, unit="rater", draws=2, rng=seeded())
    assert found.estimate == verdicts(votes, rule=rule).n_of(Verdict.ACCEPTED) / len(
        verdicts(votes, rule=rule)
    )
    if found.se is not None:
        assert found.se == 0
        assert found.bias == pytest.approx(0, abs=1e-15)


def test_questions_alone_vary_as_a_share_does() -> None:
    votes = crossed(1, questions=400, raters=20)
    found = bootstrap_verdict_share(
        votes, rule=Rule(), unit="question", draws=20_000, rng=seeded(2)
    )
    assert found.estimate is not None
    assert found.se == pytest.approx(
        math.sqrt(found.estimate * (1 - found.estimate) / 400), rel=0.02
    )
    assert found.bias == pytest.approx(0, abs=1e-3)


def test_both_units_at_once_vary_as_drawing_every_question_and_rater_does() -> None:
    votes, rule, draws = crossed(4, questions=40, raters=12), Rule(), 1500
    subset = np.arange(40)
    weights = np.stack(
        [np.bincount(seeded(i).integers(0, 12, 12), minlength=12) for i in range(draws)], axis=1
    )
    times = np.stack(
        [np.bincount(seeded(10**6 + i).integers(0, 40, 40), minlength=40) for i in range(draws)],
        axis=1,
    )
    by_hand = one_by_one(votes, rule=rule, subset=subset, weights=weights, times=times)
    found = bootstrap_verdict_share(votes, rule=rule, draws=4000, rng=seeded(5))
    assert found.se == pytest.approx(by_hand.std(), rel=0.06)
    assert found.bias == pytest.approx(by_hand.mean() - found.estimate, abs=0.006)
    assert [found.low, found.high] == pytest.approx(np.quantile(by_hand, [0.025, 0.975]), abs=0.026)


def test_undecided_items_count_in_the_share_and_are_never_accepted() -> None:
    """Questions: 0 five yes, 1 three yes (undecided), 2 nobody; every resample says 1 of 3."""
    votes = Votes.from_columns(
        [0] * 5 + [1] * 3, rater=[0, 1, 2, 3, 4, 0, 1, 2], answer=[1] * 8, n_questions=3
    )
    found = bootstrap_verdict_share(votes, rule=Rule(), unit="rater", rng=seeded())
    assert (found.estimate, found.low, found.high) == (1 / 3, 1 / 3, 1 / 3)
    assert found.se == pytest.approx(0, abs=1e-15)
    assert found.n_raters == 5


def test_draws_in_which_nobody_is_left_are_counted() -> None:
    """Two raters, one question each under 1 of 1; rater 1 is alone on the only subset question."""
    votes = Votes.from_columns([0, 1], rater=[0, 1], answer=[1, 0])
    alone = bootstrap_verdict_share(
        votes, rule=Rule(k=1, n=1), subset=[1], unit="rater", rng=seeded()
    )
    assert "two raters" in alone.undefined["se"]
    both = bootstrap_verdict_share(votes, rule=Rule(k=1, n=1), rng=seeded(), draws=400)
    # Items (a, a) with raters (b, b) and a unlike b: 2 of 16 resamples say nothing.
    assert 25 <= both.n_undefined_draws <= 80
    assert both.n_draws == 400 - both.n_undefined_draws


def test_an_item_named_twice_counts_twice() -> None:
    votes = Votes.from_columns([0, 1], rater=[0, 1], answer=[1, 0])
    rule = Rule(k=1, n=1)
    found = bootstrap_verdict_share(
        votes, rule=rule, subset=[0, 0, 1], unit="question", rng=seeded()
    )
    assert (found.estimate, found.n_items) == (2 / 3, 3)


def test_the_seed_decides() -> None:
    votes = crossed(6, questions=30, raters=10)
    one, same, other = (
        bootstrap_verdict_share(votes, rule=Rule(), rng=seeded(seed), draws=70)
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other
    # Who has which number, and in which order the rows come, changes nothing.
    rows, number = seeded(3).permutation(len(votes)), seeded(4).permutation(10)
    renamed = Votes.from_columns(
        votes.question[rows],
        rater=number[votes.rater[rows]],
        answer=votes.answer[rows],
        order=votes.order[rows],
    )
    assert bootstrap_verdict_share(renamed, rule=Rule(), rng=seeded(1), draws=70) == one


@pytest.mark.slow
@given(panels(), rules(), st.data())
def test_the_rectified_estimate_is_that_of_rectified_top1(
    panel: Panel, rule: Rule, data: st.DataObject
) -> None:
    votes = panel.votes()
    correct = data.draw(st.lists(st.booleans(), min_size=1, max_size=12))
    ids = st.integers(-1, panel.n_questions - 1)
    question = data.draw(st.lists(ids, min_size=len(correct), max_size=len(correct)))
    headline = rectified_top1(correct, question=question, verdicts=verdicts(votes, rule=rule))
    found = bootstrap_rectified_top1(
        votes, correct=correct, question=question, rule=rule, rng=seeded(), draws=9
    )
    assert found.rectified_top1_error == headline.rectified_top1_error
    for part in (found.image_sampling, found.rater_sampling, found.both):
        assert part.estimate == headline.rectified_top1_error
        assert part.n_items == len(correct)
        if part.low is not None and part.high is not None:
            assert 0 <= part.low <= part.high <= 1
    if found.rater_sampling.high is not None:
        assert found.rater_sampling.high <= headline.top1_error + 1e-12


def test_the_parts_of_the_rectified_error() -> None:
    """Raters move r1 through the 300 errors alone; images drawn anew move it like a share."""
    votes = crossed(8, questions=300, raters=15)
    correct = np.arange(1000) >= 300
    question = np.where(correct, -1, np.arange(1000))
    found = bootstrap_rectified_top1(
        votes, correct=correct, question=question, rule=Rule(), rng=seeded(3), draws=4000
    )
    share = bootstrap_verdict_share(votes, rule=Rule(), rng=seeded(4), draws=4000, unit="rater")
    r1 = found.rectified_top1_error
    assert found.image_sampling.se == pytest.approx(math.sqrt(r1 * (1 - r1) / 1000), rel=0.05)
    assert share.se is not None
    assert found.rater_sampling.se == pytest.approx(0.3 * share.se, rel=0.05)
    assert found.both.se == pytest.approx(
        math.hypot(found.image_sampling.se or 0, found.rater_sampling.se or 0), rel=0.05
    )
    data = json.loads(json.dumps(found.to_dict()))
    assert data["both"]["unit"] == "both"
    assert data["image_sampling"]["estimate"] == data["rectified_top1_error"]


def test_a_model_without_errors_has_nothing_to_vary() -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1])
    found = bootstrap_rectified_top1(
        votes, correct=[True, True], question=[-1, 0], rule=Rule(), rng=seeded()
    )
    assert (found.rectified_top1_error, found.image_sampling.se) == (0, 0)
    assert found.rater_sampling.n_raters == 0
    assert "two raters" in found.rater_sampling.undefined["se"]


def test_bad_input_is_refused() -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1])
    with pytest.raises(ColumnError, match="subset is empty"):
        bootstrap_verdict_share(votes, rule=Rule(), subset=[], rng=seeded())
    with pytest.raises(ColumnError, match="column subset holds 3"):
        bootstrap_verdict_share(votes, rule=Rule(), subset=[3], rng=seeded())
    with pytest.raises(RuleError, match="use one of question, rater, both"):
        bootstrap_verdict_share(votes, rule=Rule(), unit="vote", rng=seeded())
    with pytest.raises(ColumnError, match="There are no images"):
        bootstrap_rectified_top1(votes, correct=[], question=[], rule=Rule(), rng=seeded())


@pytest.mark.long
def test_the_intervals_cover_what_other_raters_and_questions_say() -> None:
    """Acceptance in a large world of such questions and raters; percentile and +-1.96 se."""
    accepted = [
        verdicts(crossed(seed, questions=4000, raters=400), rule=Rule()).n_of(Verdict.ACCEPTED)
        for seed in range(10**6, 10**6 + 40)
    ]
    truth = sum(accepted) / (40 * 4000)
    percentile = normal = 0
    for seed in range(400):
        votes = crossed(seed, questions=300, raters=30)
        found = bootstrap_verdict_share(votes, rule=Rule(), rng=seeded(seed), draws=300)
        percentile += holds(found, truth)
        normal += abs(known(found.estimate) - truth) <= 1.96 * known(found.se)
    assert percentile / 400 >= 0.935
    assert normal / 400 >= 0.935


def test_real_votes(real_release: RealRelease) -> None:
    """155 of 1,106 accepted; other raters move the share nearly as much as other images do."""
    model = real_release.models["resnet50-v1.5-tflite-fp32"]
    shown = model.question[~model.correct & (model.question >= 0)]
    found = {
        unit: bootstrap_verdict_share(
            real_release.votes, rule=Rule(), subset=shown, unit=unit, draws=400, rng=seeded(1)
        )
        for unit in ("question", "rater", "both")
    }
    assert {result.estimate for result in found.values()} == {155 / 1106}
    assert found["question"].se == pytest.approx(0.0104, abs=0.001)
    assert found["rater"].se == pytest.approx(0.0078, abs=0.001)
    assert found["both"].se == pytest.approx(0.0134, abs=0.001)
