"""Refusals of what a HIT's state does not allow."""

from __future__ import annotations

from marketplace.errors import RequestRefusedError
from marketplace.models import HIT
from marketplace.vocabulary import HITStatus


def wrong_state(status: HITStatus, *, allowed: tuple[HITStatus, ...]) -> RequestRefusedError:
    """The service's words; they name the state even where something else is amiss."""
    names = ", ".join(state.value for state in allowed)
    return RequestRefusedError(
        "InvalidHITState",
        f"This HIT is currently in the state '{status.value}'.  This operation can be called "
        f"with a status of: {names}",
    )


def refuse_disposed(hit: HIT) -> None:
    """Nothing about a disposed HIT changes any more."""
    if hit.disposed_at is not None:
        live = (
            HITStatus.ASSIGNABLE,
            HITStatus.UNASSIGNABLE,
            HITStatus.REVIEWABLE,
            HITStatus.REVIEWING,
        )
        raise wrong_state(HITStatus.DISPOSED, allowed=live)
