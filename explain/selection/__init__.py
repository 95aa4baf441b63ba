"""Example sets: a class shown by a few of its images, chosen by one method or another."""

from __future__ import annotations

from explain.selection.conditions import CONDITIONS, METHODS, Condition, Method, select
from explain.selection.sets import Candidates, ExampleSet, Pick

__all__ = [
    "CONDITIONS",
    "METHODS",
    "Candidates",
    "Condition",
    "ExampleSet",
    "Method",
    "Pick",
    "select",
]
