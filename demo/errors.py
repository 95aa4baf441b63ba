from __future__ import annotations


class DemoError(Exception):
    """Base of every error of the demo; the message says what happened, to what, and what to do."""


class WorldError(DemoError):
    """A world cannot be drawn or written as asked."""


class TruthError(DemoError):
    """The truth file cannot be read, or does not know an image."""


class NetworkError(DemoError):
    """The toy network's weights cannot be used."""
