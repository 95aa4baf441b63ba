"""What part of a study a report tells about, in words."""

from __future__ import annotations

from studyapp.plurals import counted
from studyapp.reports.study_report import StudyReport


def slice_sentence(report: StudyReport) -> str:
    """What is looked at, and over how much of the study its figures are; empty of all of it."""
    part = report.slice
    if part is None:
        return ""
    if not part.recounts:
        return (
            f"Model {part.model} alone. Its figures are those of the whole report, p values "
            "adjusted as there; votes, raters and agreement are of the whole study."
        )
    model = f" Of the models, {part.model} alone is told." if part.model else ""
    told = narrowed_words(
        class_index=part.class_index,
        class_name=part.class_name,
        condition=part.condition,
        without_rater=part.without_rater,
    )
    images = counted(part.n_labelled_of, "labelled image")
    return (
        f"{told} There are {report.data.n_labelled:,} of {images} "
        f"and {report.votes.n_votes:,} of {counted(part.n_votes_of, 'vote')} in it; intervals are "
        f"as wide as so few make them, and adjusted for no other slice that was looked at.{model}"
    )


def narrowed_words(
    *,
    class_index: int | None,
    class_name: str | None,
    condition: str | None,
    without_rater: str | None,
) -> str:
    """What figures are counted over, in a sentence; empty where it is all of the study."""
    parts = []
    if class_index is not None:
        parts.append(f"images annotated {class_name} (class {class_index})")
    if condition:
        parts.append(f"votes given in condition {condition}")
    if without_rater:
        parts.append(f"without the votes of rater {without_rater}")
    if not parts:
        return ""
    return (
        f"A slice of the study, not planned: {'; '.join(parts)}. Everything is counted anew over "
        "this alone, as if nothing else had been asked."
    )
