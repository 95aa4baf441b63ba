"""votes.csv: every vote, whether it counts or not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from django.db.models.functions import Coalesce

from studyapp.analytics import KEPT, ExclusionReason
from studyapp.exports.columns import Cell, described
from studyapp.exports.names import Names
from studyapp.exports.pseudonyms import Pseudonyms
from studyapp.models import Vote
from studyapp.reports import Analysis
from studyapp.selectors.votes import IN_ORDER

ROWS_PER_FETCH = 5_000

VOTE_COLUMNS = described(
    """
    study_id string Name of the study
    question_id integer The question; the same in questions
    image_id string Id within the image set; of images with equal content the first mistaken one
    condition string Condition of the trial; null for imported votes
    class_index integer The class asked about
    class_name string Its name
    rater_id string Pseudonym that holds within this export
    answer string yes, no or unsure
    answer_raw string The answer letter by letter
    presented_at datetime When the question was shown, by the server's clock
    submitted_at datetime When the answer came in, by the server's clock
    response_time_s number Seconds between the two, or as given for imported votes
    seconds number What the timing window looks at: active time where known, else response_time_s
    position integer Place within the HIT, from 0
    is_gold boolean false: answers to trials with a known answer are told of raters alone
    is_valid boolean Whether the vote counts
    exclusion_reason string Why it does not count
    by_hand boolean Whether a person excluded it; an earlier reason may be the one given
    protocol_version string Version of the wording (SHA-256 over kind, text and answers)
    """
)

_FIELDS = (
    "pk", "question_id", "rater__public_id", "answer", "answer_raw", "presented_at",
    "submitted_at", "seconds", Coalesce("active_seconds", "seconds"), "position",
    "trial__condition__name",
)  # fmt: skip


def vote_rows(
    analysis: Analysis, *, names: Names, pseudonyms: Pseudonyms, wording_version: str
) -> Iterator[tuple[Cell, ...]]:
    """Rows of VOTE_COLUMNS by question, then in the order the votes were given.

    Votes that came in after the analysis was read are left out, so that the files agree.
    """
    by_key = np.argsort(analysis.votes.vote)
    keys = analysis.votes.vote[by_key]
    stored = iter(
        Vote.objects.filter(study=analysis.study)
        .order_by("question_id", *IN_ORDER)
        .values_list(*_FIELDS)
        .iterator(chunk_size=ROWS_PER_FETCH)
    )
    while part := list(islice(stored, ROWS_PER_FETCH)):
        vote = np.array([row[0] for row in part], dtype=np.int64)
        place = np.minimum(np.searchsorted(keys, vote), max(keys.size - 1, 0))
        known = keys[place] == vote if keys.size else np.zeros(vote.size, dtype=np.bool_)
        reasons = analysis.exclusion.reason[by_key[place]] if keys.size else vote
        by_hand = analysis.votes.manual[by_key[place]] if keys.size else known
        question = np.array([row[1] for row in part], dtype=np.int64)
        rows = np.searchsorted(analysis.questions.question, question)
        for stands, reason, manual, row, values in zip(
            known.tolist(), reasons.tolist(), by_hand.tolist(), rows.tolist(), part, strict=True
        ):
            if stands:
                why = (reason, manual)
                yield _row(analysis, names, pseudonyms, row, why, values, wording_version)


def _row(
    analysis: Analysis,
    names: Names,
    pseudonyms: Pseudonyms,
    row: int,
    why: tuple[int, bool],
    values: tuple[Any, ...],
    wording_version: str,
) -> tuple[Cell, ...]:
    (_, question, rater, answer, raw, presented, submitted, elapsed, taken, position, condition) = (
        values
    )
    label_class = int(analysis.questions.label_class[row])
    reason, by_hand = why
    return (
        analysis.study.name,
        question,
        names.image_of(row, question=question),
        condition,
        names.class_index.get(label_class),
        names.class_name.get(label_class),
        pseudonyms.of(rater),
        answer,
        raw,
        presented,
        submitted,
        elapsed,
        taken,
        position,
        False,
        reason == KEPT,
        None if reason == KEPT else ExclusionReason(reason).slug,
        by_hand,
        wording_version,
    )
