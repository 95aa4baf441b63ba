"""How long an assignment may be worked on; told further down, since reports ask too."""

from __future__ import annotations

from studyapp.time_allowed import MARGIN, time_allowed

__all__ = ["MARGIN", "time_allowed"]
