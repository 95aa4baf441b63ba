"""Take over votes that were gathered elsewhere."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils import timezone

from studyapp import audit
from studyapp.errors import InputError
from studyapp.ingest import bulk_rows, image_keys, vote_rows
from studyapp.ingest.image_keys import stage_images
from studyapp.ingest.staging import batches, staging
from studyapp.ingest.vote_files import VoteFile, VoteLayout, open_votes
from studyapp.ingest.vote_questions import find_questions, find_raters
from studyapp.ingest.vote_rows import (
    StagedVote,
    join_images,
    new_votes,
    note_known,
    stage_votes,
    staged_votes,
    usual_raters,
)
from studyapp.models import Condition, ImageSet, Study, VisionModel, Vote
from studyapp.progress import Progress, silent
from studyapp.vocabulary import StudyState

_VOTE_FIELDS = (
    "study_id", "question_id", "trial_id", "rater_id", "answer", "answer_raw", "seconds",
    "source_question", "import_key", "sequence", "created_at",
)  # fmt: skip
_SCHEMA = vote_rows.SCHEMA + image_keys.SCHEMA
#: As the papers: five raters, four of whom must agree.
_RATERS, _ACCEPT_SHARE = 5, 0.8


@dataclass(frozen=True)
class ImportVotesSummary:
    """What came in, and what the study holds now."""

    study: str
    made_study: bool
    raters_per_trial: int
    accept_at: int
    rows: int
    added: int
    known: int
    questions: int
    raters: int
    #: Rows in which a rater answers a question a second time: kept, set aside by filter_votes.
    repeated: int
    #: Rows of pairs that the study does not ask: kept in the ledger.
    not_asked: int
    #: Said of rows about images that the set does not have; empty where there are none.
    left_out: str
    #: Votes of assignments the requester rejected: pay is not validity.
    rejected: int
    without_rejected: bool
    #: Whether the study asks raters of its own, whose votes come first.
    own_votes_first: bool

    def lines(self) -> list[str]:
        first = (
            f"{self.study}: {self.added:,} votes added of {self.rows:,} rows; {self.questions:,} "
            f"questions, {self.raters:,} raters."
        )
        counts = (
            (self.known, "were there already"),
            (self.repeated, "are second answers of a rater: kept, filter_votes sets them aside"),
            (self.not_asked, "are about pairs the study does not ask: kept in the ledger"),
        )
        made = (
            f"  A closed study of imported votes was made: accepted at {self.accept_at} of "
            f"{self.raters_per_trial}; analyse --accept looks at other thresholds."
        )
        own = (
            "  The study has votes of its own raters: those come first, these fill up what is "
            "missing of a question."
        )
        rejected = f"  {self.rejected:,} are of rejected assignments: " + (
            "left out" if self.without_rejected else "kept, for pay is not validity"
        )
        return [
            first,
            *(f"  {count:,} {text}" for count, text in counts if count),
            *([f"  {self.left_out}"] if self.left_out else []),
            *([rejected] if self.rejected else []),
            *([own] if self.own_votes_first else []),
            *([made] if self.made_study else []),
            f"Next: manage.py filter_votes {self.study}, then analyse {self.study}",
        ]


def import_votes(
    image_set: ImageSet,
    *,
    study: str,
    file: Path,
    layout: VoteLayout | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ImportVotesSummary:
    """Import a file of votes; it is checked as a whole before anything is stored.

    Votes about images that the set does not have are left out and counted: a set may be part of
    the one that was judged.

    If there is no study of this name, a closed one of imported votes is made. Importing again
    adds nothing; a row whose answer differs from the one imported before is an error.
    """
    votes = open_votes(file, layout=layout)
    there = _existing(study, image_set=image_set)
    with staging(_SCHEMA) as db:
        stage_votes(db, file=votes, n_classes=image_set.class_list.n_classes)
        stage_images(db, image_set=image_set)
        left_out = join_images(db, file=votes)
        rows = _count(db, "ledger")
        if there is not None:
            find_questions(db, study=there, make=False)
            find_raters(db, provider=_provider(there), make=False)
            _refuse_other_answers(db, study=there, file=votes)
        target = there or _make_study(db, study, image_set=image_set, file=file)
        find_questions(db, study=target, make=True)
        find_raters(db, provider=_provider(target), make=True)
        added = _add(db, study=target, rows=rows, progress=progress)
        summary = ImportVotesSummary(
            study=target.name,
            made_study=there is None,
            raters_per_trial=target.raters_per_trial,
            accept_at=target.accept_at,
            rows=rows,
            added=added,
            known=rows - added,
            questions=_count(db, "pair"),
            raters=_count(db, "rater"),
            left_out=left_out.told("votes") if left_out else "",
            rejected=votes.rejected,
            without_rejected=layout is not None and layout.without_rejected,
            own_votes_first=target.votes.filter(assignment__isnull=False).exists(),
            repeated=_count(db, "numbered WHERE repetition > 0"),
            not_asked=0
            if target.imported
            else _count(db, "ledger JOIN pair USING (pair) WHERE trial IS NULL"),
        )
    audit.record("import_votes", study=target, summary=asdict(summary), actor=actor)
    return summary


def _provider(study: Study) -> str:
    return f"import:{study.name}"


def _existing(name: str, *, image_set: ImageSet) -> Study | None:
    try:
        validate_slug(name)
    except ValidationError as error:
        raise InputError(
            "not a name for a study", item=repr(name[:60]), remedy="Use letters, digits, - and _"
        ) from error
    study = Study.objects.filter(name=name).select_related("image_set").first()
    if study is not None and study.image_set_id != image_set.pk:
        raise InputError(
            f"it is about the image set {study.image_set}, not {image_set}",
            item=f"study {name}",
            remedy="Use its set, or another study name",
        )
    return study


def _make_study(db: sqlite3.Connection, name: str, *, image_set: ImageSet, file: Path) -> Study:
    """A closed study that holds imported votes, for every model of the set."""
    raters = min(99, max(_RATERS, usual_raters(db)))
    with transaction.atomic():
        study, made = Study.objects.get_or_create(
            name=name[:100],
            defaults={
                "title": f"Votes imported from {file.name}"[:128],
                "image_set": image_set,
                "raters_per_trial": raters,
                "accept_at": math.ceil(_ACCEPT_SHARE * raters),
                "imported": True,
                "state": StudyState.CLOSED,
                "closed_at": timezone.now(),
            },
        )
        if made:
            Condition.objects.create(study=study)
            study.vision_models.set(
                VisionModel.objects.filter(predictions__image__image_set=image_set).distinct()
            )
    return study


def _refuse_other_answers(db: sqlite3.Connection, *, study: Study, file: VoteFile) -> None:
    """Compare with what was imported before, and note which votes are there."""
    for batch in batches(staged_votes(db)):
        known = _known(study, batch=batch)
        there = [vote for vote in batch if vote.key(study.pk) in known]
        for vote in there:
            answer, seconds = known[vote.key(study.pk)]
            if (answer, seconds) != (vote.answer, vote.seconds):
                raise InputError(
                    f"this vote was imported before as {answer} in {seconds} seconds, here it is "
                    f"{vote.answer} in {vote.seconds}",
                    item=f"{file.name}, {file.place} {vote.line}",
                    remedy="Votes are never changed: import the file under another study name",
                )
        note_known(db, lines=[vote.line for vote in there])


def _known(study: Study, *, batch: Sequence[StagedVote]) -> dict[str, tuple[str, float | None]]:
    """Answer and seconds of the votes of a batch that are in the ledger already."""
    keys = [vote.key(study.pk) for vote in batch if vote.question and vote.rater]
    rows = Vote.objects.filter(import_key__in=keys)
    return {
        key: (answer, seconds)
        for key, answer, seconds in rows.values_list("import_key", "answer", "seconds")
        if key is not None
    }


def _add(db: sqlite3.Connection, *, study: Study, rows: int, progress: Progress) -> int:
    """Store the votes that are not there yet, in the order of the file."""
    added, now = 0, timezone.now()
    for batch in batches(new_votes(db), size=bulk_rows.BATCH):
        bulk_rows.insert_new(
            Vote,
            fields=_VOTE_FIELDS,
            rows=[
                (
                    study.pk,
                    vote.question,
                    vote.trial,
                    vote.rater,
                    vote.answer,
                    vote.raw,
                    vote.seconds,
                    vote.source_question,
                    vote.key(study.pk),
                    0,
                    now,
                )
                for vote in batch
            ],
        )
        added += len(batch)
        progress(added, rows)
    return added


def _count(db: sqlite3.Connection, rows: str) -> int:
    (count,) = db.execute(f"SELECT count(*) FROM {rows}").fetchone()  # noqa: S608  # constants
    return int(count)
