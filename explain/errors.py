"""What can go wrong in explain: one base, one family per part, each saying what to do about it."""

from __future__ import annotations

from typing import ClassVar


class ExplainError(Exception):
    """Base of every error of this package.

    Its text is always "item: what happened. What to do." The parts are kept as attributes, and
    `retryable` says whether the same call can succeed later with nothing changed.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, what: str, *, item: str, remedy: str) -> None:
        super().__init__(f"{item}: {what}. {remedy}.")
        self.what = what
        self.item = item
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        # The default would call the class with the text alone, and an error that crosses to
        # another process (a Celery result, a pool) would be lost in a TypeError.
        return _rebuild, (type(self), self.what, self.item, self.remedy)


def _rebuild(kind: type[ExplainError], what: str, item: str, remedy: str) -> ExplainError:
    return kind(what, item=item, remedy=remedy)


class ParameterError(ExplainError):
    """An argument that no image and no model could make right, such as k = 0."""


class ImageError(ExplainError):
    """One image that cannot be read, prepared or predicted; the others are not concerned."""


class DeviceError(ExplainError):
    """A device that does not exist, or whose memory does not hold even one image."""


class ModelError(ExplainError):
    """A model that is unknown, cannot be built, or does not keep the contract of a classifier."""


class WeightsError(ExplainError):
    """A weights file that is missing, unreadable, unsafe, or belongs to another model."""


class DownloadError(WeightsError):
    """Weights that had to come over the network and did not."""

    retryable = True
