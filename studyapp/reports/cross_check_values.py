"""The blind cross-check as a value."""

from __future__ import annotations

from dataclasses import dataclass

from studyapp.analytics.cross_check import FailureRate


@dataclass(frozen=True)
class CrossCheckReport:
    """false_yes: accepted, and the researcher says no. false_no: rejected, and they say yes.

    Both are None until every item is answered: nobody stops when the figure pleases.
    """

    drawn_at: str
    seed: int
    accept_at: int
    unsure: str
    seconds_min: float | None
    seconds_max: float | None
    n_drawn: int
    n_answered: int
    n_not_shown: int
    #: Accounts that answered.
    n_people: int
    #: Answers that were taken back and given anew.
    n_changed: int
    false_yes: FailureRate | None
    false_no: FailureRate | None

    @property
    def complete(self) -> bool:
        return self.n_answered == self.n_drawn
