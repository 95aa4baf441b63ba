"""The design of a study as a value: what is expected and wanted, and what that takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal

from studyapp.analytics import LostVotes
from studyapp.analytics.results import JSONValue, plain

SCHEMA_VERSION = 1

#: On four models' mistakes in a tenth of the public votes on ImageNet (Beyer et al. 2020), with
#: unsure left out: correlation of two votes on a question 0.66 to 0.72, spread of raters 0.034 to
#: 0.057. With unsure as no they are 0.45 to 0.50 and 0.06 to 0.10.
PUBLIC_ICC = 0.7
PUBLIC_SPREAD = 0.05


@dataclass(frozen=True)
class DesignWish:
    """What is expected of the answers and wanted of the study; shares are fractions.

    n_errors of n_images are mistakes that could be asked about. yes_rate: chance that a vote is
    yes; icc: how much questions differ. lost: share of votes that will not count. spread: how much
    raters differ (`analytics.rater_spread`). people: raters who take part in all. halfwidth: of
    the rectified error. discordant: share of images only one of two models gets right.
    """

    n_images: int
    n_errors: int
    raters_per_trial: int = 5
    accept_at: int = 4
    yes_rate: float = 0.4
    icc: float = PUBLIC_ICC
    lost: float = 0.05
    people: int = 100
    spread: float = PUBLIC_SPREAD
    halfwidth: float = 0.01
    discordant: float = 0.1
    power: float = 0.8
    level: float = 0.95
    reward: Decimal = Decimal("0.10")
    trials_per_hit: int = 10


@dataclass(frozen=True)
class DesignPoint:
    """What asking `n_asked` mistakes gives and costs.

    halfwidth: with the people of the wish; halfwidth_half and halfwidth_twice: with half and twice
    as many; halfwidth_images: what images and single votes would leave with endlessly many.
    """

    n_asked: int
    halfwidth: float
    halfwidth_half: float
    halfwidth_twice: float
    halfwidth_images: float
    cost: Decimal


@dataclass(frozen=True)
class StoppedRound:
    """One group of votes of early stopping: its price for the questions still open."""

    raters: int
    questions: float
    assignments: int
    cost: Decimal


@dataclass(frozen=True)
class Design:
    """What the wish takes. Money is in US dollars, to the cent.

    n_needed: mistakes to ask for the wanted interval with the people of the wish; None where not
    even all are enough. n_asked: that, or all. people_needed: raters for the wanted interval when
    all mistakes are asked, None where no number is enough; people_for_asked: the same for n_asked.
    cost and stopped_cost: without and with early stopping, lost votes asked for again.
    detectable: smallest difference of two models' rectified errors that all n_images tell at the
    power of the wish; None where there is none.
    """

    wish: DesignWish
    by_yes: tuple[float, ...]
    accepted_share: float
    n_needed: int | None
    n_asked: int
    halfwidth: float
    halfwidth_images: float
    people_needed: int | None
    people_for_asked: int | None
    votes_per_person: float
    top1_error: float
    rectified_top1_error: float
    lost: LostVotes
    trials: int
    hits: int
    assignments: int
    cost: Decimal
    stopped_rounds: tuple[StoppedRound, ...]
    stopped_cost: Decimal
    saved_votes: float
    detectable: float | None
    curve: tuple[DesignPoint, ...]

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, money as text with two places."""
        whole = _with_text(asdict(self))
        return {"schema_version": SCHEMA_VERSION} | {
            str(key): plain(value) for key, value in whole.items()
        }


def _with_text(value: object) -> dict[str, object]:
    """The mapping with every amount of money, however deep, as text."""
    found = _text(value)
    if not isinstance(found, dict):
        raise TypeError("A design is a mapping.")
    return found


def _text(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, dict):
        return {key: _text(item) for key, item in value.items()}
    return [_text(item) for item in value] if isinstance(value, list | tuple) else value
