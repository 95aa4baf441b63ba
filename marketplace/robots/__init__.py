"""Simulated raters: they accept or follow a link, answer and submit over HTTP, like people."""

from __future__ import annotations

from marketplace.robots.by_link import LinkRobot
from marketplace.robots.crowd import run_crowd
from marketplace.robots.raters import AlwaysYes, Careful, Hasty, Rater, StimulusFacts, TooSlow
from marketplace.robots.robot import Robot, RobotResult

__all__ = [
    "AlwaysYes",
    "Careful",
    "Hasty",
    "LinkRobot",
    "Rater",
    "Robot",
    "RobotResult",
    "StimulusFacts",
    "TooSlow",
    "run_crowd",
]
