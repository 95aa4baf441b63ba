"""What a recruiter may offer besides: lists of people that lots can be closed to.

One without them loses nothing but early notice: our own pages let nobody in who is to be kept out.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class KeepsLists(Protocol):
    """Every call is safe to repeat; its errors are RecruiterErrors."""

    def make_list(self, name: str, *, description: str) -> str:
        """Make the list of this name, or find it made already; returns its id."""

    def enlist(self, list_id: str, *, worker_id: str) -> None:
        """Put somebody on it; whoever is on it stays."""

    def regroup(self, lot_id: str, *, group_id: str) -> None:
        """Put a lot that is on offer under these terms. Raises LotGoneError."""

    def strike(self, list_id: str, *, worker_id: str, reason: str) -> None:
        """Take somebody off it, who may read why; whoever is not on it stays off."""
