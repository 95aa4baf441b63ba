"""The pictures behind the shares of reasons, and the table these are counted from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studyapp.analytics.reasons import DISPUTED
from studyapp.questions.reason.figures import CANNOT_TELL, Coded, Reasons
from studyapp.questions.shelves import image_ids, question_key
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import PartExport, PartShelf

_MISTAKE_COLUMNS = """
    model string Name of the model
    image_id string The image
    question_id integer The question, if an answer to it counts
"""


def shelf_name(model: str, label: str, *, holds: bool = False) -> str:
    return f"{model}: {label}{', main or not' if holds else ''}"


def reason_shelves(found: Reasons) -> Iterator[PartShelf]:
    """For every model the mistakes of each main reason, and of each reason that holds."""
    for model in found.models:
        items = [found.items[at] for at in model.items]
        unasked = sum(m.model == model.model and row < 0 for m, row in found.asked)
        of_main = {name: [item for item in items if item.main == at]
                   for at, name in enumerate(found.names)}  # fmt: skip
        of_main[CANNOT_TELL] = [item for item in items if item.cannot_tell]
        of_main[DISPUTED] = [item for item in items if item.main < 0 and not item.cannot_tell]
        for label, counted_ in of_main.items():
            yield _split(shelf_name(model.model, label), "Main reason", counted_, items, unasked)
        for at, label in enumerate(found.names):
            held = [item for item in items if at in item.held]
            yield _split(shelf_name(model.model, label, holds=True), "Holds", held, items, unasked)


def _split(
    name: str, title: str, chosen: Sequence[Coded], items: Sequence[Coded], unasked: int
) -> PartShelf:
    own = tuple(item.question for item in chosen)
    rest = {item.question for item in items} - set(own)
    others = tuple(item.question for item in items if item.question in rest)
    return PartShelf(name, ((title, own), ("The others coded", others)), n_unasked=unasked)


def mistake_table(analysis: Analysis, found: Reasons) -> PartExport:
    names = image_ids(analysis, {mistake.image for mistake, _ in found.asked})
    coded = {item.question for item in found.items}
    return PartExport(
        name="mistakes",
        title="Every mistake the study is about, by model",
        columns=_MISTAKE_COLUMNS,
        rows=tuple(
            (
                mistake.model, names[mistake.image],
                question_key(analysis, row) if row in coded else None,
            )
            for mistake, row in found.asked
        ),
        key=(),
    )  # fmt: skip
