"""The votes of an archive, and what counts among them, for the figures of question types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studyapp.analytics import (
    Exclusion,
    ExclusionReason,
    Rule,
    Verdicts,
    Votes,
    Window,
    exclude,
    verdicts,
)
from studyapp.recount.tables import RecountError, read_questions, read_votes, rows_of

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ledger:
    """The votes and questions of an archive.

    questions: int64[Q] keys, rising; complete, asked_again: bool[Q], asked of all raters in any
    case, and offered again only for being undecided. rows: the votes of data/votes.csv; row:
    int64[V], place of the question of each.
    """

    folder: Path
    rule: Rule
    window: Window
    questions: Int64
    complete: npt.NDArray[np.bool_]
    asked_again: npt.NDArray[np.bool_]
    rows: npt.NDArray[np.void]
    row: Int64

    @cached_property
    def exclusion(self) -> Exclusion:
        """What counts under the rule and window."""
        return exclusion_of(self.rows, self.row, window=self.window, n=self.rule.n)

    @property
    def keep(self) -> npt.NDArray[np.bool_]:
        """bool[V], the votes that count."""
        return self.exclusion.keep

    @cached_property
    def valid(self) -> Votes:
        """The same as Votes."""
        return self.votes(self.keep)

    @cached_property
    def decided(self) -> Verdicts:
        return verdicts(self.valid, rule=self.rule)

    def votes(self, keep: npt.NDArray[np.bool_]) -> Votes:
        """These of the votes, in the order of the file."""
        return Votes.from_columns(
            self.row[keep],
            rater=self.rows["rater"][keep],
            answer=self.rows["answer"][keep],
            order=np.flatnonzero(keep),
            n_questions=self.questions.size,
        )

    def valid_under(self, window: Window) -> Votes:
        """The votes that count under another window."""
        return self.votes(exclusion_of(self.rows, self.row, window=window, n=self.rule.n).keep)

    @cached_property
    def raw(self) -> list[str]:
        """The answers letter by letter."""
        return [row["answer_raw"] for row in rows_of(self.folder, "votes")]

    @cached_property
    def condition(self) -> list[str]:
        """The condition of each vote, empty without one."""
        return [row["condition"] for row in rows_of(self.folder, "votes")]

    @cached_property
    def raw_answers(self) -> dict[int, list[str]]:
        """By place of the question the answers that count, as many as the rule looks at."""
        found: dict[int, list[str]] = {}
        for vote in np.flatnonzero(self.keep).tolist():
            of_question = found.setdefault(int(self.row[vote]), [])
            if len(of_question) < self.rule.n:
                of_question.append(self.raw[vote])
        return found

    def places(self, keys: Iterable[str]) -> Int64:
        """Places of the questions of these cells, -1 of an empty one."""
        return rows_of_keys(self.questions, np.array([int(k or -1) for k in keys], dtype="i8"))


def read_ledger(folder: Path, *, rule: Rule, window: Window) -> Ledger:
    """The votes and questions of the archive in `folder`."""
    questions, rows = read_questions(folder), read_votes(folder)
    return Ledger(
        folder=folder,
        rule=rule,
        window=window,
        questions=questions.key,
        complete=~questions.curtailed,
        asked_again=questions.asked_again,
        rows=rows,
        row=rows_of_keys(questions.key, rows["question"]),
    )


def rows_of_keys(questions: Int64, keys: Int64) -> Int64:
    """Place of each question's key, -1 for the key -1."""
    place = np.minimum(np.searchsorted(questions, keys), max(questions.size - 1, 0))
    known = questions[place] == keys if questions.size else np.zeros(keys.size, dtype=np.bool_)
    unknown = keys[~known & (keys != -1)]
    if unknown.size:
        raise RecountError(f"Question {unknown[0]} is not in data/questions.csv.")
    return np.where(known, place, -1).astype(np.int64)


def exclusion_of(
    rows: npt.NDArray[np.void], row: Int64, *, window: Window, n: int | None
) -> Exclusion:
    """What counts; reasons that the columns decide are worked out, the others are taken over."""
    flags = {
        code.slug: rows["reason"] == code
        for code in (
            ExclusionReason.TEST_RUN,
            ExclusionReason.UNCONFIRMED,
            ExclusionReason.LATE,
            ExclusionReason.WITHDRAWN,
            ExclusionReason.SUPERSEDED,
            ExclusionReason.EXPOSURE,
        )
    }
    return exclude(
        row,
        rater=rows["rater"],
        seconds=rows["seconds"],
        manual=rows["by_hand"],
        window=window,
        n=n,
        **flags,
    )
