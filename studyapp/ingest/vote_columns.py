"""Files of votes as arrays; nothing is stored."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Answer
from studyapp.errors import InputError
from studyapp.ingest.image_keys import LeftOut
from studyapp.ingest.unknown_images import UnknownImages
from studyapp.ingest.vote_files import VoteFile
from studyapp.ingest.vote_rows import checked_votes

#: What is kept of a vote takes some 20 bytes.
MOST_VOTES = 20_000_000
_ANSWER_CODES = {answer.name.lower(): int(answer) for answer in Answer}


@dataclass(frozen=True, eq=False)
class VoteColumns:
    """V votes: rows of images int32[V], class int32[V], rater int32[V], answer int8[V]."""

    image: npt.NDArray[np.int32]
    label_class: npt.NDArray[np.int32]
    rater: npt.NDArray[np.int32]
    answer: npt.NDArray[np.int8]
    rejected: int
    left_out: tuple[LeftOut, ...]


def read_vote_columns(
    files: Iterable[VoteFile], *, row_of: Mapping[str, int], n_classes: int
) -> VoteColumns:
    """The votes of all files, one after another. Raters of two files are not the same people."""
    image, label_class, rater, answer = array("i"), array("i"), array("i"), array("b")
    numbers: dict[tuple[int, str], int] = {}
    rejected, left_out = 0, []
    for place, file in enumerate(files):
        unknown, before = UnknownImages(file), len(image)
        for line, image_id, label, who, given, _, _, _ in checked_votes(file, n_classes=n_classes):
            row = row_of.get(image_id)
            if row is None:
                unknown.add(image_id, line)
                continue
            image.append(row)
            label_class.append(label)
            rater.append(numbers.setdefault((place, who), len(numbers)))
            answer.append(_ANSWER_CODES[given])
            if len(image) > MOST_VOTES:
                raise InputError(
                    f"more than {MOST_VOTES:,} votes", item=file.name, remedy="Use import_votes"
                )
        if found := unknown.left_out(known=len(image) - before):
            left_out.append(found)
        elif len(image) == before:
            raise InputError("no votes", item=file.name, remedy="Nothing can be told from it")
        rejected += file.rejected
    return VoteColumns(
        image=np.array(image, dtype=np.int32),
        label_class=np.array(label_class, dtype=np.int32),
        rater=np.array(rater, dtype=np.int32),
        answer=np.array(answer, dtype=np.int8),
        rejected=rejected,
        left_out=tuple(left_out),
    )
