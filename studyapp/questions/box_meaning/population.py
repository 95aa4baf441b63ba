"""Images with the boxes of their class drawn in: so many of each class, drawn at random.

Images and frames are drawn at launch and kept in the protocol: boxes that come later make another
picture, which nobody was asked about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from studyapp.imaging import boxes_in_crop
from studyapp.models import Box, Condition, Image, Study
from studyapp.plurals import counted
from studyapp.selectors import populations
from studyapp.selectors.class_scores import own_scores
from studyapp.selectors.populations import (
    Asked,
    AtLaunch,
    Framed,
    Picture,
    Population,
    PopulationSize,
)
from studyapp.vocabulary import ConditionKind

#: Images of each class where the selection does not say how many.
USUAL_SAMPLE = 10
#: Contents named in one query: databases take so many values and no more.
CONTENTS_AT_ONCE = 500


def boxed_pictures(study: Study) -> list[Picture]:
    """The drawn images with their frames, by class and then as drawn; those drawn at launch from
    launch on."""
    frozen: Mapping[str, Any] | None = study.protocol if study.frozen else None
    kept = (frozen or {}).get("population", {}).get("drawn", {}).get("boxed")
    if kept is None:
        return [picture for found in _of_classes(study).values() for picture in found]
    if any(isinstance(drawn, str) for drawn in kept):
        # Frozen by an earlier version, without the frames: those of the boxes there are now.
        framed = _framed(study)
        return [framed[content] for content in kept if content in framed]
    images = _images(study, contents=[content for content, *_ in kept])
    return [
        _picture(image, frames)
        for content, label, frames in kept
        if (image := images.get((content, label))) is not None
    ]


def _of_classes(study: Study) -> dict[int, list[Picture]]:
    """By index of the class, those with the lowest robustness scores first where asked for so."""
    sample = int(study.selection.get("sample", USUAL_SAMPLE))
    by_class: dict[int, dict[str, Picture]] = {}
    for content, picture in _framed(study).items():
        label = picture.image.label
        if label is not None:
            by_class.setdefault(label.index, {})[content] = picture
    found: dict[int, list[Picture]] = {}
    for index in _classes(study, sorted(by_class)):
        drawn = sorted(by_class[index], key=lambda content: _order(study, content))[:sample]
        found[index] = [by_class[index][content] for content in drawn]
    return found


def _classes(study: Study, indices: list[int]) -> list[int]:
    lowest = study.selection.get("lowest")
    if lowest is None:
        return indices
    scores = own_scores(study.image_set, models=study.vision_models.all())
    crs = scores[0].by_class() if scores else {}
    ranked = sorted((index for index in indices if index in crs), key=lambda i: (crs[i], i))
    return ranked[: int(lowest)]


def _framed(study: Study) -> dict[str, Picture]:
    """By content the first labelled image of it that has a box of its class inside the crop."""
    rows = _labelled(study).filter(width__isnull=False)
    if classes := study.selection.get("classes"):
        rows = rows.filter(label__wnid__in=classes)
    images = {image.pk: image for image in rows}
    boxes: dict[int, list[tuple[float, ...]]] = {}
    about = Box.objects.filter(image__in=rows).order_by("pk")
    for of, label, *corners in about.values_list(
        "image_id", "label_class_id", "x0", "y0", "x1", "y1"
    ):
        if label in (None, images[of].label_id):
            boxes.setdefault(of, []).append(tuple(corners))
    found: dict[str, Picture] = {}
    for pk, image in images.items():
        inside = boxes_in_crop(
            boxes.get(pk, ()),
            width=image.width or 1,
            height=image.height or 1,
            resize=study.render_resize,
            crop=study.render_crop,
        )
        if inside:
            found.setdefault(str(image.content_hash), _picture(image, inside))
    return found


def _images(study: Study, *, contents: list[str]) -> dict[tuple[str, int], Image]:
    """The first image of each of these contents under each label, by its index."""
    found: dict[tuple[str, int], Image] = {}
    for start in range(0, len(contents), CONTENTS_AT_ONCE):
        part = contents[start : start + CONTENTS_AT_ONCE]
        for image in _labelled(study).filter(content_hash__in=part):
            if image.label is not None:
                found.setdefault((str(image.content_hash), image.label.index), image)
    return found


def _labelled(study: Study) -> QuerySet[Image]:
    rows = Image.objects.filter(
        image_set=study.image_set_id, label__isnull=False, content_hash__isnull=False
    )
    return rows.select_related("label").order_by("pk")


def _picture(image: Image, frames: Iterable[Sequence[float]]) -> Picture:
    boxes = tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in frames)
    return Picture(image, (Asked(label_class=image.label_id),), Framed(boxes))


def _order(study: Study, content: str) -> bytes:
    return hashlib.sha256(f"{study.seed}/boxed/{content}".encode()).digest()


def _pictures(study: Study, _condition: Condition) -> Iterator[list[Picture]]:
    found = boxed_pictures(study)
    for start in range(0, len(found), populations.BATCH):
        yield found[start : start + populations.BATCH]


def _size(study: Study) -> PopulationSize:
    n = len(boxed_pictures(study))
    return PopulationSize(images=n, showable=n, pairs=n * study.conditions.count(), of_one=n)


def _in_words(study: Study) -> str:
    n = len({picture.image.label_id for picture in boxed_pictures(study)})
    lowest = " with the lowest class robustness scores" if "lowest" in study.selection else ""
    most = int(study.selection.get("sample", USUAL_SAMPLE))
    return (
        f"Raters were shown images of {counted(n, 'class', 'classes')}{lowest} of the image set "
        f"{study.image_set.name}, at most {most} of each, drawn at random among those with a box "
        "of their class, with every such box as a yellow frame."
    )


def _problems(study: Study) -> Iterator[str]:
    if not Box.objects.filter(image__image_set=study.image_set_id).exists():
        yield "the image set has no boxes: import them with `import_images --boxes`"
    elif "lowest" in study.selection and not own_scores(
        study.image_set, models=study.vision_models.all()
    ):
        yield (
            "it wants the classes with the lowest robustness scores and no model of the study has "
            "any on this set: run explain --kind saliency, then robustness"
        )
    yield from populations.unknown_classes(study)
    odd = study.conditions.exclude(kind=ConditionKind.WHOLE_IMAGE).values_list("name", flat=True)
    if odd:
        yield f"condition {', '.join(odd)} does not show the whole image: choose that kind for it"


def _drawn(study: Study) -> AtLaunch:
    return {
        "boxed": [
            [str(picture.image.content_hash), label.index, [list(box) for box in made.boxes]]
            for picture in boxed_pictures(study)
            if (label := picture.image.label) and isinstance(made := picture.made, Framed)
        ]
    }


BOXED = Population(
    size=_size, pictures=_pictures, in_words=_in_words, problems=_problems, drawn=_drawn
)
