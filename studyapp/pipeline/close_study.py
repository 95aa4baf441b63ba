"""Close a study: nobody new is asked. live -> closed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from studyapp import audit
from studyapp.errors import RecruiterError
from studyapp.lifecycle import advance, require_state
from studyapp.models import HIT, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import LotGoneError, Recruiter
from studyapp.vocabulary import HITState, StudyState


@dataclass(frozen=True)
class CloseStudySummary:
    study: str
    expired: int
    never_sent: int

    def lines(self) -> list[str]:
        lines = [f"{self.study} is closed: {counted(self.expired, 'HIT')} taken off the list."]
        if self.never_sent:
            lines.append(f"{counted(self.never_sent, 'planned HIT')} never published.")
        lines.append(
            "Who is at work may still finish: collect again when their time is over, votes are "
            "kept either way."
        )
        return [*lines, f"Next: manage.py collect_votes {self.study}"]


def close_study(
    study: Study,
    *,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> CloseStudySummary:
    """Close the study here first, then take its HITs off the list; run again, it goes on."""
    require_state(
        study,
        states=frozenset({StudyState.LIVE, StudyState.CLOSED}),
        verb="close it",
        remedy="Only a live study can be closed; a draft can simply be left or deleted",
    )
    if study.state == StudyState.LIVE:
        advance(study, to=StudyState.CLOSED, closed_at=timezone.now())
    expired = _expire_all(study, recruiter=recruiter, progress=progress)
    never_sent = HIT.objects.filter(study=study, state=HITState.PLANNED).count()
    audit.record("close_study", study=study, actor=actor, summary={"expired": expired})
    return CloseStudySummary(study=study.name, expired=expired, never_sent=never_sent)


def _expire_all(study: Study, *, recruiter: Recruiter | None, progress: Progress) -> int:
    rows = HIT.objects.filter(study=study, state__in=[HITState.OPEN, HITState.SENDING])
    hits = list(rows.order_by("lot"))
    if not hits:
        return 0
    done = 0
    try:
        recruiter = recruiter or connect(study.environment)
        _find_lost(hits, recruiter=recruiter)
        for hit in hits:
            _expire(hit, recruiter=recruiter)
            done += 1
            progress(done, len(hits))
    except RecruiterError as error:
        raise RecruiterError(
            f"it is closed here, but {counted(len(hits) - done, 'HIT')} may still be on the list: "
            f"{error.happened}",
            item=f"study {study.name}",
            remedy=error.remedy or "Run the same command again",
        ) from error
    return done


def _find_lost(hits: list[HIT], *, recruiter: Recruiter) -> None:
    """HITs whose publication had an unknown outcome may be out there: find them."""
    lost = [hit for hit in hits if hit.hit_id is None]
    found = recruiter.find([hit.request_token for hit in lost]) if lost else {}
    for hit in lost:
        published = found.get(hit.request_token)
        if published is not None:
            hit.hit_id, hit.hit_type_id = published.lot_id, published.group_id
            hit.opened_at = timezone.now()
            hit.save(update_fields=["hit_id", "hit_type_id", "opened_at"])


def _expire(hit: HIT, *, recruiter: Recruiter) -> None:
    row = HIT.objects.filter(pk=hit.pk)
    if hit.hit_id is None:
        # Not there: it was never published. If it has been since we looked, whoever published it
        # takes it off the list.
        row.filter(state=HITState.SENDING, hit_id__isnull=True).update(state=HITState.PLANNED)
        return
    # Deleted over there, nobody can take it either.
    with suppress(LotGoneError):
        recruiter.expire(hit.hit_id)
    row.update(state=HITState.EXPIRED, expires_at=timezone.now())
