"""questions.csv: every question asked, its votes and its verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from studyapp.analytics import Verdict
from studyapp.exports.columns import Cell, described
from studyapp.exports.names import Names
from studyapp.reports import Analysis
from studyapp.selectors.turns import asked_while_undecided

QUESTION_COLUMNS = described(
    """
    question_id integer The question; the same in votes
    image_id string Id within the image set; of images with equal content the first mistaken one
    condition string Conditions it is asked in, separated by ;
    predicted_class integer Index of the class asked about
    true_class integer Index of the annotated class
    n_valid integer Votes that count
    n_yes integer Raw answers yes among them
    n_no integer Raw answers no among them
    n_unsure integer Raw answers unsure among them
    yes_share share yes / (yes + no), as the rule counts them
    verdict string accepted, rejected or undecided
    rule_k integer Yes votes that accept
    rule_n integer Votes that are looked at
    rule_unsure string What unsure counts as: missing, no or yes
    curtailed boolean Whether it may close before all its votes are in; its counts show no agreement
    models string Names, separated by ;, of the models whose mistake it is
    asked_again boolean Whether it lacked votes and was offered again only for being undecided
    """
)

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
    again = asked_while_undecided(analysis.study, analysis.questions.question)
    rule = analysis.rule
    for row, (
        question,
        label_class,
        (yes, no, unsure),
        (code, rule_yes, rule_votes),
        complete,
        asked_again,
    ) in enumerate(
        zip(
            analysis.questions.question.tolist(),
            analysis.questions.label_class.tolist(),
            counts,
            decided,
            analysis.complete.tolist(),
            again.tolist(),
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
            not complete,
            SEPARATOR.join(models.get(row, ())),
            asked_again,
        )


def models_by_question(analysis: Analysis) -> dict[int, list[str]]:
    """Names of the models whose mistake a question is about, by row of the question."""
    models: dict[int, list[str]] = defaultdict(list)
    for model in analysis.models:
        # Two images of equal content share a question; the model is named once.
        for row in sorted(set(model.question[model.question >= 0].tolist())):
            models[row].append(model.name)
    return models
