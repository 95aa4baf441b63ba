"""Votes as rows anybody may have: allow-listed columns, pseudonyms, and whether each counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from studyapp.analytics import KEPT, ExclusionReason
from studyapp.exports.pseudonyms import API_KEY, Pseudonyms, asked_key
from studyapp.models import Study, Vote
from studyapp.selectors.votes import exclude_votes, load_votes


def vote_rows(votes: Sequence[Vote], *, study: Study) -> Iterator[dict[str, Any]]:
    """Rows for some votes of a study, in their order, with the columns of votes.csv.

    Whether a vote counts is worked out now, from all votes on the questions of these.
    """
    about = load_votes(study, about=sorted({vote.question_id for vote in votes}))
    reasons = dict(
        zip(about.vote.tolist(), exclude_votes(about, study=study).reason.tolist(), strict=True)
    )
    pseudonyms = Pseudonyms(study, key=asked_key(API_KEY))
    for vote in votes:
        reason = reasons[vote.pk]
        active = vote.active_seconds
        yield {
            "question_id": vote.question_id,
            "condition": vote.trial.condition.name if vote.trial else None,
            "rater_id": pseudonyms.of(vote.rater.public_id),
            "answer": vote.answer,
            "answer_raw": vote.answer_raw,
            "presented_at": vote.presented_at,
            "submitted_at": vote.submitted_at,
            "response_time_s": vote.seconds,
            "seconds": vote.seconds if active is None else active,
            "position": vote.position,
            "is_valid": reason == KEPT,
            "exclusion_reason": None if reason == KEPT else ExclusionReason(reason).slug,
        }
