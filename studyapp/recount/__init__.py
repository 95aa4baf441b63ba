"""A study's figures from its exported tables alone: numpy, scipy and no Django.

The study archive carries this package, so that its figures can be counted again anywhere.
"""

from __future__ import annotations

from studyapp.recount.command import main
from studyapp.recount.figures import blanked, json_text, recount
from studyapp.recount.tables import RecountError

__all__ = ["RecountError", "blanked", "json_text", "main", "recount"]
