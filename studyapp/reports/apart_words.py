"""How a study's conditions were kept apart, as a methods section says it."""

from __future__ import annotations

from studyapp.models import Study
from studyapp.taking_part import words_of
from studyapp.vocabulary import Allocation


def apart_in_words(study: Study) -> str:
    """One or two sentences; empty where nothing was kept apart."""
    hours, gap = study.cooldown_hours, study.launch_gap_hours
    said = []
    if study.allocation == Allocation.ONE:
        said.append(
            "Each rater saw one condition, the least filled when they came, those still at work "
            "counted too."
        )
    elif hours and study.conditions.count() > 1:
        said.append(
            f"Whoever had seen pictures of one condition was let into another only {hours} hours "
            "after the last of them."
        )
    if gap:
        said.append(
            f"A condition was published {gap} hours after the last HIT of the one before it."
        )
    if hours and (names := words_of(study.cooldown_studies)):
        said.append(f"The same {hours} hours lay between this study and {', '.join(names)}.")
    if hours:
        said.append("Votes given sooner do not count.")
    return " ".join(said)
