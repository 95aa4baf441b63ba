"""Failure reasons as a part of a report: of each model, and of models against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studyapp.analytics import Agreement, Share
from studyapp.analytics.versus import Versus
from studyapp.models import Image, LabelClass
from studyapp.plurals import counted
from studyapp.questions.coding import VERSUS_COLUMNS, versus_words
from studyapp.questions.reason.figures import CANNOT_TELL, OfModel, Reasons, reasons
from studyapp.questions.reason.shelves import mistake_table, reason_shelves, shelf_name
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import (
    Cell,
    Part,
    PartExport,
    PartGallery,
    PartMark,
    PartTable,
)
from studyapp.reports.protocol import in_words
from studyapp.reports.sentences import coefficient, interval, percent
from studyapp.vocabulary import QuestionKind

#: Pictures of each reason on the page.
MOST_SHOWN = 8
_SHARE_COLUMNS = """
    model string Name of the model
    kind string main: the one main reason; holds: every reason that holds, the main one among them
    reason string The reason; of main also disputed and cannot tell, of holds none and several
    n_mistakes integer Mistakes of the model that the study asks about
    n_items integer Those of them with an answer that counts: what the share is of
    n_with integer Mistakes with the reason: more than half of the coders for main, the rule for holds
    n_unclear integer Mistakes on which the coders leave it open: not among n_with
    share share n_with / n_items
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
"""  # noqa: E501  # a line is a column
_AGREEMENT_COLUMNS = """
    coding string The main reason; all that hold as sets (alpha with MASI); each reason
    n_items integer Mistakes with two coders or more
    n_codings integer Their answers; of sets and reasons without those that cannot tell the main one
    percent_agreement share Agreeing pairs of answers; null for sets
    fleiss_kappa number Fleiss' kappa; null for sets
    gwet_ac1 number Gwet's AC1; null for sets
    krippendorff_alpha number Krippendorff's alpha
"""
_CODED_COLUMNS = """
    question_id integer The question; the same in questions and votes
    image_id string The image
    label string Its annotated class
    prediction string What was said instead
    main_reason string What more than half of the coders call the main reason; null without
    reasons string Every reason that holds by the rule, separated by ;
"""


def reason_part(analysis: Analysis) -> Part:
    found = reasons(analysis)
    return Part(
        kind=QuestionKind.REASON,
        headline=_headline(analysis, found),
        tables=tuple(_tables(found)),
        methods=(_method(analysis),),
        values=_values(found),
        exports=tuple(_exports(analysis, found)),
        sources=(mistake_table(analysis, found),),
        shelves=tuple(reason_shelves(found)),
        marks_note=(
            "One line per model and main reason: the dot is the share of its coded mistakes, "
            "the pale bar its 95 % interval."
        ),
        marks_title="Main reasons of the mistakes of each model",
        marks=tuple(
            PartMark(
                f"{model.model}: {share.label}",
                share.share,
                share.ci.low,
                share.ci.high,
                shelf=shelf_name(model.model, share.label),
            )
            for model in found.models
            for share in model.main
            if share.share is not None and share.ci is not None and share.n_with
        ),
        galleries=tuple(_galleries(analysis, found)),
    )


def _values(found: Reasons) -> dict[str, object]:
    return {
        "models": [
            {
                "model": model.model,
                "n_mistakes": model.n_mistakes,
                "main": [share.to_dict() for share in model.main],
                "holds": model.held.to_dict(),
            }
            for model in found.models
        ],
        "main_agreement": found.main_agreement.to_dict() if found.main_agreement else None,
        "set_agreement": found.set_agreement.to_dict() if found.set_agreement else None,
        "main_tests": [versus.values() for versus in found.main_tests],
        "tests": [versus.values() for versus in found.held_tests],
    }


def _headline(analysis: Analysis, found: Reasons) -> str:
    if not found.models:
        return f"{analysis.study.name}: no mistake has an answer that counts yet."
    told = [_sentence(model) for model in found.models]
    sure = {v.label for v in found.held_tests if v.p_holm is not None and v.p_holm < 0.05}
    differ = f" Models differ in {', '.join(sorted(sure))}." if sure else ""
    return " ".join(told) + differ


def _sentence(model: OfModel) -> str:
    named = [share for share in model.main if share.label not in ("disputed", CANNOT_TELL)]
    best = max(named, key=lambda share: share.n_with)
    n = model.held.n_items
    if not best.n_with or best.ci is None:
        return f"{model.model}: no main reason of {counted(n, 'mistake')} is agreed on."
    return (
        f"{model.model}: the most common main reason of {counted(n, 'coded mistake')} is "
        f"“{best.label}”, {percent(best.share)} % {interval(best.ci.low, best.ci.high)}."
    )


def _tables(found: Reasons) -> Iterator[PartTable]:
    if not found.models:
        return
    header = ("Reason", *(model.model for model in found.models))
    yield PartTable(
        title="The main reason",
        header=header,
        rows=_side_by_side([model.main for model in found.models]),
        shelves=_shelf_names(found, [share.label for share in found.models[0].main]),
        note=(
            "One of each mistake: what more than half of its coders chose, else disputed. Shares "
            "of the coded mistakes of a model add up to 100 %; Wilson’s interval at 95 %."
        ),
    )
    yield PartTable(
        title="Every reason that holds",
        header=header,
        rows=_side_by_side([model.held.rows for model in found.models]),
        shelves=_shelf_names(found, found.names, holds=True),
        note=(
            "Main or ticked besides, by the rule. A mistake may have several, so these may add up "
            "to more than 100 %. Who cannot tell the main reason leaves open what they did not "
            "tick, as the study counts “cannot tell”."
        ),
    )
    if found.held_tests:
        yield _versus_table("Models against each other: reasons that hold", found.held_tests)
        yield _versus_table("Models against each other: main reasons", found.main_tests)
    yield PartTable(
        title="Agreement of the coders",
        header=("On", "Mistakes", "Answers", "Agreeing pairs", "Fleiss’ κ", "AC1", "α"),
        rows=tuple(_agreement_row(row) for row in _agreement(found)),
        note=(
            "Over mistakes with two coders or more. All that hold: the reasons of a mistake as a "
            "set, Krippendorff’s α with the MASI distance; there and reason by reason without "
            "answers that cannot tell the main one. κ and α fall where a reason is rare, AC1 does "
            "not: read them together."
        ),
    )


def _side_by_side(of_models: Sequence[Sequence[Share]]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (shares[0].label, *(_share_words(share) for share in shares))
        for shares in zip(*of_models, strict=True)
    )


def _shelf_names(
    found: Reasons, labels: Sequence[str], *, holds: bool = False
) -> tuple[tuple[str, ...], ...]:
    return tuple(
        ("", *(shelf_name(model.model, label, holds=holds) for model in found.models))
        for label in labels
    )


def _share_words(share: Share) -> str:
    if share.ci is None:
        return "–"
    ends = interval(share.ci.low, share.ci.high)
    return f"{share.n_with:,} of {share.n_items:,}: {percent(share.share)} % {ends}"


def _versus_table(title: str, tests: Sequence[Versus]) -> PartTable:
    return PartTable(
        title=title,
        header=(
            "Reason", "Models", "Mistakes", "Of both", "Difference", "95 % interval", "p",
            "p (Holm)",
        ),
        rows=tuple(versus_words(versus) for versus in tests),
        note=(
            "Fisher’s exact test, two-sided, over the mistakes that only one of the two made: a "
            "mistake of both is coded once and speaks for neither. Holm over all rows."
        ),
    )  # fmt: skip


def _agreement(found: Reasons) -> Iterator[tuple[Cell, ...]]:
    if found.main_agreement is not None:
        yield _agreed("the main reason", found.main_agreement)
    of_sets = found.set_agreement
    if of_sets is not None:
        yield (
            "all that hold (MASI)", of_sets.n_items, of_sets.n_codings, None, None, None,
            of_sets.alpha,
        )  # fmt: skip
        yield from (
            _agreed(name, agreed) for name, agreed in zip(found.names, of_sets.flags, strict=True)
        )


def _agreed(name: str, agreed: Agreement) -> tuple[Cell, ...]:
    return (
        name, agreed.n_questions, agreed.n_votes, agreed.percent_agreement, agreed.fleiss_kappa,
        agreed.gwet_ac1, agreed.krippendorff_alpha,
    )  # fmt: skip


def _agreement_row(row: tuple[Cell, ...]) -> tuple[str, ...]:
    name, n_items, n_codings, pairs, *rest = row
    numbers = [None if value is None else float(str(value)) for value in (pairs, *rest)]
    return (
        str(name), f"{n_items:,}", f"{n_codings:,}",
        "–" if numbers[0] is None else f"{percent(numbers[0])} %",
        *(coefficient(value, digits=3) for value in numbers[1:]),
    )  # fmt: skip


def _method(analysis: Analysis) -> str:
    rule = analysis.rule
    return (
        "Raters were told the annotated class and the prediction, chose one main reason from a "
        "codebook, and ticked whatever else holds; the codebook stood in the same order for "
        "everybody. A reason holds when at least "
        f"{in_words(rule.k)} of the first {in_words(rule.n)} valid answers give it, as the main "
        f"one or besides. The question was “{analysis.study.question}”."
    )


def _galleries(analysis: Analysis, found: Reasons) -> Iterator[PartGallery]:
    names = dict(
        LabelClass.objects.filter(class_list=analysis.study.image_set.class_list_id).values_list(
            "index", "prompt_name"
        )
    )
    for place, reason in enumerate(found.names):
        items = [item for item in found.items if item.main == place]
        if items:
            yield PartGallery(
                f"{reason} ({counted(len(items), 'mistake')})",
                tuple(
                    (
                        item.stimulus,
                        f"{names.get(item.mistake.label, '')} → {names.get(item.mistake.said, '')}",
                    )
                    for item in items[:MOST_SHOWN]
                ),
            )


def _exports(analysis: Analysis, found: Reasons) -> Iterator[PartExport]:
    yield PartExport(
        name="reasons",
        title="Share of each model's mistakes with each reason",
        columns=_SHARE_COLUMNS,
        rows=tuple(
            _share_cells(model, kind, share)
            for model in found.models
            for kind, shares in (("main", model.main), ("holds", model.held.rows))
            for share in shares
        ),
        key=("model", "kind", "reason"),
        printed=("model", "kind", "reason", "n_items", "n_with", "share"),
    )
    yield PartExport(
        name="reason_tests",
        title="Reasons that hold, models against each other",
        columns=VERSUS_COLUMNS,
        rows=tuple(versus.cells() for versus in found.held_tests),
        key=("label", "first", "second"),
        printed=("label", "first", "second", "difference", "p", "p_holm"),
    )
    yield PartExport(
        name="main_reason_tests",
        title="Main reasons, models against each other",
        columns=VERSUS_COLUMNS,
        rows=tuple(versus.cells() for versus in found.main_tests),
        key=("label", "first", "second"),
        printed=("label", "first", "second", "difference", "p", "p_holm"),
    )
    yield PartExport(
        name="reason_agreement",
        title="Agreement of the coders on reasons",
        columns=_AGREEMENT_COLUMNS,
        rows=tuple(_agreement(found)),
        key=("coding",),
        printed=("coding", "n_items", "percent_agreement", "fleiss_kappa", "gwet_ac1"),
    )
    names = dict(
        LabelClass.objects.filter(class_list=analysis.study.image_set.class_list_id).values_list(
            "index", "name"
        )
    )
    images = dict(
        Image.objects.filter(image_set=analysis.study.image_set_id).values_list("pk", "image_id")
    )
    keys = analysis.questions.question
    yield PartExport(
        name="coded_mistakes",
        title="Every coded mistake and its reasons",
        columns=_CODED_COLUMNS,
        rows=tuple(
            (
                int(keys[item.question]), images[item.mistake.image],
                names.get(item.mistake.label), names.get(item.mistake.said),
                found.names[item.main] if item.main >= 0 else None,
                ";".join(found.names[place] for place in item.held) or None,
            )
            for item in found.items
        ),
        key=("question_id",),
    )  # fmt: skip


def _share_cells(model: OfModel, kind: str, share: Share) -> tuple[Cell, ...]:
    return (
        model.model, kind, share.label, model.n_mistakes, share.n_items, share.n_with,
        share.n_unclear, share.share, share.ci.low if share.ci else None,
        share.ci.high if share.ci else None,
    )  # fmt: skip
