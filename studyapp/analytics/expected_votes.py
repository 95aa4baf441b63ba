"""How many votes a question takes when asking stops as soon as its verdict is certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import comb

from studyapp.analytics.columns import Float64, frozen, integer_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.groups import group_ends
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule

#: The table of every split of n votes has n cubed cells.
LARGEST_N = 200


@dataclass(frozen=True, eq=False)
class ExpectedVotes:
    """Expected votes per question with early stopping, 1..n; answers are yes or no.

    by_yes: float64[n + 1], of a question that would get j yes among all n, in any order.
    votes: float64, as asked for: one for each `p`, or the mean over the questions of a histogram.
    reached: float64[..., G], the share of questions for which each group is asked, first 1.
    saved_share: 1 - votes / n, the share of votes that need not be asked for, shaped as `votes`.
    groups: sizes of the groups asked for at once; None is one by one.
    """

    rule: Rule
    groups: tuple[int, ...] | None
    by_yes: Float64
    votes: Float64
    reached: Float64
    saved_share: Float64

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, the rule as an object."""
        return payload(
            method="curtailment",
            rule=self.rule.to_dict(),
            groups=self.groups,
            by_yes=self.by_yes,
            votes=self.votes,
            reached=self.reached,
            saved_share=self.saved_share,
        )


def expected_votes(
    rule: Rule,
    *,
    p: npt.ArrayLike | None = None,
    by_yes: npt.ArrayLike | None = None,
    groups: Sequence[int] | None = None,
) -> ExpectedVotes:
    """Expected votes for raters who say yes with chance p, or for questions with known yes counts.

    p: float64[...] in 0..1, each vote yes with chance p on its own. by_yes: int[n + 1], how many
    questions get j yes of n; every order of a question's votes is as likely. Give one of the two.
    Exact: with T the votes used, E[T] is the sum of P(not settled after t) over the t votes (or the
    group sizes) that follow, and P that of a random order, a hypergeometric one.
    Raises ColumnError for a bad p or histogram, RuleError for both or neither of them, groups
    that do not add up to n, n above 200, or a rule with `extra="fraction"`, which never settles.
    """
    if rule.extra != "first":
        raise RuleError('Early stopping needs extra="first"; a fraction is never final.')
    if rule.n > LARGEST_N:
        raise RuleError(f"n={rule.n} votes are too many to tabulate; give n up to {LARGEST_N}.")
    if (p is None) == (by_yes is None):
        raise RuleError("Give either the chance p of a yes or the histogram by_yes.")
    ends = group_ends(groups, rule=rule)
    open_before = _open_before((0, *ends[:-1]), rule=rule)
    of_count = open_before @ np.diff((0, *ends))
    weight = _histogram(by_yes, rule.n) if p is None else _binomial(p, rule.n)
    votes = np.asarray(weight @ of_count)
    return ExpectedVotes(
        rule=rule,
        groups=None if groups is None else tuple(int(size) for size in groups),
        by_yes=frozen(of_count),
        votes=frozen(votes),
        reached=frozen(np.asarray(weight @ open_before)),
        saved_share=frozen(np.asarray(1 - votes / rule.n)),
    )


def _open_before(starts: Sequence[int], *, rule: Rule) -> Float64:
    """float64[n + 1, G]: the chance that a question of j yes is open after so many of its votes."""
    n = rule.n
    total, yes = np.arange(n + 1)[:, None], np.arange(n + 1)
    columns = []
    for start in starts:
        # Neither k yes nor n - k + 1 no so far.
        still = (yes < rule.k) & (start - yes < rule.no_to_reject)
        # Ways that `yes` of the votes so far fall on the `total` yes, of all ways (hypergeometric).
        ways = comb(total, yes) * comb(n - total, start - yes) / comb(n, start)
        columns.append(ways[:, still].sum(axis=1))
    return np.stack(columns, axis=1)


def _binomial(p: npt.ArrayLike, n: int) -> Float64:
    """float64[..., n + 1]: the chance of j yes of n."""
    chance = np.asarray(p, dtype=np.float64)
    # Written so that NaN is refused too.
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ColumnError("A chance p of a yes lies outside 0..1; give shares.")
    # Not scipy's binom.pmf, which overflows for p near the smallest float.
    yes, each = np.arange(n + 1), chance[..., None]
    return np.asarray(comb(n, yes) * each**yes * (1 - each) ** (n - yes), dtype=np.float64)


def _histogram(values: npt.ArrayLike | None, n: int) -> Float64:
    """float64[n + 1]: the share of questions with j yes."""
    counts = integer_column("by_yes", np.asarray(values), length=n + 1)
    if (counts < 0).any() or not counts.any():
        raise ColumnError(
            "Column by_yes has a negative number or no question at all; "
            "give the number of questions for 0 to n yes."
        )
    return np.asarray(counts / counts.sum(), dtype=np.float64)
