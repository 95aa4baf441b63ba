"""Files of votes as arrays; nothing is stored."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Answer
from studyapp.errors import InputError
from studyapp.ingest.image_keys import LeftOut
from studyapp.ingest.staging import batches
from studyapp.ingest.unknown_images import UnknownImages
from studyapp.ingest.vote_files import VoteFile
from studyapp.ingest.vote_rows import checked_votes

#: What is kept of a vote takes some 20 bytes.
MOST_VOTES = 20_000_000
_BATCH = 500
_NO_IMAGE = -1
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
    numbers: defaultdict[tuple[int, str], int] = defaultdict(count().__next__)
    rejected, left_out = 0, []
    for place, file in enumerate(files):
        unknown, known = UnknownImages(file), 0
        for votes in batches(checked_votes(file, n_classes=n_classes), size=_BATCH):
            rows = [row_of.get(vote[1], _NO_IMAGE) for vote in votes]
            image.extend(rows)
            label_class.extend([vote[2] for vote in votes])
            rater.extend([numbers[place, vote[3]] for vote in votes])
            answer.extend([_ANSWER_CODES[vote[4]] for vote in votes])
            known += len(rows)
            if _NO_IMAGE in rows:
                strange = [v for v, row in zip(votes, rows, strict=True) if row == _NO_IMAGE]
                known -= len(strange)
                for line, image_id, *_ in strange:
                    unknown.add(image_id, line)
            if len(image) > MOST_VOTES:
                raise InputError(
                    f"more than {MOST_VOTES:,} votes", item=file.name, remedy="Use import_votes"
                )
        if found := unknown.left_out(known=known):
            left_out.append(found)
        elif not known:
            raise InputError("no votes", item=file.name, remedy="Nothing can be told from it")
        rejected += file.rejected
    there = np.array(image, dtype=np.int32) != _NO_IMAGE
    return VoteColumns(
        image=np.array(image, dtype=np.int32)[there],
        label_class=np.array(label_class, dtype=np.int32)[there],
        rater=np.array(rater, dtype=np.int32)[there],
        answer=np.array(answer, dtype=np.int8)[there],
        rejected=rejected,
        left_out=tuple(left_out),
    )
