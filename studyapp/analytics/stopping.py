"""Curtailment: whether the votes at hand already settle a question."""

from __future__ import annotations

from typing import Literal

from studyapp.analytics.errors import RuleError
from studyapp.analytics.rules import Rule

Step = Literal["accepted", "rejected", "undecided", "ask"]


def stop_now(yes: int, *, no: int, rule: Rule, unsure: int = 0) -> Step:
    """What to do after `yes`, `no` and `unsure` valid votes (raw answers) on a question.

    `accepted` and `rejected`: certain whatever the remaining votes say. `undecided`: neither can
    be reached any more with the votes that remain of n. `ask`: another vote can matter. The step
    that is not `ask` equals the verdict after all n votes, in every order of votes.
    Raises RuleError for negative counts, more than n votes, or a rule with `extra="fraction"`,
    whose verdict depends on votes beyond n.
    """
    if rule.extra != "first":
        raise RuleError('Early stopping needs extra="first"; a fraction is never final.')
    seen = yes + no + unsure
    if min(yes, no, unsure) < 0 or seen > rule.n:
        raise RuleError(
            f"{yes} yes, {no} no and {unsure} unsure cannot be among n={rule.n} votes; "
            "count the first n votes only."
        )
    if rule.unsure == "yes":
        yes += unsure
    elif rule.unsure == "no":
        no += unsure
    if yes >= rule.k:
        return "accepted"
    if no >= rule.no_to_reject:
        return "rejected"
    left = rule.n - seen
    if yes + left < rule.k and no + left < rule.no_to_reject:
        return "undecided"
    return "ask"
