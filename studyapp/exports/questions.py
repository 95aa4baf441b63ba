"""questions.csv: every question asked, its votes and its verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from studyapp.analytics import Verdict
from studyapp.exports.names import Names
from studyapp.exports.tables import Cell
from studyapp.reports import Analysis

QUESTION_COLUMNS = (
    "question_id", "image_id", "condition", "predicted_class", "true_class", "n_valid", "n_yes",
    "n_no", "n_unsure", "yes_share", "verdict", "rule_k", "rule_n", "rule_unsure", "curtailed",
    "models",
)  # fmt: skip

SEPARATOR = ";"


def question_rows(analysis: Analysis, *, names: Names) -> Iterator[tuple[Cell, ...]]:
    """Rows of QUESTION_COLUMNS by key of the question; counts are of raw answers."""
    models = models_by_question(analysis)
    counts = analysis.valid.counts3().tolist()
    decided = zip(
        analysis.verdicts.code.tolist(),
        analysis.verdicts.yes.tolist(),
        analysis.verdicts.valid.tolist(),
        strict=True,
    )
    rule = analysis.rule
    for row, (question, label_class, (yes, no, unsure), (code, rule_yes, rule_votes)) in enumerate(
        zip(
            analysis.questions.question.tolist(),
            analysis.questions.label_class.tolist(),
            counts,
            decided,
            strict=True,
        )
    ):
        image = int(names.question_image[row])
        label = int(analysis.images.label[image]) if image >= 0 else 0
        yield (
            question,
            names.image_of(row, question=question),
            names.condition.get(question),
            names.class_index.get(label_class),
            names.class_index.get(label),
            yes + no + unsure,
            yes,
            no,
            unsure,
            rule_yes / rule_votes if rule_votes else None,
            Verdict(code).name.lower(),
            rule.k,
            rule.n,
            rule.unsure,
            False,
            SEPARATOR.join(models.get(row, ())),
        )


def models_by_question(analysis: Analysis) -> dict[int, list[str]]:
    """Names of the models whose mistake a question is about, by row of the question."""
    models: dict[int, list[str]] = defaultdict(list)
    for model in analysis.models:
        # Two images of equal content share a question; the model is named once.
        for row in sorted(set(model.question[model.question >= 0].tolist())):
            models[row].append(model.name)
    return models
