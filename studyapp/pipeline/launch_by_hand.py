"""Let later conditions wait for a person: a live study stops launching them by itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from studyapp import audit
from studyapp.lifecycle import require_state
from studyapp.models import Study
from studyapp.recruiters.launch_gap import held_back
from studyapp.vocabulary import StudyState


@dataclass(frozen=True)
class LaunchByHandSummary:
    study: str
    changed: bool
    waiting: tuple[str, ...]

    def lines(self) -> list[str]:
        said = "from now on" if self.changed else "as before"
        first = f"{self.study}: {said} somebody has to publish each later condition."
        return [
            first,
            *(f"{waiting}." for waiting in self.waiting),
            f"Next: manage.py publish {self.study}, when its time has come",
        ]


def launch_by_hand(study: Study, *, actor: AbstractBaseUser | None = None) -> LaunchByHandSummary:
    """Switch `launches_by_itself` off, which is no part of the protocol. Run again, no change.

    What is on its way goes out; what is on offer stays on offer. Only `stop` ends that.
    """
    require_state(
        study,
        states=frozenset({StudyState.LIVE}),
        verb="leave its conditions to a person",
        remedy="Before the launch it is a field of the study, `launches_by_itself`",
    )
    on = Study.objects.filter(pk=study.pk, launches_by_itself=True)
    changed = bool(on.update(launches_by_itself=False))
    study.refresh_from_db(fields=["launches_by_itself"])
    if changed:
        audit.record("launch_by_hand", study=study, actor=actor, summary={})
    return LaunchByHandSummary(study.name, changed, tuple(map(str, held_back(study))))
