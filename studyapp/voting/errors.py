"""Why a rater's request is not accepted; each kind has its own page."""

from __future__ import annotations

from datetime import datetime

from studyapp.errors import RaterInputError


class VotingError(RaterInputError):
    """Base of this package. `kind` names the sentence and way out, `status` the HTTP answer."""

    kind = "bad-link"
    status = 400


class BadLinkError(VotingError):
    """The address or the token is not one we made, or was made for something else."""


class ClosedError(VotingError):
    """The HIT takes no new raters."""

    kind, status = "closed", 410


class FullError(VotingError):
    """Every place is taken; one may come free again."""

    kind, status = "full", 409


class ScreenedOutError(VotingError):
    """This person is not asked."""

    kind, status = "screened-out", 403


class TooOftenError(VotingError):
    """Far more beginnings of one HIT than people make: somebody invents assignments."""

    kind, status = "too-often", 429


class TooSoonError(VotingError):
    """The rater saw other pictures lately; `free_from` is when they may see these."""

    kind, status = "too-soon", 403

    def __init__(self, happened: str, *, free_from: datetime) -> None:
        self.free_from = free_from
        super().__init__(happened, remedy="Return the task; that has no bad effect for you")


class KeptOutError(VotingError):
    """Somebody decided that this rater is not asked in this study."""

    kind, status = "kept-out", 403


class JudgedBeforeError(VotingError):
    """The rater has judged trials of this HIT in another one."""

    kind, status = "judged-before", 409


class EnoughError(VotingError):
    """The rater has given as many answers as the study takes from one person."""

    kind, status = "enough", 409


class TimeOverError(VotingError):
    """The time for the assignment has passed."""

    kind, status = "time-over", 410


class HandedInError(VotingError):
    """The marketplace has already confirmed the submission."""

    kind, status = "handed-in", 409


class AnsweredElsewhereError(VotingError):
    """This answer was already given, and differently: a second window, or a page gone stale."""

    kind, status = "elsewhere", 409


class BadAnswerError(VotingError):
    """An answer or an event makes no sense."""

    kind, status = "bad-answer", 400
