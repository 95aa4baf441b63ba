"""The figures of a study that runs, each with its key and its definition."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from studyapp.reports.monitor import Monitor


@dataclass(frozen=True)
class Fact:
    key: str
    label: str
    text: str
    meaning: str


def trial_facts(found: Monitor) -> list[Fact]:
    """How far the questions are; together they are all trials."""
    of = found.trials
    decided = [
        ("accepted", of.accepted, "Certain to be accepted under the rule, whatever comes."),
        ("rejected", of.rejected, "Certain to be rejected under the rule."),
        ("undecided", of.undecided, "All votes are in and decide nothing, for some cannot tell."),
    ]
    facts = [
        *(
            decided
            if found.decides
            else [("complete", of.complete, "All votes are in; these answers decide nothing.")]
        ),
        ("waiting", of.waiting, "Open, and places that may bring votes are out."),
        ("ready for the next group", of.next, "Open, and more votes can be asked for now."),
        (
            "short of votes",
            of.short,
            "Open, nobody is asked, and the study asks no more by itself.",
        ),
        ("not offered yet", of.unpublished, "In no HIT so far."),
    ]
    return [
        Fact(f"trials-{label.split()[0]}", label.capitalize(), f"{n:,}", meaning)
        for label, n, meaning in facts
    ]


def people_facts(found: Monitor) -> list[Fact]:
    """Assignments by where they are; every one is in exactly one place."""
    of = found.people
    rows = [
        ("at_work", "At work now", of.at_work, "Begun here, time left, answers missing."),
        ("finishing", "About to hand in", of.finishing, "All answers saved, time left."),
        ("waiting", "Handed in, not decided", of.waiting, "Confirmed by the marketplace."),
        ("paid", "Paid", of.paid, "Approved, by us or by itself after a while."),
        ("rejected", "Rejected", of.rejected, "A person refused to pay; votes are untouched."),
        ("left", "Given up or given back", of.left, "Time over with answers missing."),
        (
            "never",
            "Done, never handed in",
            of.never_confirmed,
            "All answers saved, time over, no hand-in known. Their votes do not count.",
        ),
        (
            "unproven",
            "Without proof",
            of.unproven,
            "Handed in without our page’s proof: forged, or a browser failed. No vote counts.",
        ),
        (
            "unknown",
            "Nothing answered here",
            of.unknown,
            "Handed in by somebody who gave no answer on our pages. There are no votes.",
        ),
    ]
    facts = [Fact(f"people-{key}", label, f"{n:,}", meaning) for key, label, n, meaning in rows]
    told = "People with an assignment in this study, test runs left out."
    return [Fact("people-raters", "Raters in all", f"{found.raters:,}", told), *facts]


def money_facts(found: Monitor) -> list[Fact]:
    """US dollars, to the cent."""
    money, wage = found.money, found.wage
    limit = "none" if money.budget is None else _usd(money.budget)
    hourly = "–" if wage.median is None else _usd(wage.median)
    known = wage.low is not None and wage.high is not None
    between = f"{wage.low:,.2f} – {wage.high:,.2f}" if known else "–"
    return [
        Fact("money-paid", "Paid", _usd(money.paid), "Rewards, bonuses and the fees on both."),
        Fact(
            "money-held",
            "Held",
            _usd(found.held),
            "What is offered, under way or meant, and not paid yet, with fees.",
        ),
        Fact(
            "money-most",
            "The most it can come to",
            _usd(money.committed),
            "Paid and held together, as it stands.",
        ),
        Fact("money-limit", "Limit", limit, "What the study may cost; nothing exceeds it."),
        Fact(
            "money-wage",
            "An hour at the reward, median",
            hourly,
            "Reward / time from each picture’s showing to its answer, added up by the server’s "
            "clock; over n confirmed assignments, bonuses left out.",
        ),
        Fact("money-wages", "Half of it earns", between, "USD an hour: the quartiles of the same."),
        Fact("money-timed", "Assignments timed, n", f"{wage.n:,}", "What these two are over."),
    ]


def _usd(amount: Decimal) -> str:
    return f"{amount:,.2f} USD"
