"""Options of the commands that read a file of votes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser

from studyapp.errors import InputError
from studyapp.ingest.vote_files import COLUMNS, REQUIRED, VoteLayout
from studyapp.vocabulary import Answer

VOTE_FILE_HELP = (
    "CSV (may be gzipped): image_id,class_index,rater_id,answer[,seconds][,question_id], answer "
    "being yes, no or unsure (maybe); or MTurk's batch results, with --column; or raters.npz of "
    "the reassessed-ImageNet release"
)


def add_vote_file_options(parser: CommandParser) -> None:
    """What a file of votes needs to have said about it."""
    group = parser.add_argument_group("where the file of votes has other columns or answers")
    group.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="which column is meant, as in image_id=Input.image_url; needed are "
        f"{', '.join(REQUIRED)}. Of MTurk's batch results rater_id, seconds and question_id are "
        "known (WorkerId, WorkTimeInSeconds, HITId)",
    )
    group.add_argument(
        "--constant",
        action="append",
        default=[],
        metavar="OURS=VALUE",
        help="the same value in every row, as in class_index=7",
    )
    group.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="what the file writes for yes, no or unsure, as in yes=Relevant; may be repeated",
    )
    group.add_argument(
        "--without-rejected",
        action="store_true",
        help="leave out votes of assignments the requester rejected (they count otherwise, for "
        "pay is not validity)",
    )


def vote_layout(options: dict[str, Any]) -> VoteLayout:
    """The options as a layout. Raises InputError where one is not understood."""
    return VoteLayout(
        columns=dict(_pairs(options["column"], name="--column", known=COLUMNS)),
        constants=dict(_pairs(options["constant"], name="--constant", known=COLUMNS)),
        answers={
            theirs: Answer(ours)
            for ours, theirs in _pairs(options["answer"], name="--answer", known=Answer.values)
        },
        without_rejected=options["without_rejected"],
    )


def _pairs(texts: list[str], *, name: str, known: Iterable[str]) -> Iterable[tuple[str, str]]:
    for text in texts:
        ours, mark, theirs = text.partition("=")
        if not mark or ours not in known:
            raise InputError(
                f"{text!r} is not understood",
                item=name,
                remedy=f"Write OURS=THEIRS, where OURS is one of {', '.join(known)}",
            )
        yield ours, theirs.strip()
