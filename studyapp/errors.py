"""The errors of studyapp: each says what happened, which item, and what to do."""

from __future__ import annotations


def _sentence(part: str) -> str:
    """The part with one mark at its end: a question keeps its own."""
    return part if part.endswith("?") else part.rstrip(".") + "."


class QuorumError(Exception):
    """Base of every error a person should read.

    `permanent` tells whether the same call can succeed later without anybody changing anything.
    """

    permanent = True

    def __init__(self, happened: str, *, remedy: str = "", item: str = "") -> None:
        self.happened, self.item, self.remedy = happened, item, remedy
        parts = [f"{item}: {happened}" if item else happened, remedy]
        super().__init__(" ".join(_sentence(part) for part in parts if part))


class InputError(QuorumError):
    """A file, a row or an argument cannot be used as it is."""


class ImageInputError(InputError):
    """An image cannot be used."""


class StudyError(QuorumError):
    """A study is not in a state in which this can be done."""


class BudgetError(StudyError):
    """The study would cost more than its budget allows."""


class RaterInputError(QuorumError):
    """What a rater's browser sent is not accepted."""


class RecruiterError(QuorumError):
    """The recruiter refused."""


class RecruiterUnavailableError(RecruiterError):
    """The recruiter gave no usable answer; the outcome of the last call may be unknown."""

    permanent = False


class InsufficientFundsError(RecruiterError):
    """The account cannot pay for what was asked."""
