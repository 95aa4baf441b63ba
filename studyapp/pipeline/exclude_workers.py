"""Keep people out of a study: by their ids in a file, or because they took part in another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from studyapp import audit
from studyapp.errors import InputError, RecruiterError
from studyapp.exposure import same_people
from studyapp.ingest.bounded import read_bounded
from studyapp.lifecycle import require_state
from studyapp.models import HIT, Assignment, KeptOut, Rater, RaterIdentity, Study
from studyapp.plurals import counted
from studyapp.recruiters.bars import BarsKept
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import Recruiter
from studyapp.recruiters.groups import renew_bars
from studyapp.row_locks import lock_study
from studyapp.study_link import participant_id
from studyapp.vocabulary import Environment, StudyState
from studyapp.voting.seats import rater_of

LARGEST_BYTES = 5_000_000
MOST_IDS = 100_000
#: As marketplaces give them; what else a recruiter calls people has no blanks either.
_ID = re.compile(r"[!-~]{1,200}")
_HEADINGS = frozenset({"worker_id", "workerid", "worker id", "participant_id"})
_ROWS_PER_STATEMENT = 500


@dataclass(frozen=True)
class ExcludeWorkersSummary:
    study: str
    #: People named, those of them new to the list (or let in again), and all who are kept out now.
    named: int
    changed: int
    kept_out: int
    let_in: bool
    #: Those who have begun in the study already: their votes stay as they are.
    took_part: int
    bars: BarsKept
    trouble: str = ""

    def lines(self) -> list[str]:
        people = counted(self.named, "person", "people")
        in_all = f"{self.kept_out:,} are kept out in all"
        done = "let in again" if self.let_in else "kept out that were not before"
        lines = [
            f"{self.study}: {people} named, {self.changed:,} {done}; {in_all}.",
            *self.bars.lines(),
        ]
        if self.took_part and not self.let_in:
            lines.append(
                f"Mind: {self.took_part:,} of them began in this study before. Their votes count "
                "as they did; exclude votes by hand in the admin."
            )
        if self.trouble:
            lines.append(f"Mind: {self.trouble}")
        return [*lines, *(f"Mind: {trouble}" for trouble in self.bars.troubles)]


def exclude_workers(
    study: Study,
    *,
    file: Path | None = None,
    took_part_in: Study | None = None,
    let_in: bool = False,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
) -> ExcludeWorkersSummary:
    """Keep them out from now on, or with `let_in` no more. Given again, it changes nothing.

    Of a study that is live the marketplace is told too; if it cannot be, our page refuses them all
    the same, and the next collection tells it.
    """
    require_state(
        study,
        states=frozenset({StudyState.DRAFT, StudyState.REVIEWED, StudyState.LIVE}),
        verb="choose who is asked",
        remedy="A closed study asks nobody",
    )
    if (file is None) == (took_part_in is None):
        raise InputError(
            "it is not said who", item="exclude_workers", remedy="Give --file PATH or --from STUDY"
        )
    if file is not None:
        source = f"file {file.name}"
        raters = _raters_of(study, ids=_read(file), made=not let_in)
    else:
        raters, source = _raters_in(study, other=took_part_in), f"study {took_part_in}"
    with transaction.atomic():
        lock_study(study)
        changed = _let_in(study, raters) if let_in else _keep_out(study, raters, source, actor)
        kept_out = study.kept_out.count()
        audit.record(
            "exclude_workers",
            study=study,
            actor=actor,
            summary={
                "named": len(raters),
                "changed": changed,
                "let_in": let_in,
                "source": "file" if file is not None else source,
            },
        )
    bars, trouble = _tell(study, recruiter=recruiter)
    began = Assignment.objects.filter(hit__study=study).values_list("rater", flat=True)
    return ExcludeWorkersSummary(
        study=study.name,
        named=len(raters),
        changed=changed,
        kept_out=kept_out,
        let_in=let_in,
        took_part=len(raters.intersection(began)),
        bars=bars,
        trouble=trouble,
    )


def _read(path: Path) -> list[str]:
    """The ids, one a line; of a table the first column. No id is ever repeated in a message."""
    content = read_bounded(
        path, most=LARGEST_BYTES, wanted="Give a text file with one worker id a line"
    )
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", item=str(path)) from error
    ids: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        word = line.split(",", 1)[0].strip().strip('"').strip()
        if not word or (number == 1 and word.lower() in _HEADINGS):
            continue
        if not _ID.fullmatch(word):
            raise InputError(
                "this is no worker id",
                item=f"{path}, line {number}",
                remedy="Write one id a line, without blanks; nothing was changed",
            )
        ids[word] = None
    if not ids or len(ids) > MOST_IDS:
        raise InputError(
            f"{len(ids):,} worker ids", item=str(path), remedy=f"Give 1 to {MOST_IDS:,} of them"
        )
    return list(ids)


def _raters_of(study: Study, *, ids: Sequence[str], made: bool) -> set[int]:
    """Our records of these people at the study's recruiter, with `made` of all of them."""
    found: set[int] = set()
    # Whose ids they are depends on the panel where people come by a link.
    provider = HIT(study=study, environment=study.environment).provider
    if study.environment == Environment.LINK:
        ids = list(dict.fromkeys(map(participant_id, ids)))
    for start in range(0, len(ids), _ROWS_PER_STATEMENT):
        part = ids[start : start + _ROWS_PER_STATEMENT]
        here = RaterIdentity.objects.filter(provider=provider, worker_id__in=part)
        known = dict(here.values_list("worker_id", "rater_id"))
        found.update(known.values())
        if made:
            found.update(_made(provider, ids=sorted(set(part).difference(known))))
    return found


def _made(provider: str, *, ids: Sequence[str]) -> list[int]:
    """New records of people, before any lock: one of them may begin in this moment."""
    try:
        with transaction.atomic():
            raters = Rater.objects.bulk_create(Rater() for _ in ids)
            RaterIdentity.objects.bulk_create(
                RaterIdentity(rater=rater, provider=provider, worker_id=worker_id)
                for rater, worker_id in zip(raters, ids, strict=True)
            )
    except IntegrityError:
        return [rater_of(provider, worker_id=worker_id) for worker_id in ids]
    return [rater.pk for rater in raters]


def _raters_in(study: Study, *, other: Study | None) -> set[int]:
    """Whoever has begun in the other study, as far as they are not forgotten."""
    if other is None or other.pk == study.pk or other.imported:
        raise InputError(
            "this study has no raters that could come here",
            item=f"--from {other}",
            remedy="Name another study whose raters were recruited here",
        )
    rows = Assignment.objects.filter(hit__study=other, rater__identity__isnull=False)
    return set(rows.order_by().values_list("rater", flat=True).distinct())


def _keep_out(study: Study, raters: set[int], source: str, actor: AbstractBaseUser | None) -> int:
    there = set(study.kept_out.values_list("rater_id", flat=True))
    new = sorted(raters - there)
    KeptOut.objects.bulk_create(
        (
            KeptOut(
                study=study,
                rater_id=rater,
                source=source[:200],
                decided_by=actor if isinstance(actor, User) else None,
            )
            for rater in new
        ),
        batch_size=_ROWS_PER_STATEMENT,
    )
    return len(new)


def _let_in(study: Study, raters: set[int]) -> int:
    """Under whichever of our records of them they are kept out."""
    there = set(study.kept_out.values_list("rater_id", flat=True))
    people = same_people(raters | there)
    free = {people[rater] for rater in raters}
    found = sorted(rater for rater in there if people[rater] in free)
    for start in range(0, len(found), _ROWS_PER_STATEMENT):
        study.kept_out.filter(rater__in=found[start : start + _ROWS_PER_STATEMENT]).delete()
    return len(found)


def _tell(study: Study, *, recruiter: Recruiter | None) -> tuple[BarsKept, str]:
    if study.state != StudyState.LIVE:
        return BarsKept(), ""
    try:
        recruiter = recruiter or connect(study.environment)
        return renew_bars(study, recruiter=recruiter), ""
    except RecruiterError as error:
        return BarsKept(), (
            f"the marketplace does not know yet ({error.happened}); our own page refuses them, and "
            f"`manage.py collect_votes {study.name}` tells it"
        )
