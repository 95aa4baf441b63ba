from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from studyapp.analytics import (
    Rule,
    expected_by_yes,
    expected_votes,
    images_for_halfwidth,
    rater_halfwidth,
    size_for_halfwidth,
    verdict_noise,
)
from studyapp.cost import estimate_cost
from studyapp.errors import InputError
from studyapp.reports import build_report
from studyapp.reports.design import design_study
from studyapp.reports.design_values import DesignWish
from studyapp.reports.design_words import design_facts, design_lines, pilot_sentence
from studyapp.reports.design_words import verdict_sentence as verdict
from studyapp.reports.pilot import Pilot, pilot_of
from studyapp.reports.wishes import PAPER, first_wish
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

#: ResNet-101 of Table 1, with raters all alike and no vote lost.
ALIKE = DesignWish(n_images=50_000, n_errors=11_345, spread=0, lost=0, halfwidth=0.01)
NOISE = verdict_noise(ALIKE.yes_rate, icc=ALIKE.icc, n=5, k=4)


def test_raters_alike_whose_votes_decide_need_what_images_alone_need() -> None:
    """All questions unanimous: no vote leaves anything open."""
    design = design_study(replace(ALIKE, icc=1.0))
    assert design.accepted_share == pytest.approx(0.4)
    assert design.n_needed == size_for_halfwidth(50_000, m=11_345, a=0.4, halfwidth=0.01)
    assert design.halfwidth == design.halfwidth_images <= 0.01
    assert design.people_needed == 5
    assert design.rectified_top1_error == pytest.approx(0.2269 * 0.6)


def test_votes_that_leave_verdicts_open_need_more() -> None:
    design = design_study(ALIKE)
    a = float(expected_by_yes(ALIKE.yes_rate, icc=ALIKE.icc, n=5)[4:].sum())
    assert design.n_needed == images_for_halfwidth(
        50_000, m=11_345, a=a, halfwidth=0.01, raters=100, spread=0, noise=NOISE
    )
    assert design.n_needed is not None
    assert design.n_needed > size_for_halfwidth(50_000, m=11_345, a=a, halfwidth=0.01)
    assert design.curve[-1].halfwidth_images > 0


def test_money_to_the_cent() -> None:
    """1,000 questions in HITs of 10 for 5 raters at 0.13 with 3 cents of fee each."""
    design = design_study(
        replace(ALIKE, n_images=1_000, n_errors=1_000, halfwidth=1e-6, reward=Decimal("0.13"))
    )
    assert (design.n_asked, design.trials, design.hits, design.assignments) == (
        1000,
        1000,
        100,
        500,
    )
    assert design.cost == Decimal("80.00")
    votes = expected_votes(
        Rule(), by_yes=[round(share * 10**7) for share in design.by_yes], groups=(2, 2, 1)
    )
    assert design.saved_votes == pytest.approx(float(votes.saved_share))
    first = design.stopped_rounds[0]
    assert (first.raters, first.questions, first.assignments) == (2, 1000.0, 200)
    assert first.cost == Decimal("32.00")
    assert design.stopped_cost == sum(part.cost for part in design.stopped_rounds)
    assert design.stopped_cost < design.cost


def test_lost_votes_are_asked_again() -> None:
    design = design_study(replace(ALIKE, n_errors=1_000, n_images=2_000, halfwidth=1e-6, lost=0.2))
    assert design.trials == 1250
    assert 0 < design.lost.undecided < 1
    again = estimate_cost(
        trials=1250, trials_per_hit=10, raters_per_trial=5, reward=Decimal("0.10")
    )
    assert design.cost == again.total


def test_with_few_people_the_interval_is_out_of_reach_and_their_number_is_told() -> None:
    wish = replace(ALIKE, spread=0.09, people=20, halfwidth=0.005)
    design = design_study(wish)
    assert design.n_needed is None
    assert design.n_asked == wish.n_errors
    assert design.people_needed is not None
    assert "out of reach" in verdict(design)
    assert f"{design.people_needed:,} people" in verdict(design)
    enough = design_study(replace(wish, people=design.people_needed))
    assert enough.n_needed is not None
    assert enough.halfwidth <= 0.005 + 1e-12
    assert enough.n_needed == images_for_halfwidth(
        50_000,
        m=11_345,
        a=enough.accepted_share,
        halfwidth=0.005,
        raters=design.people_needed,
        spread=0.09,
        noise=NOISE,
    )


def test_the_curve_falls_and_holds_what_is_asked() -> None:
    design = design_study(replace(ALIKE, spread=0.09))
    halves = [point.halfwidth for point in design.curve]
    assert halves == sorted(halves, reverse=True)
    assert {design.n_asked, 11_345} <= {point.n_asked for point in design.curve}
    for point in design.curve:
        assert (
            point.halfwidth_images
            <= point.halfwidth_twice
            <= point.halfwidth
            <= point.halfwidth_half
        )
    (asked,) = [point for point in design.curve if point.n_asked == design.n_asked]
    assert (asked.cost, asked.halfwidth) == (design.cost, design.halfwidth)
    assert asked.halfwidth == rater_halfwidth(
        50_000,
        m=11_345,
        a=design.accepted_share,
        n=asked.n_asked,
        raters=100,
        spread=0.09,
        noise=NOISE,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_errors": 0},
        {"n_errors": 50_001},
        {"accept_at": 6},
        {"people": 4},
        {"yes_rate": 0.0},
        {"yes_rate": 1.5},
        {"icc": -1.0},
        {"lost": 1.0},
        {"halfwidth": 0.0},
        {"spread": float("inf")},
        {"reward": Decimal("NaN")},
        {"reward": Decimal("-0.01")},
        {"trials_per_hit": 0},
        {"level": 1.0},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="the design"):
        design_study(replace(ALIKE, **wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize("wish", [
    replace(ALIKE, n_images=1, n_errors=1),
    replace(ALIKE, n_images=10, n_errors=3, discordant=0.01),
    replace(ALIKE, raters_per_trial=1, accept_at=1, people=1),
    replace(ALIKE, raters_per_trial=50, accept_at=26),
    replace(ALIKE, icc=0.0),
    replace(ALIKE, icc=1.0),
])  # fmt: skip
def test_the_ends_of_what_can_be(wish: DesignWish) -> None:
    design = design_study(wish)
    text = json.dumps(design.to_dict(), allow_nan=False)
    assert json.loads(text)["cost"] == f"{design.cost:.2f}"
    assert len(design_facts(design)) == 7


def test_lines_for_a_terminal() -> None:
    design = design_study(ALIKE)
    lines = design_lines(design, pilot=None)
    assert lines[0].startswith("For ± 1 points, ask about")
    assert any(line.startswith(f"{design.n_asked:,} ") for line in lines)


@pytest.mark.django_db
def test_a_pilot_says_what_its_votes_say() -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    pilot = pilot_of(build_report(made.study))
    assert (pilot.model, pilot.n_questions, pilot.n_raters) == ("alpha", 3, 5)
    assert (pilot.yes_rate, pilot.icc, pilot.spread) == (None, None, None)
    # Late, fast, slow, twice, by hand: four of them against 25 that count.
    assert pilot.lost == pytest.approx(4 / 29)
    # Of nine images alpha gets i5 and i6 as beta does after people's verdicts, i8 and i9 it alone.
    assert pilot.discordant == pytest.approx(2 / 9)
    assert "It does not say the yes rate" in pilot_sentence(pilot)


@pytest.mark.django_db
def test_a_wish_starts_from_the_study_then_the_pilot() -> None:
    made = hand_study()
    report = build_report(made.study)
    pilot = Pilot("p", "m", 400, 30, 0.31, 0.4, 0.07, 0.02, 0.0)
    wish = first_wish(made.study, report=report, pilot=pilot)
    assert (wish.n_images, wish.n_errors) == (10, 6)
    assert (wish.raters_per_trial, wish.accept_at, wish.reward) == (5, 4, Decimal("0.10"))
    assert (wish.yes_rate, wish.icc, wish.spread, wish.lost) == (0.31, 0.4, 0.07, 0.02)
    # No two models ever differed: the guess stays.
    assert wish.discordant == PAPER.discordant
    assert first_wish(None, report=None, pilot=None) == PAPER
