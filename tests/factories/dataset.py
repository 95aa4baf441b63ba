"""Image sets, their classes, models and what the models predict."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import factory
from factory.django import DjangoModelFactory
from PIL import Image as PILImage

from studyapp import storage
from studyapp.imaging import encode_png
from studyapp.models import (
    ClassList,
    Image,
    ImageSet,
    LabelClass,
    Prediction,
    RealLabel,
    VisionModel,
)

NAMES = ("cat", "dog", "crane", "cup", "spoon", "wardrobe")


def picture(*, number: int = 0, size: tuple[int, int] = (64, 48)) -> PILImage.Image:
    """A small picture; another number makes another one."""
    seed = hashlib.sha256(str(number).encode()).digest()
    return PILImage.frombytes("RGB", (4, 2), seed[:24]).resize(size)


def png(*, number: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    return encode_png(picture(number=number, size=size))


def jpeg(*, number: int = 0, size: tuple[int, int] = (64, 48), **save: object) -> bytes:
    out = io.BytesIO()
    picture(number=number, size=size).save(out, format="JPEG", **save)
    return out.getvalue()


class ClassListFactory(DjangoModelFactory[ClassList]):
    """A class list with its classes; `n_classes` says how many."""

    class Meta:
        model = ClassList
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"classes-{n}")
    content_hash = factory.LazyAttribute(lambda o: hashlib.sha256(o.name.encode()).hexdigest())
    n_classes = 6

    @factory.post_generation
    def classes(self: ClassList, create: bool, extracted: object, **kwargs: object) -> None:
        for index in range(self.n_classes) if create else ():
            LabelClassFactory.create(class_list=self, index=index)


class LabelClassFactory(DjangoModelFactory[LabelClass]):
    class Meta:
        model = LabelClass

    class_list = factory.SubFactory(ClassListFactory, n_classes=0)
    index = factory.Sequence(lambda n: n)
    wnid = factory.LazyAttribute(lambda o: f"n{o.index:08d}")
    name = factory.LazyAttribute(
        lambda o: NAMES[o.index] if o.index < len(NAMES) else f"class {o.index}"
    )
    prompt_name = factory.SelfAttribute("name")


class ImageSetFactory(DjangoModelFactory[ImageSet]):
    class Meta:
        model = ImageSet

    name = factory.Sequence(lambda n: f"set-{n}")
    class_list = factory.SubFactory(ClassListFactory)


class ImageFactory(DjangoModelFactory[Image]):
    """An image known by its id only; `ShownImageFactory` has a file as well.

    `label_index` names the label by its place in the set's class list (None: unlabelled).
    """

    class Meta:
        model = Image

    class Params:
        label_index: int | None = 0

    image_set = factory.SubFactory(ImageSetFactory)
    image_id = factory.Sequence(lambda n: f"image-{n:05d}")
    label = factory.LazyAttribute(
        lambda o: None if o.label_index is None else label_class(o.image_set, index=o.label_index)
    )


class ShownImageFactory(ImageFactory):
    """An image whose file really lies in the storage; another `number` is another picture."""

    class Params:
        number = factory.Sequence(lambda n: n)
        size = (64, 48)

    file = factory.LazyAttribute(
        lambda o: storage.store(png(number=o.number, size=o.size), folder="images", suffix=".png")[
            0
        ]
    )
    content_hash = factory.LazyAttribute(
        lambda o: hashlib.sha256(png(number=o.number, size=o.size)).hexdigest()
    )
    width = factory.LazyAttribute(lambda o: o.size[0])
    height = factory.LazyAttribute(lambda o: o.size[1])


class RealLabelFactory(DjangoModelFactory[RealLabel]):
    class Meta:
        model = RealLabel

    image = factory.SubFactory(ImageFactory)
    label_class = factory.LazyAttribute(lambda o: o.image.label)


class VisionModelFactory(DjangoModelFactory[VisionModel]):
    class Meta:
        model = VisionModel

    name = factory.Sequence(lambda n: f"model-{n}")
    class_list = factory.SubFactory(ClassListFactory)
    source = "imported"


class PredictionFactory(DjangoModelFactory[Prediction]):
    """What a model says about an image; `classes` are indices, best first."""

    class Meta:
        model = Prediction

    image = factory.SubFactory(ImageFactory)
    vision_model = factory.SubFactory(
        VisionModelFactory, class_list=factory.SelfAttribute("..image.image_set.class_list")
    )
    classes = factory.LazyFunction(lambda: [1])
    top1 = factory.LazyAttribute(lambda o: label_class(o.image.image_set, index=o.classes[0]))


def label_class(image_set: ImageSet, *, index: int) -> LabelClass:
    """The class at this place of the set's list."""
    return image_set.class_list.classes.get(index=index)


def mistakes(image_set: ImageSet, *, model: str, wrong: dict[str, int], **image: Any) -> None:
    """Give a model predictions for every image of the set: its label, or what `wrong` says."""
    vision_model = VisionModelFactory.create(name=model, class_list=image_set.class_list)
    for row in image_set.images.select_related("label"):
        index = wrong.get(row.image_id, row.label.index if row.label else 0)
        PredictionFactory.create(vision_model=vision_model, image=row, classes=[index], **image)
