"""The researcher's desk: Django's admin with a study's life, its costs and its background work."""

from __future__ import annotations

from studyapp.admin import (
    api_tokens,
    artefacts,
    assignments,
    bars,
    crowd,
    dataset,
    link_places,
    records,
    studies,
)

__all__ = [
    "api_tokens",
    "artefacts",
    "assignments",
    "bars",
    "crowd",
    "dataset",
    "link_places",
    "records",
    "studies",
]
