"""Asking a model about images, and putting its answers together: what every probe has in common."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explain import provenance
from explain.batches import Batches
from explain.classifiers import Classifier
from explain.errors import ImageError, ParameterError
from explain.predict import top_k
from explain.probes.types import Box, Probe
from explain.provenance import Parameter, Provenance
from explain.types import Logits, RGBImage, RGBImages, TopK


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """An image to ask about: made from the image `index`, or (image None) that very image again."""

    index: int
    image: RGBImage | None
    box: Box | None = None
    other: int | None = None
    distance: float | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """A model, the plain images, and what it says to them.

    kind     name of the probe
    images   uint8 [N, S, S, 3]
    plain    float32 [N, C], logits of the images
    classes  the class followed for each image
    k        classes per answer
    batches  how many images at once
    """

    kind: str
    classifier: Classifier
    images: RGBImages
    plain: Logits
    classes: npt.NDArray[np.int64]
    k: int
    batches: Batches

    def record(
        self, parameters: Mapping[str, Parameter], *, seed: int | None, layer: str | None = None
    ) -> Provenance:
        """The provenance of this probe's results."""
        return provenance.record(
            self.classifier,
            method=f"probe_{self.kind}_v1",
            parameters={**parameters, "k": self.k},
            seed=seed,
            layer=layer,
        )

    def ask(self, questions: Sequence[Question], *, provenance: Provenance) -> list[Probe]:
        """One result per question, in their order; an unchanged image is not asked about twice."""
        drawn = [question.image for question in questions if question.image is not None]
        answers = iter(logits(self.classifier, drawn, batches=self.batches, what="probed image"))
        return [
            self._probe(
                question,
                after=self.plain[question.index] if question.image is None else next(answers),
                provenance=provenance,
            )
            for question in questions
        ]

    def _probe(self, question: Question, *, after: Logits, provenance: Provenance) -> Probe:
        index, followed = question.index, int(self.classes[question.index])
        image = self.images[index] if question.image is None else question.image
        return Probe(
            kind=self.kind,
            index=index,
            image=image.copy(),
            before=answer(index, self.plain[index], k=self.k),
            after=answer(index, after, k=self.k),
            class_index=followed,
            probability_before=probability(self.plain[index], followed),
            probability_after=probability(after, followed),
            box=question.box,
            other=question.other,
            distance=question.distance,
            flags=question.flags,
            provenance=provenance,
        )


def asker(
    kind: str,
    classifier: Classifier,
    images: RGBImages,
    *,
    classes: Sequence[int] | None,
    k: int,
    batch_size: int | None,
) -> Asker:
    """Ask the plain question about every image.

    Raises ParameterError for images of another shape or type, a class the model does not have or
    k < 1, ImageError for logits that are not finite, DeviceError.
    """
    size = classifier.input_size
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (size, size, 3):
        raise ParameterError(
            f"images are {images.dtype} {images.shape}, not uint8 (N, {size}, {size}, 3)",
            item=f"probe {kind}",
            remedy=f"Prepare them as {classifier.name} takes them",
        )
    if k < 1:
        raise ParameterError("must be at least 1", item=f"k = {k}", remedy="Choose a larger number")
    batches = Batches.suited(classifier.device, input_size=size, batch_size=batch_size)
    plain = logits(classifier, list(images), batches=batches, what="image")
    followed = plain.argmax(axis=1) if classes is None else np.asarray(classes, dtype=np.int64)
    _check_classes(followed, n_images=len(images), n_classes=classifier.n_classes)
    return Asker(
        kind=kind,
        classifier=classifier,
        images=images,
        plain=plain,
        classes=followed,
        k=k,
        batches=batches,
    )


def _check_classes(classes: npt.NDArray[np.int64], *, n_images: int, n_classes: int) -> None:
    if classes.shape != (n_images,):
        raise ParameterError(
            f"{len(classes)} classes for {n_images} images",
            item="classes",
            remedy="Give one class per image, or none to follow the most probable one",
        )
    for index, followed in enumerate(classes):
        if not 0 <= followed < n_classes:
            raise ParameterError(
                f"class {followed} is none of the model's 0..{n_classes - 1}",
                item=f"image {index}",
                remedy="Give class indices of the model's own list",
            )


def logits(
    classifier: Classifier, images: Sequence[RGBImage], *, batches: Batches, what: str
) -> Logits:
    """uint8 [S, S, 3] each -> float32 [len(images), C].

    Raises ImageError where they are not finite, calling image 3 "`what` 3".
    """
    parts = list(
        batches.run(lambda part: classifier.logits(np.stack(images[part])), count=len(images))
    )
    result = np.concatenate(parts) if parts else np.zeros((0, classifier.n_classes), np.float32)
    for index in np.flatnonzero(~np.isfinite(result).all(axis=1)):
        raise ImageError(
            f"the logits of {classifier.name} are not finite numbers",
            item=f"{what} {index}",
            remedy="Leave the image out, or check the model's weights",
        )
    return result


def answer(index: int, logits: Logits, *, k: int) -> TopK[int]:
    """float32 [C] -> the k most probable classes of image `index`."""
    classes, probabilities = top_k(logits, k=k)
    return TopK(key=index, classes=classes, probabilities=probabilities)


def probability(logits: Logits, class_index: int) -> float:
    """Softmax probability of a class, in [0, 1]."""
    exponentials = np.exp(logits.astype(np.float64) - logits.max())
    return float(exponentials[class_index] / exponentials.sum())


def generators(images: RGBImages, *, seed: int) -> Iterator[np.random.Generator]:
    """A source of random numbers for each image, which its pixels and the seed alone decide.

    So a result depends neither on the other images of the call nor on their order.
    """
    for image in images:
        digest = hashlib.sha256(np.ascontiguousarray(image).tobytes()).digest()
        yield np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def check_seed(seed: int) -> None:
    """Raise ParameterError for a seed that numpy does not take."""
    if seed < 0:
        raise ParameterError(
            "a seed cannot be negative", item=f"seed = {seed}", remedy="Choose 0 or more"
        )
