from __future__ import annotations

from tests.recruiting import proxy, site

__all__ = ["proxy", "site"]
