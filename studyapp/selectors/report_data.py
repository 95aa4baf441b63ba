"""What a report is made of besides votes: images, predictions, and which question is whose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from studyapp.identity import (
    center_crop_rendering,
    elsewhere_stimulus_hash,
    rendered_stimulus_hash,
    wording_version,
)
from studyapp.models import (
    HITTrial,
    Image,
    Prediction,
    Question,
    RealLabel,
    Study,
    Trial,
    VisionModel,
    Vote,
)
from studyapp.vocabulary import HITState

ROWS_PER_FETCH = 5_000

#: A HIT in one of these states has been before raters.
PUBLISHED = (HITState.OPEN, HITState.EXPIRED, HITState.DISPOSED)

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

_QUESTION = np.dtype([("question", "i8"), ("stimulus", "i4"), ("label_class", "i8")])
_PAIR = np.dtype([("image", "i8"), ("label_class", "i8")])


@dataclass(frozen=True, eq=False)
class ImageTable:
    """The N images of a set, by rising key.

    image: int64[N] keys. label: int64[N], key of the annotated class, 0 where there is none.
    stimulus: int32[N], the number of what raters see of it, shared by images of equal content.
    The right labels (ReaL) of image i are
    real_labels[real_ends[i]:real_ends[i + 1]], keys of classes.
    """

    image: Int64
    label: Int64
    stimulus: Int32
    real_ends: Int64
    real_labels: Int64


@dataclass(frozen=True, eq=False)
class QuestionTable:
    """The Q questions asked in a study, by rising key.

    question: int64[Q] keys. stimulus: int32[Q], as in ImageTable, -1 where the study's pairs
    cannot meet it: another wording, another rendering, another set. label_class: int64[Q] keys,
    0 where the question is about a subject.
    """

    question: Int64
    stimulus: Int32
    label_class: Int64

    def find(self, stimulus: Int32, *, label_class: Int64) -> Int32:
        """Row of the question about each pair, int32[P]; -1 where it was not asked."""
        if not self.question.size or not stimulus.size:
            return np.full(stimulus.size, -1, dtype=np.int32)
        span = int(max(self.label_class.max(), label_class.max())) + 1
        known = self.stimulus.astype(np.int64) * span + self.label_class
        known[self.stimulus < 0] = -1
        by_pair = np.argsort(known, kind="stable")
        wanted = stimulus.astype(np.int64) * span + label_class
        place = np.searchsorted(known, wanted, sorter=by_pair)
        row = by_pair[np.minimum(place, known.size - 1)]
        found = (known[row] == wanted) & (stimulus >= 0)
        return np.where(found, row, -1).astype(np.int32)


@dataclass(frozen=True, eq=False)
class ModelPredictions:
    """First predictions of one model. row: int64[P], rows of ImageTable; top1: int64[P] keys."""

    model: VisionModel
    row: Int64
    top1: Int64


def models_of(study: Study) -> QuerySet[VisionModel]:
    """The models a report tells about, by name.

    A study collected here names them; votes gathered elsewhere serve every model with
    predictions on the set, since they were not collected for one in particular.
    """
    if study.imported:
        on_set = Prediction.objects.filter(
            vision_model=OuterRef("pk"), image__image_set=study.image_set_id
        )
        return VisionModel.objects.filter(Exists(on_set)).order_by("name")
    return study.vision_models.order_by("name")


def load_images(study: Study) -> tuple[ImageTable, dict[str, int]]:
    """The study's images, and the number of each stimulus by its hash."""
    rendering = center_crop_rendering(resize=study.render_resize, crop=study.render_crop)
    set_name = study.image_set.name
    stimuli: dict[str, int] = {}
    numbers: list[int] = []
    pairs: list[tuple[int, int]] = []
    images = (
        Image.objects.filter(image_set=study.image_set_id)
        .order_by("pk")
        .values_list("pk", Coalesce("label_id", 0), "image_id", "content_hash")
    )
    for pk, label, image_id, content_hash in images.iterator(chunk_size=ROWS_PER_FETCH):
        pairs.append((pk, label))
        if study.imported or not content_hash:
            shown = elsewhere_stimulus_hash(set_name, image_id=image_id)
        else:
            shown = rendered_stimulus_hash(content_hash, rendering=rendering)
        numbers.append(stimuli.setdefault(shown, len(stimuli)))
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    image = np.ascontiguousarray(table[:, 0])
    ends, labels = _real_labels(image)
    images_table = ImageTable(
        image=image,
        label=np.ascontiguousarray(table[:, 1]),
        stimulus=np.array(numbers, dtype=np.int32),
        real_ends=ends,
        real_labels=labels,
    )
    return images_table, stimuli


def load_questions(study: Study, *, stimuli: dict[str, int]) -> QuestionTable:
    """The questions asked: those with a vote in the study, or in a published HIT of it.

    Without those whose answer is known: they look at raters, not at pictures.
    """
    known = Trial.objects.filter(condition__study=study, question=OuterRef("pk")).exclude(
        known_answer=""
    )
    voted = Vote.objects.filter(study=study, question=OuterRef("pk"))
    published = HITTrial.objects.filter(
        hit__study=study, hit__state__in=PUBLISHED, trial__question=OuterRef("pk")
    )
    version = wording_version(study.question_kind, text=study.question)
    asked = (
        Question.objects.filter(Q(Exists(voted)) | Q(Exists(published)))
        .filter(*([~Exists(known)] if study.gold_per_hit else []))
        .order_by("pk")
        .values_list(
            "pk", "stimulus__stimulus_hash", Coalesce("label_class_id", 0), "wording__version"
        )
    )
    rows = np.fromiter(
        (
            (pk, stimuli.get(shown, -1) if wording == version else -1, label_class)
            for pk, shown, label_class, wording in asked.iterator(chunk_size=ROWS_PER_FETCH)
        ),
        dtype=_QUESTION,
    )
    return QuestionTable(
        question=rows["question"].copy(),
        stimulus=rows["stimulus"].copy(),
        label_class=rows["label_class"].copy(),
    )


def load_predictions(model: VisionModel, *, images: ImageTable) -> ModelPredictions:
    """The model's first predictions on the study's images, by rising key of the image."""
    rows = np.fromiter(
        Prediction.objects.filter(_within(images.image), vision_model=model)
        .order_by("image_id")
        .values_list("image_id", "top1_id")
        .iterator(chunk_size=ROWS_PER_FETCH),
        dtype=_PAIR,
    )
    rows = rows[np.isin(rows["image"], images.image)]
    return ModelPredictions(
        model=model,
        row=np.searchsorted(images.image, rows["image"]),
        top1=rows["label_class"].copy(),
    )


def _within(image: Int64) -> Q:
    """Rows about images from the first to the last key of a set.

    These are read and those of other sets dropped here. Asking the database to join
    with the images instead takes PostgreSQL a minute for 50,000 predictions that it has not yet
    analysed: for a cursor it picks the plan whose first rows come soonest.
    """
    first, last = (int(image[0]), int(image[-1])) if image.size else (0, 0)
    return Q(image__gte=first, image__lte=last)


def _real_labels(image: Int64) -> tuple[Int64, Int64]:
    rows = np.fromiter(
        RealLabel.objects.filter(_within(image))
        .order_by("image_id", "label_class_id")
        .values_list("image_id", "label_class_id")
        .iterator(chunk_size=ROWS_PER_FETCH),
        dtype=_PAIR,
    )
    rows = rows[np.isin(rows["image"], image)]
    per_image = np.bincount(np.searchsorted(image, rows["image"]), minlength=image.size)
    ends = np.concatenate(([0], np.cumsum(per_image))).astype(np.int64)
    return ends, rows["label_class"].copy()
