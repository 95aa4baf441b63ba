from __future__ import annotations

from tests.journeys.toy_world import two_hosts, world
from tests.recruiting import proxy, site

__all__ = ["proxy", "site", "two_hosts", "world"]
