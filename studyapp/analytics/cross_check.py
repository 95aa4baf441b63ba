"""The blind cross-check: how often a verdict of the raters fails before a researcher's own eyes."""

from __future__ import annotations

import operator
from dataclasses import dataclass

from studyapp.analytics.errors import RuleError
from studyapp.analytics.intervals import proportion_ci


@dataclass(frozen=True)
class FailureRate:
    """How often the check contradicts one verdict. Shares are fractions; None where n is 0.

    n_decided: questions with the verdict when the sample was drawn. n_drawn: those in the sample.
    n: answered yes or no, the denominator. n_unsure: answered “cannot tell”, in no share but
    `worst_upper`. n_contradicted: no where accepted (a false yes), yes where rejected (a false no).
    rate: n_contradicted / n. upper: exact one-sided upper limit (Clopper and Pearson 1934) of the
    rate among all n_decided at confidence `level`: were the rate higher, so few contradictions or
    fewer would come up with probability below 1 - level. worst_upper: the same with every “cannot
    tell” counted as a contradiction. The sample is drawn without replacement, which the binomial
    takes no gain from: both limits are on the safe side.
    """

    n_decided: int
    n_drawn: int
    n: int
    n_unsure: int
    n_contradicted: int
    rate: float | None
    upper: float | None
    worst_upper: float | None
    level: float


def failure_rate(
    *,
    n_decided: int,
    n_drawn: int,
    n_agreed: int,
    n_contradicted: int,
    n_unsure: int,
    level: float = 0.95,
) -> FailureRate:
    """The rate from counts of answers, all of them non-negative whole numbers.

    Raises RuleError for counts that cannot be: more drawn than decided, more answered than drawn.
    """
    n_decided, n_drawn = operator.index(n_decided), operator.index(n_drawn)
    counts = [operator.index(count) for count in (n_agreed, n_contradicted, n_unsure)]
    answered = sum(counts)
    if min(n_decided, n_drawn, *counts) < 0 or not answered <= n_drawn <= n_decided:
        raise RuleError(
            f"{answered} answered of {n_drawn} drawn of {n_decided} cannot be; each is at most "
            "the next."
        )
    n = n_agreed + n_contradicted
    return FailureRate(
        n_decided=n_decided,
        n_drawn=n_drawn,
        n=n,
        n_unsure=n_unsure,
        n_contradicted=n_contradicted,
        rate=n_contradicted / n if n else None,
        upper=_upper(n_contradicted, n, level),
        worst_upper=_upper(n_contradicted + n_unsure, answered, level),
        level=level,
    )


def _upper(k: int, n: int, level: float) -> float | None:
    """The upper end of a two-sided interval that leaves out as much above as 1 - level."""
    if not n:
        return None
    return proportion_ci(k, n=n, method="clopper_pearson", level=2 * level - 1).high
