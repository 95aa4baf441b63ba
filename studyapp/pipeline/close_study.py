"""Close a study: nobody new is asked. live -> closed."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from studyapp import audit
from studyapp.lifecycle import advance, require_state
from studyapp.models import HIT, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import Recruiter
from studyapp.recruiters.take_off import take_all_off
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
    expired = take_all_off(
        study,
        connect=lambda: recruiter or connect(study.environment),
        actor=actor,
        progress=progress,
        so_far="it is closed here, but ",
    )
    # Not found over there: never published. If one has been since we looked, whoever published it
    # takes it off the list.
    HIT.objects.filter(study=study, state=HITState.SENDING, hit_id__isnull=True).update(
        state=HITState.PLANNED
    )
    never_sent = HIT.objects.filter(study=study, state=HITState.PLANNED).count()
    audit.record("close_study", study=study, actor=actor, summary={"expired": expired})
    return CloseStudySummary(study=study.name, expired=expired, never_sent=never_sent)
