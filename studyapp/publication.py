"""What a publication is asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from studyapp.cost import Costs
from studyapp.plurals import counted
from studyapp.turns import TurnsToAsk

#: Offering a trial more often than this points at something else that is wrong.
MOST_TIMES = 20


@dataclass(frozen=True)
class Again:
    """What to offer again besides trials that are in no lot yet and groups that come next.

    times: how often a trial may be offered to make up for votes that were lost. undecided: only
    those that are not decided. now: also in lots that are not full, while others may still come.
    """

    times: int = 0
    undecided: bool = False
    now: bool = False


NOTHING_AGAIN = Again()


@dataclass
class PublishSummary:
    study: str
    environment: str
    #: What the HITs still to be opened cost, at the start of this run.
    cost: Costs
    #: HITs opened by this run, and HITs it found there from an earlier try.
    opened: int = 0
    found: int = 0
    #: HITs and trials that are open in all, at the end of this run.
    open: int = 0
    trials_open: int = 0
    #: Conditions that are launched later, and when.
    waiting: list[str] = field(default_factory=list)
    #: Whether what waits is published without anybody when its time has come.
    launches_by_itself: bool = False
    #: HITs that were not sent because the study is stopped.
    held_back: int = 0
    dry_run: bool = False
    calls: list[str] = field(default_factory=list)
    #: How trials stand that were offered before; only where votes are asked for in turns.
    turns: TurnsToAsk | None = None
    times: int = 0

    def lines(self) -> list[str]:
        where = f"{self.study} on {self.environment}"
        if self.dry_run:
            again = f"Next: manage.py publish {self.study}"
            calls = [f"  {call}" for call in self.calls]
            would = f"{where}, nothing sent. It would send:"
            return [would, *calls, *self._standing(), *self.cost.lines(), again]
        collect = f"Next: manage.py collect_votes {self.study}"
        if self.held_back:
            waits = f"{counted(self.held_back, 'HIT')} not sent, for asking was stopped"
            sent = f"{self.opened + self.found:,} sent before"
            again = f"Next: manage.py publish {self.study}, to go on with them"
            return [f"{where}: {waits}; {sent}.", *self._standing(), again]
        if not self.opened and not self.found:
            nothing = f"{where}: nothing left to publish, {counted(self.open, 'HIT')} still open."
            return [nothing, *self._standing(), collect]
        found = f", {self.found:,} found there from an earlier try" if self.found else ""
        opened = f"{counted(self.opened, 'HIT')} opened{found}"
        are = "is" if self.open == 1 else "are"
        in_all = (
            f"{counted(self.open, 'HIT')} with {counted(self.trials_open, 'trial')} {are} open in "
            "all."
        )
        then = (
            "it is then published by itself, where beat and a worker run"
            if self.launches_by_itself
            else "run this again then"
        )
        later = [f"Mind: {waiting}; {then}." for waiting in self.waiting]
        said = f"{where}: {opened}; {in_all}"
        return [said, *self._standing(), *self.cost.lines(), *later, collect]

    def _standing(self) -> list[str]:
        if self.turns is None:
            return []
        stand = (
            f"Of the trials offered before, {self.turns.settled:,} are settled, "
            f"{self.turns.waiting:,} wait for votes that are out and {len(self.turns.turns):,} "
            "could be offered again"
        )
        if not self.turns.short:
            return [f"{stand}."]
        more = f"`manage.py publish {self.study} --again {self.times + 1}` asks once more"
        lack = (
            f"{counted(self.turns.short, 'trial')} lack votes and were offered as often as planned"
        )
        return [f"{stand}; {lack}: {more}."]
