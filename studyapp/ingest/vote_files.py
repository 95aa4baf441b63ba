"""Files of votes in the layouts people have them in, told apart by their content.

Plain CSV, MTurk's batch results (a CSV with Input.* and Answer.* columns), and the release of
reassessed ImageNet (`raters.npz`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from studyapp.errors import InputError
from studyapp.ingest.paths import without_image_suffix
from studyapp.ingest.raters_release import RatersRelease, RawVote
from studyapp.ingest.tables import Table
from studyapp.vocabulary import ANSWER_SPELLINGS, Answer

#: Ours, in the order of a RawVote behind its line.
COLUMNS = ("image_id", "class_index", "rater_id", "answer", "seconds", "question_id")
REQUIRED = COLUMNS[:4]
#: MTurk's own columns that mean one of ours; what was asked and answered has the batch's names.
_MTURK = {
    "image_id": "Input.image_id",
    "class_index": "Input.class_index",
    "rater_id": "WorkerId",
    "answer": "Answer.answer",
    "seconds": "WorkTimeInSeconds",
    "question_id": "HITId",
}
_STATUS = "AssignmentStatus"
_MTURK_MARKS = frozenset({_STATUS, "AssignmentId", "WorkerId"})
#: Answers are stored letter by letter as well.
_LONGEST_ANSWER = 40


@dataclass(frozen=True)
class VoteLayout:
    """How a file says what our columns say, where it does not use their names.

    columns: its column by ours. constants: a value by our column, the same in every row.
    answers: what it writes for an answer, to ours. without_rejected: leave out the votes of
    rejected assignments.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    without_rejected: bool = False


class VoteFile(Protocol):
    """Votes as a file states them, unchecked; each reading starts anew."""

    name: str
    #: What a row is called.
    place: str
    answers: Mapping[str, Answer]
    #: Votes of rejected assignments, as the last whole reading met them.
    rejected: int

    def raw_votes(self) -> Iterator[RawVote]:
        """Line, image id, class, rater, answer, seconds and question, all but the line as text."""


def open_votes(path: Path, *, layout: VoteLayout | None = None) -> VoteFile:
    """The file as votes. Raises InputError where it does not say what is needed."""
    layout = layout or VoteLayout()
    if _is_zip(path):
        if layout != VoteLayout():
            raise InputError(
                "it has the layout of raters.npz, whose arrays mean one thing only",
                item=path.name,
                remedy="Leave out --column, --constant, --answer and --without-rejected",
            )
        return RatersRelease(path)
    return TableOfVotes(Table(path), layout=layout)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        # The table says what is wrong with it.
        return False


class TableOfVotes:
    """A CSV of votes: plain, or MTurk's batch results."""

    place = Table.place

    def __init__(self, table: Table, *, layout: VoteLayout) -> None:
        self.name, self.rejected = table.name, 0
        self.answers: Mapping[str, Answer] = _answers(layout, item=table.name)
        self._table, self._layout = table, layout
        header = table.columns()
        self._mturk = header_is_mturk(header)
        self._columns = self._picked(header)
        if layout.without_rejected and _STATUS not in header:
            raise InputError(
                f"no column {_STATUS}, so nothing says which assignments were rejected",
                item=table.name,
                remedy="Leave out --without-rejected",
            )

    def raw_votes(self) -> Iterator[RawVote]:
        constants = {_given(ours): text for ours, text in self._layout.constants.items()}
        rows = self._table.picked(self._columns, given={**constants, _given(""): ""})
        if not self._mturk:
            yield from rows
            return
        self.rejected = 0
        for line, image, label, rater, answer, seconds, question, status in rows:
            if status.lower() == "rejected":
                self.rejected += 1
                if self._layout.without_rejected:
                    continue
            yield line, _image_of(image), label, rater, answer, seconds, question

    def _picked(self, header: tuple[str, ...]) -> list[str]:
        """The file's column for each of ours, or the name of what is given instead."""
        layout, usual = self._layout, _MTURK if self._mturk else {}
        for ours, theirs in layout.columns.items():
            if theirs not in header:
                raise InputError(
                    f"no column {theirs!r} for {ours} (found: {', '.join(header)})",
                    item=self.name,
                    remedy="Correct --column",
                )
        columns, missing = [], []
        for ours in COLUMNS:
            theirs = layout.columns.get(ours, usual.get(ours, ours))
            if ours in layout.constants:
                columns.append(_given(ours))
            elif theirs in header:
                columns.append(theirs)
            else:
                columns.append(_given(""))
                if ours in REQUIRED:
                    missing.append(ours)
        if missing:
            raise self._asked_for(missing, header)
        return [*columns, _STATUS] if self._mturk else columns

    def _asked_for(self, missing: list[str], header: tuple[str, ...]) -> InputError:
        what = "MTurk batch results: nothing says which column is" if self._mturk else "no column"
        shown = [column for column in header if column.startswith(("Input.", "Answer."))]
        remedy = (
            "Name each as --column image_id=Input.image_url, or give one value for all rows as "
            "--constant class_index=7"
        )
        if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
            remedy = "Cells must be parted by commas: save the table as comma-separated"
        return InputError(
            f"{what} {', '.join(missing)} (found: {', '.join(shown or header)})",
            item=self.name,
            remedy=remedy,
        )


def _given(ours: str) -> str:
    """A name that no column of a file has, for it holds a zero byte."""
    return f"\0{ours}"


def header_is_mturk(header: tuple[str, ...]) -> bool:
    """Whether these are the columns of MTurk's batch results."""
    return set(header) >= _MTURK_MARKS


def _answers(layout: VoteLayout, *, item: str) -> dict[str, Answer]:
    for text in layout.answers:
        if len(text) > _LONGEST_ANSWER:
            raise InputError(
                f"the answer {text[:60]!r} has more than {_LONGEST_ANSWER} characters",
                item=item,
                remedy="Shorten it in the file and in --answer",
            )
    return ANSWER_SPELLINGS | {text.lower(): answer for text, answer in layout.answers.items()}


def _image_of(text: str) -> str:
    """The image's id: of an address the last part, without the file's suffix."""
    if "://" not in text:
        return text
    return without_image_suffix(unquote(urlsplit(text).path).rpartition("/")[2])
