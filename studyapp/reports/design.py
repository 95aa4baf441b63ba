"""Design a study before anybody is asked: images, raters, money, and what they can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from studyapp.analytics import (
    AnalyticsError,
    Budget,
    Rule,
    RuleError,
    detectable_paired,
    expected_by_yes,
    images_for_halfwidth,
    lost_votes,
    rater_halfwidth,
    raters_for_halfwidth,
    verdict_noise,
    votes_budget,
)
from studyapp.cost import Cost, cost_of_hits, estimate_cost
from studyapp.errors import InputError
from studyapp.reports.design_values import Design, DesignPoint, DesignWish, StoppedRound

#: Questions the expected shares are spread over to make a histogram of whole numbers.
FINE = 10_000_000
POINTS = 24


def design_study(wish: DesignWish) -> Design:
    """What the wish takes, from the statistics of `analytics` and the prices of `cost`.

    Raises InputError for what cannot be, or leaves nothing to find out.
    """
    try:
        return _designed(wish)
    except AnalyticsError as error:
        raise InputError(str(error), item="the design") from error


def _designed(wish: DesignWish) -> Design:
    _refuse_impossible(wish)
    rule = Rule(k=wish.accept_at, n=wish.raters_per_trial)
    by_yes = expected_by_yes(wish.yes_rate, icc=wish.icc, n=rule.n)
    accepted = float(by_yes[rule.k :].sum())
    if not 0 < accepted < 1:
        raise InputError(
            f"a yes rate of {wish.yes_rate:.0%} leaves nothing to find out",
            item="the design",
            remedy="Expect something between none and all",
        )
    needed = _needed(wish, accepted)
    asked = wish.n_errors if needed is None else needed
    budget = _budget(wish, asked, rule=rule, by_yes=by_yes.tolist())
    cost = _cost(wish, asked)
    rounds = tuple(_rounds(wish, budget))
    top1 = wish.n_errors / wish.n_images
    return Design(
        wish=wish,
        by_yes=tuple(by_yes.tolist()),
        accepted_share=accepted,
        n_needed=needed,
        n_asked=asked,
        halfwidth=_halfwidth(wish, accepted, asked, wish.people),
        halfwidth_images=_images_alone(wish, accepted, asked),
        people_needed=_people(wish, accepted, wish.n_errors),
        people_for_asked=_people(wish, accepted, asked),
        votes_per_person=_to_ask(wish, asked) * rule.n / wish.people,
        top1_error=top1,
        rectified_top1_error=top1 * (1 - accepted),
        lost=lost_votes(by_yes, rule=rule, lost=wish.lost),
        trials=cost.trials,
        hits=cost.hits,
        assignments=cost.assignments,
        cost=cost.total,
        stopped_rounds=rounds,
        stopped_cost=sum((part.cost for part in rounds), Decimal(0)),
        saved_votes=budget.saved_votes,
        detectable=_detectable(wish),
        curve=tuple(_point(wish, accepted, n) for n in _sizes(wish.n_errors, asked)),
    )


def _refuse_impossible(wish: DesignWish) -> None:
    told = {
        f"{wish.n_errors:,} mistakes of {wish.n_images:,} images cannot be":
            not 1 <= wish.n_errors <= wish.n_images,
        f"{wish.people:,} people cannot give {wish.raters_per_trial} votes to a question":
            wish.people < wish.raters_per_trial,
        f"{wish.lost:.0%} of the votes cannot be lost": not 0 <= wish.lost < 1,
        f"{wish.trials_per_hit} questions to a HIT cannot be": wish.trials_per_hit < 1,
        f"a reward of {wish.reward} cannot be": not (wish.reward.is_finite() and wish.reward >= 0),
    }  # fmt: skip
    for happened, holds in told.items():
        if holds:
            raise InputError(happened, item="the design", remedy="Correct the numbers")


def _needed(wish: DesignWish, accepted: float) -> int | None:
    try:
        return images_for_halfwidth(
            wish.n_images,
            m=wish.n_errors,
            a=accepted,
            halfwidth=wish.halfwidth,
            raters=wish.people,
            spread=wish.spread,
            noise=_noise(wish),
            level=wish.level,
        )
    except RuleError:
        if not wish.halfwidth > 0:
            raise
        return None


def _people(wish: DesignWish, accepted: float, asked: int) -> int | None:
    try:
        found = raters_for_halfwidth(
            wish.n_images,
            m=wish.n_errors,
            a=accepted,
            halfwidth=wish.halfwidth,
            n=asked,
            spread=wish.spread,
            noise=_noise(wish),
            level=wish.level,
        )
    except RuleError:
        return None
    return max(found, wish.raters_per_trial)


def _halfwidth(wish: DesignWish, accepted: float, asked: int, people: int) -> float:
    return rater_halfwidth(
        wish.n_images,
        m=wish.n_errors,
        a=accepted,
        n=asked,
        raters=people,
        spread=wish.spread,
        noise=_noise(wish),
        level=wish.level,
    )


def _images_alone(wish: DesignWish, accepted: float, asked: int) -> float:
    """With endlessly many people: what images and single votes leave to chance."""
    return rater_halfwidth(
        wish.n_images,
        m=wish.n_errors,
        a=accepted,
        n=asked,
        raters=wish.people,
        spread=0.0,
        noise=_noise(wish),
        level=wish.level,
    )


def _noise(wish: DesignWish) -> float:
    return verdict_noise(wish.yes_rate, icc=wish.icc, n=wish.raters_per_trial, k=wish.accept_at)


def _to_ask(wish: DesignWish, asked: int) -> int:
    """Trials to publish for so many questions when votes that are lost are asked for again."""
    return math.ceil(asked / (1 - wish.lost) - 1e-9)


def _cost(wish: DesignWish, asked: int) -> Cost:
    return estimate_cost(
        trials=_to_ask(wish, asked),
        trials_per_hit=wish.trials_per_hit,
        raters_per_trial=wish.raters_per_trial,
        reward=wish.reward,
    )


def _budget(wish: DesignWish, asked: int, *, rule: Rule, by_yes: Sequence[float]) -> Budget:
    histogram = np.rint(np.asarray(by_yes) * FINE).astype(np.int64)
    pairs, rest = divmod(rule.n, 2)
    return votes_budget(
        _to_ask(wish, asked),
        rule=rule,
        trials_per_assignment=wish.trials_per_hit,
        by_yes=histogram,
        groups=(2,) * pairs + (1,) * rest,
    )


def _rounds(wish: DesignWish, budget: Budget) -> list[StoppedRound]:
    rounds = []
    for part in budget.rounds:
        cost = cost_of_hits(
            part.assignments // part.raters,
            trials=math.ceil(part.questions),
            raters_per_hit=part.raters,
            reward=wish.reward,
        )
        rounds.append(
            StoppedRound(
                raters=part.raters,
                questions=part.questions,
                assignments=part.assignments,
                cost=cost.total,
            )
        )
    return rounds


def _detectable(wish: DesignWish) -> float | None:
    try:
        return detectable_paired(
            wish.n_images, discordant=wish.discordant, power=wish.power, level=wish.level
        )
    except RuleError:
        return None


def _point(wish: DesignWish, accepted: float, asked: int) -> DesignPoint:
    return DesignPoint(
        n_asked=asked,
        halfwidth=_halfwidth(wish, accepted, asked, wish.people),
        halfwidth_half=_halfwidth(wish, accepted, asked, max(1, wish.people // 2)),
        halfwidth_twice=_halfwidth(wish, accepted, asked, 2 * wish.people),
        halfwidth_images=_images_alone(wish, accepted, asked),
        cost=_cost(wish, asked).total,
    )


def _sizes(n_errors: int, asked: int) -> list[int]:
    """Numbers of mistakes up to all of them, closer together where the curve is steep."""
    first = min(n_errors, max(1, n_errors // 100, min(20, n_errors)))
    steep = np.geomspace(first, n_errors, POINTS)
    # What chance leaves falls to nothing at the end, steeply again.
    end = n_errors * np.array([0.9, 0.95, 0.98, 0.995])
    sizes = np.maximum(1, np.rint(np.concatenate([steep, end]))).astype(int)
    return sorted({*sizes.tolist(), asked, n_errors})
