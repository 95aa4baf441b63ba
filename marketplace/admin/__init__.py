"""The operator's pages: everything can be seen, money and history cannot be changed."""

from __future__ import annotations

from marketplace.admin import disputes, money, people, qualifications, work

__all__ = ["disputes", "money", "people", "qualifications", "work"]
