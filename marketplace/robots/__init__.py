"""Simulated raters: they sign in, accept, answer and submit over HTTP, like people in browsers."""

from __future__ import annotations

from marketplace.robots.crowd import run_crowd
from marketplace.robots.raters import AlwaysYes, Careful, Hasty, Rater, StimulusFacts, TooSlow
from marketplace.robots.robot import Robot, RobotResult

__all__ = [
    "AlwaysYes",
    "Careful",
    "Hasty",
    "Rater",
    "Robot",
    "RobotResult",
    "StimulusFacts",
    "TooSlow",
    "run_crowd",
]
