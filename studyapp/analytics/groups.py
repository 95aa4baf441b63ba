"""Votes asked for in parallel groups: how many to ask for now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from studyapp.analytics.errors import RuleError
from studyapp.analytics.rules import Rule
from studyapp.analytics.stopping import stop_now

#: Two, two more, and a last one: few waits, and most of what asking one by one saves.
GROUPS = (2, 2, 1)


def next_group(
    yes: int,
    *,
    no: int,
    pending: int,
    rule: Rule,
    groups: Sequence[int] = GROUPS,
    unsure: int = 0,
    asked: int = 0,
) -> int:
    """How many more votes to ask for on a question now; 0 is to stop or to wait.

    yes, no, unsure: the valid votes that are in (raw answers). pending: votes asked for and not
    in. groups: sizes that add up to rule.n. Nothing is asked once the question is settled
    (`stop_now`). Otherwise the group that is under way is filled up: a vote of it that was lost or
    excluded is asked for again, and the next group begins when the last one is complete. asked: how
    often votes on the question were asked for before; where that is more often than groups are
    complete, what was lost is asked for together with the group whose turn it is, if nothing is
    pending, so that a loss costs none of the turns there are groups for.
    Raises RuleError for groups that do not add up to n, or counts that cannot be.
    """
    ends = group_ends(groups, rule=rule)
    if min(pending, asked) < 0:
        raise RuleError(f"pending={pending}, asked={asked} cannot be; give 0 or more.")
    if stop_now(yes, no=no, unsure=unsure, rule=rule) != "ask":
        return 0
    seen = yes + no + unsure
    end = next(end for end in ends if end > seen)
    if not pending:
        end = max(end, ends[min(asked, len(ends) - 1)])
    return max(0, end - seen - pending)


def group_ends(groups: Sequence[int] | None, *, rule: Rule) -> tuple[int, ...]:
    """How many votes are in after each group, the last being rule.n; None is one by one."""
    if groups is None:
        return tuple(range(1, rule.n + 1))
    if min(groups, default=0) < 1 or sum(groups) != rule.n:
        raise RuleError(
            f"Groups of {', '.join(map(str, groups)) or 'nothing'} votes do not make "
            f"n={rule.n}; give sizes of 1 or more that add up to it."
        )
    return tuple(accumulate(groups))
