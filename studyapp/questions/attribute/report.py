"""Bias by model criticism as a part of a report (Stock and Cisse 2018, Figures 8 to 10)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from studyapp.analytics import Agreement, Share, Verdict
from studyapp.plurals import counted
from studyapp.questions.attribute.figures import Attributes, CodedImage, attributes
from studyapp.questions.attribute.sets import BASE, best_of_the_rest, class_of
from studyapp.questions.attribute.strips import explanation_paths, similar_pairs
from studyapp.questions.coding import VERSUS_COLUMNS, p_words, versus_words
from studyapp.questions.shelves import image_ids, question_key
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import (
    Cell,
    Part,
    PartExport,
    PartGallery,
    PartMark,
    PartShelf,
    PartTable,
)
from studyapp.reports.protocol import in_words
from studyapp.reports.sentences import coefficient, interval, percent
from studyapp.vocabulary import QuestionKind

#: Pictures of each set on the page.
MOST_SHOWN = 18
_SHARE_COLUMNS = """
    set string prototypes, criticisms or base; an image may be in several
    attribute string The attribute; or none of them, several, cannot tell
    n_in_set integer Images of the set
    n_items integer Those of them with an answer that counts: what the share is of
    n_with integer Images that show it, by the rule
    n_unclear integer Images on which the raters leave it open: not among n_with
    share share n_with / n_items
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
"""
_CODED_COLUMNS = """
    question_id integer The question; the same in questions and votes
    image_id string The image
    set string A set it is in; an image of two sets has two rows for each attribute
    attribute string The attribute
    verdict string shown, not_shown or open
"""
_SET_COLUMNS = """
    set string prototypes, criticisms or base; an image may be in several
    image_id string The image
    question_id integer The question, if an answer to it counts
"""
#: Groups of the shelf of a set and an attribute.
_GROUPS = {
    Verdict.ACCEPTED: "Show it", Verdict.REJECTED: "Do not", Verdict.UNDECIDED: "Left open",
}  # fmt: skip
_VERDICTS = {
    Verdict.ACCEPTED: "shown", Verdict.REJECTED: "not_shown", Verdict.UNDECIDED: "open",
}  # fmt: skip


def attribute_part(analysis: Analysis) -> Part:
    found = attributes(analysis)
    rows = list(_shares(found))
    return Part(
        kind=QuestionKind.ATTRIBUTE,
        headline=_headline(analysis, found, rows),
        tables=tuple(_tables(found, rows)),
        methods=(_method(analysis),),
        values={
            "sets": [
                {"set": name, "n_in_set": found.n_in_set[name], **share.to_dict()}
                for name, share in rows
            ],
            "tests": [versus.values() for versus in found.tests],
            "agreement": [
                {"attribute": name, **agreed.to_dict()} for name, agreed in _agreement(found)
            ],
        },
        exports=tuple(_exports(analysis, found, rows)),
        sources=(_source(analysis, found),),
        shelves=tuple(_shelves(found)),
        marks_note=(
            "One line per set and attribute: the dot is the share of its coded images that "
            "show it, the pale bar its 95 % interval."
        ),
        marks_title="Share of images that show it, by set",
        marks=tuple(
            PartMark(
                f"{name}: {share.label}",
                share.share,
                share.ci.low,
                share.ci.high,
                shelf=_shelf(name, share.label),
            )
            for name, share in rows
            if share.label in found.names and share.share is not None and share.ci is not None
        ),
        galleries=tuple(_galleries(found, rest=best_of_the_rest(analysis.study))),
        strips=(
            *explanation_paths(analysis.study, only=analysis.only),
            *similar_pairs(analysis.study, only=analysis.only),
        ),
    )


def _shares(found: Attributes) -> Iterator[tuple[str, Share]]:
    if found.shares is not None:
        for name, shares in zip(found.items, found.shares.sets, strict=True):
            yield from ((name, share) for share in shares)


def _agreement(found: Attributes) -> Iterator[tuple[str, Agreement]]:
    if found.agreement_of is not None and found.agreement_of.agreement is not None:
        yield from zip(found.names, found.agreement_of.agreement, strict=True)


def _shelf(name: str, label: str) -> str:
    return f"{name}: {label}"


def _shelves(found: Attributes) -> Iterator[PartShelf]:
    for name, items in found.items.items():
        for at, label in enumerate(found.names):
            groups = tuple(
                (
                    title,
                    tuple(item.question for item in items if item.codes[at] == verdict),
                )
                for verdict, title in _GROUPS.items()
            )
            yield PartShelf(
                _shelf(name, label), groups, n_unasked=found.n_in_set[name] - len(items)
            )


def _source(analysis: Analysis, found: Attributes) -> PartExport:
    names = image_ids(analysis, {image for of in found.members.values() for image, _ in of})
    return PartExport(
        name="sets",
        title="The images of each set, in its order",
        columns=_SET_COLUMNS,
        rows=tuple(
            (name, names.get(image), question_key(analysis, row))
            for name, members in found.members.items()
            for image, row in members
        ),
        key=(),
    )


def _headline(analysis: Analysis, found: Attributes, rows: Sequence[tuple[str, Share]]) -> str:
    label = class_of(analysis.study)
    name = label.prompt_name if label else "the class"
    if not rows:
        return f"{analysis.study.name}: no image of {name} has an answer that counts yet."
    told = min(found.tests, key=lambda versus: versus.contrast.p or 0, default=None)
    attribute = told.label if told else found.names[0]
    each = [
        f"{percent(share.share)} % of {share.n_items:,} {_SET_WORDS[of]}"
        for of, share in rows
        if share.label == attribute
    ]
    sure = (
        f"; {told.first} against {told.second}: p {p_words(told.p_holm)} (Fisher, Holm)"
        if told
        else ""
    )
    return f"{name}: {attribute} is shown by {', '.join(each)}{sure}."


_SET_WORDS = {
    "prototypes": "prototypes",
    "criticisms": "criticisms",
    "base": "images drawn from the class",
}


def _tables(found: Attributes, rows: Sequence[tuple[str, Share]]) -> Iterator[PartTable]:
    if not rows:
        return
    yield PartTable(
        title="What the sets show",
        header=("Set, attribute", "Images", "Coded", "Show it", "Open", "Share", "95 % interval"),
        rows=tuple(
            (
                f"{name}: {share.label}",
                f"{found.n_in_set[name]:,}",
                f"{share.n_items:,}",
                f"{share.n_with:,}",
                f"{share.n_unclear:,}",
                f"{percent(share.share)} %",
                f"{interval(share.ci.low, share.ci.high)} %" if share.ci else "–",
            )
            for name, share in rows
        ),
        shelves=tuple(
            (_shelf(name, share.label) if share.label in found.names else "",)
            for name, share in rows
        ),
        note=(
            "Share: images that show it / images coded. An image may show several, so shares of a "
            "set may add up to more than 100 %; none, a single or several, and cannot tell do not "
            "overlap. How much a share can say hangs on the number of images: see the intervals."
        ),
    )
    yield PartTable(
        title="Differences between sets",
        header=(
            "Attribute", "Sets", "Images", "In both", "Difference", "95 % interval", "p",
            "p (Holm)",
        ),
        rows=tuple(versus_words(versus) for versus in found.tests),
        note=(
            "Fisher’s exact test, two-sided, and Newcombe’s interval; Holm over all rows. An image "
            "of the base that is a prototype or a criticism too counts as that alone, so that "
            "these are held against the rest of the class."
        ),
    )  # fmt: skip
    yield PartTable(
        title="Agreement on each attribute",
        header=("Attribute", "Images", "Answers", "Agreeing pairs", "Fleiss’ κ", "Gwet’s AC1"),
        rows=tuple(
            (
                name,
                f"{agreed.n_questions:,}",
                f"{agreed.n_votes:,}",
                f"{percent(agreed.percent_agreement)} %",
                coefficient(agreed.fleiss_kappa, digits=3),
                coefficient(agreed.gwet_ac1, digits=3),
            )
            for name, agreed in _agreement(found)
        ),
        note="Over the coded images, each once: yes, no and cannot tell as three answers.",
    )


def _method(analysis: Analysis) -> str:
    rule = analysis.rule
    return (
        f"The question was “{analysis.study.question}”, with each attribute below it and an answer "
        "of its own: yes, no or cannot tell. An image shows an attribute when at least "
        f"{in_words(rule.k)} of the first {in_words(rule.n)} valid answers say so. Where it is "
        "about people, it is about how they appear to those who answered, and nothing else."
    )


def _galleries(found: Attributes, *, rest: Collection[str]) -> Iterator[PartGallery]:
    for name, items in found.items.items():
        flagged = () if name == BASE else rest
        pictures = tuple(
            (item.stimulus, _caption(found, item, rest=flagged)) for item in items[:MOST_SHOWN]
        )
        n = counted(len(items), "image")
        yield PartGallery(f"{name.capitalize()} ({n} coded)", pictures)


def _caption(found: Attributes, item: CodedImage, *, rest: Collection[str]) -> str:
    shown = [
        name
        for name, code in zip(found.names, item.codes.tolist(), strict=True)
        if code == Verdict.ACCEPTED
    ]
    told = ", ".join(shown) or "none of them"
    return f"{told} (best of the rest)" if item.image.content_hash in rest else told


def _exports(
    analysis: Analysis, found: Attributes, rows: Sequence[tuple[str, Share]]
) -> Iterator[PartExport]:
    yield PartExport(
        name="attributes",
        title="Share of the images of each set that show each attribute",
        columns=_SHARE_COLUMNS,
        rows=tuple(_share_cells(found, name, share) for name, share in rows),
        key=("set", "attribute"),
        printed=("set", "attribute", "n_items", "n_with", "share", "ci_low", "ci_high"),
    )
    yield PartExport(
        name="attribute_tests",
        title="Differences between sets, by attribute",
        columns=VERSUS_COLUMNS,
        rows=tuple(versus.cells() for versus in found.tests),
        key=("label", "first", "second"),
        printed=("label", "first", "second", "difference", "p", "p_holm"),
    )
    keys = analysis.questions.question
    yield PartExport(
        name="coded_attributes",
        title="What every coded image shows",
        columns=_CODED_COLUMNS,
        rows=tuple(
            (
                int(keys[item.question]), item.image.image_id, name, attribute,
                _VERDICTS[Verdict(code)],
            )
            for name, items in found.items.items()
            for item in items
            for attribute, code in zip(found.names, item.codes.tolist(), strict=True)
        ),
        key=("question_id", "set", "attribute"),
    )  # fmt: skip


def _share_cells(found: Attributes, name: str, share: Share) -> tuple[Cell, ...]:
    return (
        name, share.label, found.n_in_set[name], share.n_items, share.n_with, share.n_unclear,
        share.share, share.ci.low if share.ci else None, share.ci.high if share.ci else None,
    )  # fmt: skip
