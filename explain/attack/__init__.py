"""IFGSM: how many small steps uphill on its loss an image takes to lose its class."""

from __future__ import annotations

from explain.attack.results import AdversarialImage, Attacked, AttackResult, Reading
from explain.attack.run import ifgsm, stream
from explain.attack.settings import Norm, PixelScale, Settings

__all__ = [
    "AdversarialImage",
    "AttackResult",
    "Attacked",
    "Norm",
    "PixelScale",
    "Reading",
    "Settings",
    "ifgsm",
    "stream",
]
