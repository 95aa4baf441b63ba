"""Votes and assignments of a study that is planned; what they cost is not for here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy.typing as npt

from studyapp.analytics.errors import RuleError
from studyapp.analytics.expected_votes import expected_votes
from studyapp.analytics.groups import GROUPS
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule


@dataclass(frozen=True)
class Round:
    """One group of votes: `raters` answer each of `questions` open questions (an expectation).

    assignments = raters * ceil(questions / trials per assignment).
    """

    raters: int
    questions: float
    assignments: int

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(raters=self.raters, questions=self.questions, assignments=self.assignments)


@dataclass(frozen=True)
class Budget:
    """What a study of `n_questions` takes without and with early stopping.

    votes = n_questions * n and assignments = n * ceil(n_questions / trials_per_assignment): all
    asked at once. expected_votes: the mean with early stopping; expected_assignments: the sum over
    `rounds`, each with its expected number of open questions. saved_votes, saved_assignments:
    shares of the former that need not be asked for; the second is smaller where rounds are so
    short that their assignments are not full.
    """

    rule: Rule
    n_questions: int
    trials_per_assignment: int
    votes: int
    assignments: int
    expected_votes: float
    expected_assignments: int
    rounds: tuple[Round, ...]

    @property
    def saved_votes(self) -> float:
        """1 - expected_votes / votes."""
        return 1 - self.expected_votes / self.votes

    @property
    def saved_assignments(self) -> float:
        """1 - expected_assignments / assignments; below 0 where stopping costs assignments."""
        return 1 - self.expected_assignments / self.assignments

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields and properties above, the rounds and the rule as objects."""
        return payload(
            method="curtailment",
            n_questions=self.n_questions,
            trials_per_assignment=self.trials_per_assignment,
            votes=self.votes,
            assignments=self.assignments,
            expected_votes=self.expected_votes,
            expected_assignments=self.expected_assignments,
            saved_votes=self.saved_votes,
            saved_assignments=self.saved_assignments,
            rounds=[part.to_dict() for part in self.rounds],
            rule=self.rule.to_dict(),
        )


def votes_budget(
    n_questions: int,
    *,
    rule: Rule,
    trials_per_assignment: int,
    p: float | None = None,
    by_yes: npt.ArrayLike | None = None,
    groups: Sequence[int] | None = GROUPS,
) -> Budget:
    """Votes and assignments for n_questions, all at once and in groups that stop early.

    p or by_yes: what is expected of the answers, as in `expected_votes`; one p for all questions
    promises less than the mixture that questions are, so prefer the histogram of a pilot.
    trials_per_assignment: questions that one rater answers in one assignment.
    Raises RuleError for fewer than 1 of either, and what `expected_votes` raises.
    """
    if n_questions < 1 or trials_per_assignment < 1:
        raise RuleError(
            f"{n_questions} questions in assignments of {trials_per_assignment} cannot be; "
            "give 1 or more of each."
        )
    expected = expected_votes(rule, p=p, by_yes=by_yes, groups=groups)
    rounds = []
    sizes = groups if groups is not None else (1,) * rule.n
    for raters, share in zip(sizes, expected.reached.tolist(), strict=True):
        questions = n_questions * min(1.0, share)
        # Not a whole assignment for what the rounding of floats adds to a whole number.
        lots = math.ceil(questions / trials_per_assignment - 1e-9)
        rounds.append(Round(raters=int(raters), questions=questions, assignments=raters * lots))
    return Budget(
        rule=rule,
        n_questions=n_questions,
        trials_per_assignment=trials_per_assignment,
        votes=n_questions * rule.n,
        assignments=rule.n * -(-n_questions // trials_per_assignment),
        expected_votes=n_questions * float(expected.votes),
        expected_assignments=sum(part.assignments for part in rounds),
        rounds=tuple(rounds),
    )
