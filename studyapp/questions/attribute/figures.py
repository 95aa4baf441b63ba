"""Shares of prototypes, criticisms and the base that show each attribute, and their differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studyapp.analytics import Answer, AttributeShares, Verdict, attribute_shares, verdicts
from studyapp.analytics.coded import coder_votes
from studyapp.analytics.columns import Int8
from studyapp.analytics.versus import Versus, coded_flags, each_versus
from studyapp.identity import subject_hash
from studyapp.models import Image
from studyapp.questions.attribute import ATTRIBUTE
from studyapp.questions.attribute.population import attribute_subject
from studyapp.questions.attribute.sets import attributes_of, first_images, sets_of
from studyapp.rendering import picture_hash
from studyapp.reports.analysis import Analysis
from studyapp.reports.asked_about import question_rows, raw_answers
from studyapp.selectors.populations import Picture

_CODES = {"yes": Answer.YES, "no": Answer.NO, "unsure": Answer.UNSURE}


@dataclass(frozen=True, eq=False)
class CodedImage:
    """An image with an answer that counts. question: row of QuestionTable; codes: int8[G] verdict
    on each attribute."""

    image: Image
    stimulus: str
    question: int
    codes: Int8


@dataclass(frozen=True, eq=False)
class Attributes:
    """names: of the attributes. n_in_set: images of each set, coded or not. items: those coded, by
    set. members: keys of the images of each set (0 of one that is gone) with the row of their
    question, -1 of one that is not coded, in the order of the set. shares: of the coded images of
    each set in turn; None where none is coded. agreement_of: over every coded image once."""

    names: tuple[str, ...]
    n_in_set: Mapping[str, int]
    items: Mapping[str, tuple[CodedImage, ...]]
    shares: AttributeShares | None
    agreement_of: AttributeShares | None
    tests: tuple[Versus, ...]
    members: Mapping[str, tuple[tuple[int, int], ...]]


def attributes(analysis: Analysis) -> Attributes:
    study = analysis.study
    names, sets = tuple(attributes_of(study)), sets_of(study)
    contents = {content for found in sets.values() for content in found}
    images = {
        content: image
        for content, image in first_images(study, contents).items()
        if analysis.shows(image.pk)
    }
    if analysis.only.class_key:
        sets = {name: tuple(c for c in found if c in images) for name, found in sets.items()}
    subject = subject_hash(study.question_kind, subject=attribute_subject(study))
    rows, raws = question_rows(analysis), raw_answers(analysis)
    shown = {
        content: picture_hash(Picture(image, ()), study=study) for content, image in images.items()
    }
    question = {
        content: row
        for content, text in shown.items()
        if (row := rows.get((text, 0, subject))) is not None and row in raws
    }
    order = sorted(question)
    flags, coded = coded_flags(
        [raws[question[content]] for content in order], parse=_parse, n_flags=len(names)
    )
    code = (
        verdicts(coder_votes(flags, coded=coded), rule=analysis.rule).code.reshape(
            flags.shape[0], -1
        )
        if order
        else np.zeros((0, len(names)), dtype=np.int8)
    )
    place = {content: at for at, content in enumerate(order)}
    members = {name: [place[c] for c in found if c in place] for name, found in sets.items()}
    told = [name for name in members if members[name]]
    items = np.array([at for name in told for at in members[name]], dtype=np.int64)
    set_id = np.repeat(np.arange(len(told)), [len(members[name]) for name in told])
    shares = (
        attribute_shares(
            flags[items], set_id=set_id, names=names, rule=analysis.rule, coded=coded[items]
        )
        if items.size
        else None
    )
    everything = (
        attribute_shares(
            flags,
            set_id=np.zeros(len(order), dtype=np.int64),
            names=names,
            rule=analysis.rule,
            coded=coded,
        )
        if order
        else None
    )
    coded_images = [
        CodedImage(images[content], shown[content], question[content], code[at])
        for at, content in enumerate(order)
    ]
    accepted = code == Verdict.ACCEPTED
    return Attributes(
        names=names,
        n_in_set={name: len(found) for name, found in sets.items()},
        items={name: tuple(coded_images[at] for at in members[name]) for name in told},
        shares=shares,
        agreement_of=everything,
        tests=each_versus(
            {name: accepted[:, at] for at, name in enumerate(names)},
            groups={name: set(members[name]) for name in told},
            shared_in_first=True,
        ),
        members={
            name: tuple(
                (images[content].pk if content in images else 0, question.get(content, -1))
                for content in found
            )
            for name, found in sets.items()
        },
    )


def _parse(raw: str) -> list[int]:
    return [_CODES[part] for part in ATTRIBUTE.split(raw, {"names": raw.split(" ")})]
