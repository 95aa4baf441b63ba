"""Everything the marketplace refuses, by who is told: a client program or a worker."""

from __future__ import annotations

TURK = "AWS.MechanicalTurk."


class MarketplaceError(Exception):
    """Base of every error of this package."""


class ProtocolError(MarketplaceError):
    """A call that never reached an operation: routing, signature or form of the body."""

    def __init__(self, wire_type: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.wire_type = wire_type
        self.status = status


class RequestRefusedError(MarketplaceError):
    """An operation said no; on the wire a RequestError with a TurkErrorCode."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.turk_code = TURK + code


class InvalidParameterError(RequestRefusedError):
    """A parameter has a value the operation does not take."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidParameterValue", message)


class InsufficientFundsError(RequestRefusedError):
    """The requester's available balance does not cover the call; nothing was changed."""

    def __init__(self, message: str) -> None:
        super().__init__("InsufficientFunds", message)


class WorkRefusedError(MarketplaceError):
    """A worker cannot do that; `reason` is a stable word, the message is for the worker."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class AnswersRefusedError(WorkRefusedError):
    """Answers of a test that cannot be taken; `problems` has words for each question's name."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("answers", "Some questions are not answered as they need to be.")
        self.problems = problems


class RobotError(MarketplaceError):
    """A simulated worker met a page it cannot use."""


class EnrolmentError(MarketplaceError):
    """A requester or worker cannot be created as asked."""
