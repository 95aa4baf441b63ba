"""Attention images: the superpixels that speak for a class, by LIME.

Stock and Cisse (ECCV 2018), section 3.1; Ribeiro, Singh and Guestrin (KDD 2016).
"""

from __future__ import annotations

from explain.attention.explaining import explain, stream
from explain.attention.results import Attention
from explain.attention.reveal import AttentionPath, path
from explain.attention.settings import Background, Engine, Method, Settings

__all__ = [
    "Attention",
    "AttentionPath",
    "Background",
    "Engine",
    "Method",
    "Settings",
    "explain",
    "path",
    "stream",
]
