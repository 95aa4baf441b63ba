"""How a study's state moves: only along the allowed transitions, and only once."""

from __future__ import annotations

from django.utils import timezone

from studyapp.errors import StudyError
from studyapp.models import Study
from studyapp.vocabulary import STUDY_TRANSITIONS, StudyState


def advance(study: Study, *, to: StudyState, **values: object) -> None:
    """Move the study to a state and set `values` with it, if nobody else moved it meanwhile."""
    allowed = STUDY_TRANSITIONS[StudyState(study.state)]
    if to not in allowed:
        following = ", ".join(sorted(allowed)) or "nothing"
        raise StudyError(
            f"a {study.state} study cannot become {to}",
            item=f"study {study.name}",
            remedy=f"From here it can become: {following}",
        )
    moved = Study.objects.filter(pk=study.pk, state=study.state).update(state=to, **values)
    if not moved:
        raise StudyError(
            f"it is no longer {study.state}: somebody else moved it meanwhile",
            item=f"study {study.name}",
            remedy="Look at its state, then decide again",
        )
    study.refresh_from_db(fields=["state", *values])


def unreview(study: Study) -> None:
    """Make a changed study a draft again, unsaved: what was reviewed is no longer what it says."""
    if study.state == StudyState.REVIEWED:
        study.state = StudyState.DRAFT


def require_state(study: Study, *, states: frozenset[StudyState], verb: str, remedy: str) -> None:
    """Refuse `verb` unless the study is our own and in one of the states."""
    if study.imported:
        raise StudyError(
            f"it only holds votes gathered elsewhere, there is nothing to {verb}",
            item=f"study {study.name}",
            remedy="Make a study of your own with new_study",
        )
    if study.state not in states:
        raise StudyError(
            f"it is {study.state}, so you cannot {verb}",
            item=f"study {study.name}",
            remedy=remedy,
        )


def refuse_when_frozen(study: Study) -> None:
    """From live on nothing of the protocol can change."""
    if study.frozen:
        since = (
            f" since {timezone.localtime(study.live_at):%Y-%m-%d %H:%M}" if study.live_at else ""
        )
        raise StudyError(
            f"its protocol is frozen{since}: the study is {study.state}",
            item=f"study {study.name}",
            remedy="Make a new study under another name to ask differently",
        )
