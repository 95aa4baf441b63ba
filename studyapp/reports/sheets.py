"""A page of figures that belongs to no study: what a model was found to do on a set of images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studyapp.reports.parts import PartExport, PartGallery, PartStrip, PartTable


@dataclass(frozen=True)
class Sheet:
    """headline: what was found, in a sentence. tables, strips: as in a part of a report. exports:
    the tables as files, by name."""

    headline: str
    tables: tuple[PartTable, ...]
    strips: tuple[PartStrip, ...] = ()
    exports: tuple[PartExport, ...] = ()
    galleries: tuple[PartGallery, ...] = ()

    def export(self, name: str) -> PartExport | None:
        """The file of this name, or None."""
        return next((export for export in self.exports if export.name == name), None)


def answer_words(
    answer: Mapping[str, Sequence[float]] | None, names: Mapping[int, str], *, most: int = 1
) -> str:
    """The first classes of a model's answer with their probabilities, in words."""
    if not answer:
        return "–"
    ranked = zip(answer["classes"][:most], answer["probabilities"][:most], strict=True)
    return ", ".join(f"{names.get(int(c), str(c))} {p:.0%}" for c, p in ranked)
