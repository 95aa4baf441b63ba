"""The pictures behind the figures of a question type: what a bar of it leads to.

Which pictures a bar counts is worked out once for all of them and kept apart from the report, whose
pages never need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Window
from studyapp.models import Question, Study
from studyapp.reports.analysis import Analysis, analyse_study
from studyapp.reports.cache import kept
from studyapp.reports.parts import part_of
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.selectors.study_stand import study_stand

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shelf:
    """groups: keys of the questions about the pictures, by what is counted."""

    name: str
    groups: tuple[tuple[str, Int64], ...]
    n_unasked: int
    wide: bool

    def emptied(self) -> Shelf:
        """The same shelf without a picture on it."""
        nothing = np.empty(0, dtype=np.int64)
        return replace(
            self, groups=tuple((title, nothing) for title, _ in self.groups), n_unasked=0
        )


@dataclass(frozen=True, eq=False)
class Shelves:
    """question: int64[Q] keys, rising; said: int16[Q, 3], the votes that count on each, yes, no and
    cannot tell."""

    shelves: tuple[Shelf, ...]
    question: Int64
    said: npt.NDArray[np.int16]

    def find(self, name: str) -> Shelf | None:
        return next((shelf for shelf in self.shelves if shelf.name == name), None)


@dataclass(frozen=True)
class Shown:
    """One picture with what people said. label, asked: names of classes, empty where none is."""

    image_id: str
    label: str
    asked: str
    #: None where there is no picture to show.
    stimulus_hash: str | None
    n_yes: int
    n_no: int
    n_unsure: int


def kept_shelves(
    study: Study,
    *,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    only: Slice = WHOLE,
) -> Shelves:
    """The shelves under a rule, kept until anything they are read from changes."""

    def key() -> Mapping[str, object]:
        asked = {"accept": accept, "unsure": unsure, "window": window}
        return asked | only.stand() | study_stand(study)

    def make() -> Shelves:
        return shelves_of(
            analyse_study(study, accept=accept, unsure=unsure, window=window, only=only)
        )

    look = (accept, unsure, window, only) != (None, None, None, WHOLE)
    return kept("shelves", key=key, make=make, look=look)


def shelves_of(analysis: Analysis) -> Shelves:
    """The shelves of the study's question type; none where its figures are those of models."""
    part, keys = part_of(analysis), analysis.questions.question
    return Shelves(
        shelves=tuple(
            Shelf(
                name=shelf.name,
                groups=tuple(
                    (title, keys[np.array(rows, dtype=np.int64)]) for title, rows in shelf.groups
                ),
                n_unasked=shelf.n_unasked,
                wide=shelf.wide,
            )
            for shelf in (part.shelves if part else ())
        ),
        question=keys,
        said=analysis.valid.counts3().astype(np.int16),
    )


def read_shown(found: Shelves, keys: Int64) -> list[Shown]:
    """The pictures of these questions, in their order."""
    by_key = Question.objects.select_related("stimulus__image__label", "label_class").in_bulk(
        set(keys.tolist())
    )
    said = found.said[np.searchsorted(found.question, keys)].tolist()
    return [_shown(by_key[key], votes) for key, votes in zip(keys.tolist(), said, strict=True)]


def _shown(question: Question, said: list[int]) -> Shown:
    stimulus, asked = question.stimulus, question.label_class
    image, (yes, no, unsure) = stimulus.image, said
    return Shown(
        image_id=image.image_id,
        label=image.label.prompt_name if image.label else "",
        asked=asked.prompt_name if asked else "",
        stimulus_hash=stimulus.stimulus_hash if stimulus.file else None,
        n_yes=yes,
        n_no=no,
        n_unsure=unsure,
    )
