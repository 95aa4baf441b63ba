"""How much of a classifier's evidence lies on the object itself (Szyc et al. 2021, section 3)."""

from __future__ import annotations

from explain.robustness.agreement import RankOverlap, lowest, rank_overlap, spearman
from explain.robustness.classes import ClassScore, by_class
from explain.robustness.rs import Scores, Undefined, scores
from explain.robustness.tables import ClassTable, read_table

__all__ = [
    "ClassScore",
    "ClassTable",
    "RankOverlap",
    "Scores",
    "Undefined",
    "by_class",
    "lowest",
    "rank_overlap",
    "read_table",
    "scores",
    "spearman",
]
