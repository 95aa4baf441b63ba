"""subjects: what each question lists, where it is about several things at once."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.exports.columns import Cell, described
from studyapp.exports.names import Names
from studyapp.models import Question
from studyapp.reports import Analysis

ROWS_PER_FETCH = 5_000
SEPARATOR = ";"

SUBJECT_COLUMNS = described(
    """
    question_id integer The question; the same in questions and votes
    place integer Place of the thing within the question, from 1; raw answers go by it
    class_index integer Index of its class
    class_name string Name of its class
    pictures string Hashes of the stimuli shown for it, separated by ;
    name string What stands on the page: an attribute or a reason; null for a class
    is_target boolean Whether the picture asked about is of this class; null where that is not asked
    """
)


def has_subjects(analysis: Analysis) -> bool:
    """Whether any question of the study is about a subject: then none names one class."""
    return bool((analysis.questions.label_class == 0).any())


def subject_rows(analysis: Analysis, *, names: Names) -> Iterator[tuple[Cell, ...]]:
    """Rows of SUBJECT_COLUMNS by key of the question, then by place."""
    class_of = {index: names.class_name[pk] for pk, index in names.class_index.items()}
    keys = analysis.questions.question[analysis.questions.label_class == 0].tolist()
    for start in range(0, len(keys), ROWS_PER_FETCH // 10):
        part = Question.objects.filter(pk__in=keys[start : start + ROWS_PER_FETCH // 10])
        for pk, subject in part.order_by("pk").values_list("pk", "subject"):
            if subject is None:
                continue
            called = subject.get("names")
            classes = [None] * len(called) if called else subject["classes"]
            groups = subject.get("groups") or [[]] * len(classes)
            for place, (index, pictures) in enumerate(zip(classes, groups, strict=True), 1):
                yield (
                    pk,
                    place,
                    index,
                    class_of.get(index),
                    SEPARATOR.join(pictures) or None,
                    called[place - 1] if called else None,
                    place - 1 == subject["right"] if "right" in subject else None,
                )
