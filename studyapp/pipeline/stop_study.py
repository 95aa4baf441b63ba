"""Stop asking for now: take a live study's lots off the list. `extend` puts them back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from studyapp import audit
from studyapp.lifecycle import require_state
from studyapp.models import HIT, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import Recruiter
from studyapp.recruiters.take_off import take_all_off
from studyapp.vocabulary import HITState, StudyState


@dataclass(frozen=True)
class StopStudySummary:
    study: str
    off: int
    never_sent: int
    lost: int

    def lines(self) -> list[str]:
        lines = [
            f"{self.study} asks nobody new for now: {counted(self.off, 'HIT')} taken off the list.",
            "Who is at work may still finish.",
        ]
        if self.never_sent:
            lines.append(f"{counted(self.never_sent, 'planned HIT')} not published yet.")
        if self.lost:
            lines.append(
                f"Mind: {counted(self.lost, 'HIT')} of unknown outcome not found there (yet): run "
                "the same command again later."
            )
        again = f"Next: manage.py extend {self.study} --days N, or close {self.study}"
        return [*lines, again]


def halt(study: Study) -> None:
    """Send no further HIT of a live study from now on; what is out stays for who takes it off.

    It is one row, so that a button does it at once: the worker that takes HITs off may be the one
    that publishes them, for an hour. By real time, which jobs go by: one that was asked for before
    this does not take it back.
    """
    rows = Study.objects.filter(pk=study.pk, state=StudyState.LIVE)
    rows.update(stopped_at=timezone.now())


def stop_study(
    study: Study,
    *,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> StopStudySummary:
    """Take every lot off the list; the study stays live. Run again, it goes on."""
    require_state(
        study,
        states=frozenset({StudyState.LIVE}),
        verb="stop it",
        remedy=(
            f"It is closed; `manage.py close {study.name}` takes off what is left on the list"
            if study.state == StudyState.CLOSED
            else "Nobody is asked before the launch"
        ),
    )
    # First, so that nothing goes on by itself if this stops half way.
    halt(study)
    off = take_all_off(
        study,
        connect=lambda: recruiter or connect(study.environment),
        actor=actor,
        progress=progress,
        so_far="stopping came to a halt: ",
    )
    audit.record("stop_study", study=study, actor=actor, summary={"off": off})
    rows = HIT.objects.filter(study=study)
    return StopStudySummary(
        study=study.name,
        off=off,
        never_sent=rows.filter(state=HITState.PLANNED).count(),
        lost=rows.filter(state=HITState.SENDING, hit_id__isnull=True).count(),
    )
