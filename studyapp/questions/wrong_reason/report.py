"""Right predictions that are right for the wrong reason, as a part of a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from studyapp.analytics import Contrast, Verdict, mcnemar
from studyapp.analytics.families import holm_known
from studyapp.models import SaliencyMap
from studyapp.questions.coding import difference_words, p_words
from studyapp.questions.judged import COLUMNS, HEADER, Judged
from studyapp.questions.shelves import judged_shelf, question_key
from studyapp.questions.wrong_reason.population import chosen_maps, mapped_picture
from studyapp.rendering import picture_hash
from studyapp.reports.analysis import Analysis
from studyapp.reports.asked_about import question_rows
from studyapp.reports.parts import (
    ACCEPTED,
    Part,
    PartExport,
    PartGallery,
    PartMark,
    PartTable,
)
from studyapp.reports.protocol import in_words
from studyapp.reports.sentences import interval, percent
from studyapp.vocabulary import QuestionKind

#: Pictures of each model and verdict on the page.
MOST_SHOWN = 12
_COLUMNS = f"    model string Name of the model{COLUMNS}"
_JUDGED_COLUMNS = """
    question_id integer The question; the same in questions and votes
    model string Name of the model
    image_id string The image
    class_name string Its class, predicted right
    verdict string wrong_reason, right_reason or undecided
"""
_MAP_COLUMNS = """
    model string Name of the model
    image_id string The image
    sha256 string SHA-256 of its file: models are compared on equal pictures
    question_id integer The question; null where nobody was asked
"""
_WORDS = {
    Verdict.ACCEPTED: "wrong_reason", Verdict.REJECTED: "right_reason",
    Verdict.UNDECIDED: "undecided",
}  # fmt: skip


@dataclass(frozen=True)
class _Shown:
    map: SaliencyMap
    stimulus: str
    question: int


@dataclass(frozen=True)
class _Pair:
    """Two models on the images judged for both."""

    first: str
    second: str
    n: int
    contrast: Contrast
    p_holm: float | None


def wrong_reason_part(analysis: Analysis) -> Part:
    shown = _shown(analysis)
    judged = {
        model: Judged.of(analysis, questions=[one.question for one in found])
        for model, found in shown.items()
    }
    pairs = _pairs(analysis, shown)
    return Part(
        kind=QuestionKind.WRONG_REASON,
        headline=_headline(analysis, judged),
        tables=tuple(_tables(judged, pairs)),
        methods=(_method(analysis),),
        values={
            "models": [{"model": model, **found.values()} for model, found in judged.items()],
            "contrasts": [
                {
                    "first": pair.first,
                    "second": pair.second,
                    **pair.contrast.to_dict(),
                    "p_holm": pair.p_holm,
                }
                for pair in pairs
            ],
        },
        exports=(
            PartExport(
                name="wrong_reasons",
                title="Share of right predictions that are right for the wrong reason",
                columns=_COLUMNS,
                rows=tuple((model, *found.cells()) for model, found in judged.items()),
                key=("model",),
                printed=("model", "n_asked", "n_accepted", "share", "ci_low", "ci_high"),
            ),
            _export_of_pictures(analysis, shown),
        ),
        sources=(_source(analysis, shown),),
        shelves=tuple(
            judged_shelf(
                model, [one.question for one in found], verdicts=analysis.verdicts, wide=True
            )
            for model, found in shown.items()
        ),
        marks_note=(
            "One line per model: the dot is the share of the pictures asked about, the pale "
            "bar its 95 % interval."
        ),
        marks_title="Right for the wrong reason, of the right predictions asked about",
        marks=tuple(
            PartMark(
                model,
                found.share,
                found.ci.low,
                found.ci.high,
                shelf=model,
                group=ACCEPTED,
            )
            for model, found in judged.items()
            if found.share is not None and found.ci is not None
        ),
        galleries=tuple(_galleries(analysis, shown)),
    )


def _shown(analysis: Analysis) -> dict[str, list[_Shown]]:
    study, rows = analysis.study, question_rows(analysis)
    found: dict[str, list[_Shown]] = {
        name: []
        for name in sorted(study.vision_models.values_list("name", flat=True))
        if analysis.only.tells(name)
    }
    for row in chosen_maps(study):
        if not (analysis.only.tells(row.vision_model.name) and analysis.shows(row.image_id)):
            continue
        text = picture_hash(mapped_picture(row), study=study)
        question = rows.get((text, row.label_class_id, ""), -1)
        found.setdefault(row.vision_model.name, []).append(_Shown(row, text, question))
    return found


def _pairs(analysis: Analysis, shown: dict[str, list[_Shown]]) -> list[_Pair]:
    code = analysis.verdicts.code
    decided = {
        model: {
            str(one.map.image.content_hash): bool(code[one.question] == Verdict.ACCEPTED)
            for one in found
            if one.question >= 0 and code[one.question] != Verdict.UNDECIDED
        }
        for model, found in shown.items()
    }
    found = []
    for first, second in combinations(decided, 2):
        both = sorted(decided[first].keys() & decided[second].keys())
        if both:
            one, other = (
                np.array([decided[model][content] for content in both]) for model in (first, second)
            )
            found.append((first, second, len(both), mcnemar(one, other)))
    adjusted = holm_known([contrast.p for *_, contrast in found])
    return [_Pair(*pair, p_holm) for pair, p_holm in zip(found, adjusted, strict=True)]


def _headline(analysis: Analysis, judged: dict[str, Judged]) -> str:
    told = {model: found for model, found in judged.items() if found.share is not None}
    if not told:
        return f"{analysis.study.name}: nobody has been asked about a right prediction yet."
    each = [
        f"{model}: of {found.n_asked:,} right predictions people were asked about, "
        f"{percent(found.share)} % {interval(found.ci.low, found.ci.high)} are right for the wrong "
        f"reason{found.open_words()}"
        for model, found in told.items()
        if found.ci is not None
    ]
    return "; ".join(each) + "."


def _tables(judged: dict[str, Judged], pairs: list[_Pair]) -> Iterator[PartTable]:
    yield PartTable(
        title="Right for the wrong reason",
        header=("Model", *HEADER),
        rows=tuple((model, *found.words()) for model, found in judged.items()),
        shelves=tuple((model,) for model in judged),
        note=(
            "Share: pictures on which enough raters say that the model looked at the wrong thing / "
            "pictures asked about, all of them predicted right. Undecided ones are not among them."
        ),
    )
    if pairs:
        yield PartTable(
            title="Models against each other",
            header=("Models", "Images", "Difference", "95 % interval", "p", "p (Holm)"),
            rows=tuple(
                (
                    f"{pair.first} less {pair.second}",
                    f"{pair.n:,}",
                    *difference_words(pair.contrast),
                    p_words(pair.contrast.p),
                    p_words(pair.p_holm),
                )
                for pair in pairs
            ),
            note="On the images decided for both models; McNemar’s test, Tango’s interval.",
        )


def _method(analysis: Analysis) -> str:
    rule = analysis.rule
    return (
        f"The question was “{analysis.study.question}”, with the class the model predicted, which "
        "is the annotated one, in place of {class}. A prediction counts as right for the wrong "
        f"reason when at least {in_words(rule.k)} of the first {in_words(rule.n)} valid votes say "
        "yes. What the raters judge is the map: where a map misleads about the model, so does the "
        "share."
    )


def _galleries(analysis: Analysis, shown: dict[str, list[_Shown]]) -> Iterator[PartGallery]:
    code = analysis.verdicts.code
    for model, found in shown.items():
        for verdict, told in (
            (Verdict.ACCEPTED, "right for the wrong reason"),
            (Verdict.REJECTED, "right for a right reason"),
        ):
            of_verdict = [
                one for one in found if one.question >= 0 and code[one.question] == verdict
            ]
            if of_verdict:
                yield PartGallery(
                    f"{model}: {told} ({len(of_verdict):,})",
                    tuple(
                        (one.stimulus, one.map.label_class.prompt_name)
                        for one in of_verdict[:MOST_SHOWN]
                    ),
                    wide=True,
                )


def _source(analysis: Analysis, shown: dict[str, list[_Shown]]) -> PartExport:
    return PartExport(
        name="maps",
        title="Every map the study shows, by model",
        columns=_MAP_COLUMNS,
        rows=tuple(
            (
                model, one.map.image.image_id, one.map.image.content_hash,
                question_key(analysis, one.question),
            )
            for model, found in shown.items()
            for one in found
        ),
        key=(),
    )  # fmt: skip


def _export_of_pictures(analysis: Analysis, shown: dict[str, list[_Shown]]) -> PartExport:
    keys, code = analysis.questions.question, analysis.verdicts.code
    return PartExport(
        name="judged_maps",
        title="Every map that people judged",
        columns=_JUDGED_COLUMNS,
        rows=tuple(
            (
                int(keys[one.question]), model, one.map.image.image_id, one.map.label_class.name,
                _WORDS[Verdict(code[one.question])],
            )
            for model, found in shown.items()
            for one in found
            if one.question >= 0
        ),
        key=("question_id", "model"),
    )  # fmt: skip
