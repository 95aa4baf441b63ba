"""A model's mistakes, one by one: what the gallery shows.

Which mistakes there are, and what people said to each, is worked out once for all pages of a
gallery and kept: some 40 bytes a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Verdict, Window
from studyapp.models import Image, LabelClass, Question, Stimulus, Study
from studyapp.rendering import picture_hash
from studyapp.reports.analysis import Analysis, ModelAnalysis, analyse_study
from studyapp.reports.cache import kept
from studyapp.selectors.populations import Picture
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.selectors.study_stand import study_stand
from studyapp.vocabulary import StimulusKind

UNASKED = "unasked"
#: What a mistake can have come to.
OUTCOMES = ("accepted", "rejected", "undecided", UNASKED)
#: Places of OUTCOMES by code of the verdict.
_OUTCOME_OF = {code: OUTCOMES.index(code.name.lower()) for code in Verdict}

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ModelMistakes:
    """The W mistakes of a model, in the order of the images.

    image, label, top1: int64[W] keys. question: int64[W], key, 0 where it was not asked. outcome:
    int8[W], place in OUTCOMES. said: int16[W, 3], valid votes yes, no and cannot tell. yes_of_all:
    int16[W], yes votes of a mistake with all its votes, as the report counts them, else -1.
    """

    name: str
    image: Int64
    label: Int64
    top1: Int64
    question: Int64
    outcome: npt.NDArray[np.int8]
    said: npt.NDArray[np.int16]
    yes_of_all: npt.NDArray[np.int16]

    def with_outcome(self, outcome: str) -> Int64:
        """Places of the mistakes with this outcome, most yes votes first."""
        found = np.flatnonzero(self.outcome == OUTCOMES.index(outcome))
        return found[np.argsort(-self.said[found, 0], kind="stable")]

    def with_yes(self, yes: int) -> Int64:
        """Places of its mistakes with exactly `yes` yes of n votes, as the report counts them."""
        return np.flatnonzero(self.yes_of_all == yes)


@dataclass(frozen=True, eq=False)
class Mistakes:
    """What every model got wrong, under the rule k of n."""

    k: int
    n: int
    models: tuple[ModelMistakes, ...]


@dataclass(frozen=True)
class Mistake:
    """One misclassified image. `stimulus_hash` is None where there is no picture to show."""

    image_id: str
    label: str
    prediction: str
    stimulus_hash: str | None
    n_yes: int
    n_no: int
    n_unsure: int
    outcome: str


def kept_mistakes(
    study: Study,
    *,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    only: Slice = WHOLE,
) -> Mistakes:
    """The mistakes under a rule, kept until anything they are read from changes."""

    def key() -> Mapping[str, object]:
        asked = {"accept": accept, "unsure": unsure, "window": window}
        return asked | only.stand() | study_stand(study)

    def make() -> Mistakes:
        return mistakes_of(
            analyse_study(study, accept=accept, unsure=unsure, window=window, only=only)
        )

    look = (accept, unsure, window, only) != (None, None, None, WHOLE)
    return kept("mistakes", key=key, make=make, look=look)


def mistakes_of(analysis: Analysis) -> Mistakes:
    """The mistakes of every model of the analysis."""
    rule = analysis.rule
    models = tuple(_of_model(model, analysis) for model in analysis.models)
    return Mistakes(k=rule.k, n=rule.n, models=models)


def _of_model(model: ModelAnalysis, analysis: Analysis) -> ModelMistakes:
    wrong = np.flatnonzero(~model.correct)
    row = model.question[wrong]
    asked = row >= 0
    found, counts = analysis.verdicts, analysis.valid.counts3()
    question = np.zeros(wrong.size, dtype=np.int64)
    question[asked] = analysis.questions.question[row[asked]]
    outcome = np.full(wrong.size, OUTCOMES.index(UNASKED), dtype=np.int8)
    for code, place in _OUTCOME_OF.items():
        outcome[asked] = np.where(found.code[row[asked]] == code, place, outcome[asked])
    said = np.zeros((wrong.size, 3), dtype=np.int16)
    said[asked] = counts[row[asked]]
    whole = analysis.shown_whole(row).copy()
    whole[whole >= 0] = np.where(
        found.valid[whole[whole >= 0]] == analysis.rule.n, whole[whole >= 0], -1
    )
    yes = np.full(wrong.size, -1, dtype=np.int16)
    yes[whole >= 0] = found.yes[whole[whole >= 0]]
    image = analysis.images
    return ModelMistakes(
        name=model.name,
        image=image.image[model.row[wrong]],
        label=image.label[model.row[wrong]],
        top1=model.top1[wrong],
        question=question,
        outcome=outcome,
        said=said,
        yes_of_all=yes,
    )


def read_mistakes(model: ModelMistakes, *, places: Int64, study: Study) -> list[Mistake]:
    """The mistakes at these places, with names, pictures and raw counts of valid votes."""
    images, labels, predicted = model.image[places], model.label[places], model.top1[places]
    image_id = dict(Image.objects.filter(pk__in=images.tolist()).values_list("pk", "image_id"))
    names = dict(
        LabelClass.objects.filter(pk__in=np.union1d(labels, predicted).tolist()).values_list(
            "pk", "prompt_name"
        )
    )
    keys = model.question[places]
    pictures = dict(
        Question.objects.filter(
            pk__in=keys[keys > 0].tolist(), stimulus__kind=StimulusKind.RENDERED
        ).values_list("pk", "stimulus__stimulus_hash")
    )
    bare = {image for image, key in zip(images.tolist(), keys.tolist(), strict=True) if not key}
    made = _made(study, images=bare)
    return [
        Mistake(
            image_id=image_id[image],
            label=names[label],
            prediction=names[top1],
            stimulus_hash=pictures.get(question) or made.get(image),
            n_yes=yes,
            n_no=no,
            n_unsure=unsure,
            outcome=OUTCOMES[outcome],
        )
        for image, label, top1, question, (yes, no, unsure), outcome in zip(
            images.tolist(),
            labels.tolist(),
            predicted.tolist(),
            keys.tolist(),
            model.said[places].tolist(),
            model.outcome[places].tolist(),
            strict=True,
        )
    ]


def _made(study: Study, *, images: Set[int]) -> dict[int, str]:
    """The study's pictures of images about which nobody has answered, as far as there are any: by
    key of the image."""
    rows = Image.objects.filter(pk__in=images, content_hash__isnull=False)
    hashes = {image.pk: picture_hash(Picture(image, ()), study=study) for image in rows}
    there = Stimulus.objects.filter(stimulus_hash__in=hashes.values(), kind=StimulusKind.RENDERED)
    made = set(there.values_list("stimulus_hash", flat=True))
    return {pk: text for pk, text in hashes.items() if text in made}
