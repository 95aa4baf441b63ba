"""The attack's two faces: arrays in and one result out, or a stream of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from explain import provenance
from explain.attack.batching import Attack
from explain.attack.course import Course
from explain.attack.results import Attacked, AttackResult
from explain.attack.settings import Norm, PixelScale, Settings
from explain.batches import Batches
from explain.classifiers import Classifier
from explain.errors import ImageError, ParameterError
from explain.types import Failure, Images, K, PreparedImage

METHOD = "ifgsm_v1"


def ifgsm(
    classifier: Classifier,
    images: Images,
    labels: npt.NDArray[np.integer] | Sequence[int],
    *,
    step: float = 0.001,
    max_steps: int = 10,
    norm: Norm = "linf",
    pixel_scale: PixelScale = "unit",
    quantised: bool = False,
    keep_going: bool = True,
    batch_size: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> AttackResult:
    """Take images away from their class by small steps uphill on the loss (eq. 1 and 2).

    images      uint8 [N, S, S, 3], or float32 in [0, 1], S the classifier's input size
    labels      int [N], the class of each
    step ... keep_going  as in `Settings`
    batch_size  images per pass; None for what suits the device
    progress    called with the number of images done, each time some are

    x0 is the image; x_t = clip(x_(t-1) + step * sign(g)), g the gradient of the cross-entropy with
    the label at x_(t-1). An image the network is wrong about from the start is not admitted. The
    first t whose class is not the label is `steps_to_flip`. Non-targeted; nothing is drawn.

    `keep_going` is the default since the papers' study shows people the attacked image whole: one
    step of 0.001 is a quarter of a grey level, so a first flip mostly does not exist in any file,
    while step M does; and their accuracy after the attack is that at step M. To count steps alone,
    for example sets, `keep_going=False` is two to four times as fast.

    Raises ParameterError, ModelError or DeviceError, and ImageError for the first image whose
    logits or gradient are not finite; `stream` goes on past such images.
    """
    settings = Settings(step, max_steps, norm, pixel_scale, quantised, keep_going)
    classes = np.asarray(labels)
    _check(images, classes, classifier=classifier)
    given = zip(range(len(images)), images, (int(label) for label in classes), strict=True)
    found: dict[int, Attacked[int]] = {}
    for result in stream(
        classifier, given, settings=settings, batch_size=batch_size, progress=progress
    ):
        if isinstance(result, Failure):
            raise result.error
        found[result.key] = result
    return AttackResult(
        images=tuple(found[place] for place in range(len(images))),
        max_steps=max_steps,
        provenance=found[0].provenance,
    )


def stream(
    classifier: Classifier,
    images: Iterable[tuple[K, PreparedImage, int]],
    *,
    settings: Settings | None = None,
    batch_size: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Iterator[Attacked[K] | Failure[K]]:
    """The same for any number of images, in memory that does not grow with it.

    images    triples of a key of the caller's, the prepared image ([S, S, 3], uint8, or float32 in
              [0, 1]) and its label; read as places in the batch become free
    settings  those of the papers if None

    Results come as images are done, not in the order of `images`; the key tells which is which. An
    image that cannot be attacked is a Failure and costs the others nothing. What becomes of an
    image does not depend on the others in the batch, up to the rounding of sums in another order.

    Raises ParameterError and ModelError at once, DeviceError on the way.
    """
    chosen = settings or Settings()
    batches = Batches.suited(
        classifier.device, input_size=classifier.input_size, batch_size=batch_size
    )
    record = provenance.record(classifier, method=METHOD, parameters=chosen.parameters())
    attack: Attack[K] = Attack(classifier, chosen, batches, record)
    courses = (
        Course(key, image, label, error=_refusal(key, image, label, classifier=classifier))
        for key, image, label in images
    )
    return _counted(attack.run(courses), progress=progress)


def _counted(
    results: Iterator[Attacked[K] | Failure[K]], *, progress: Callable[[int], object] | None
) -> Iterator[Attacked[K] | Failure[K]]:
    for done, result in enumerate(results, start=1):
        yield result
        if progress is not None:
            progress(done)


def _check(images: Images, labels: npt.NDArray[np.integer], *, classifier: Classifier) -> None:
    side = classifier.input_size
    if images.ndim != 4 or images.shape[1:] != (side, side, 3) or not len(images):
        raise ParameterError(
            f"has the shape {images.shape}, not (N, {side}, {side}, 3) with at least one image",
            item="images",
            remedy="Prepare images of any size with classifier.prepare, and stack them",
        )
    if labels.shape != (len(images),) or not np.issubdtype(labels.dtype, np.integer):
        raise ParameterError(
            f"{labels.dtype} of the shape {labels.shape}, not {len(images)} whole numbers",
            item="labels",
            remedy="Give one class index for each image",
        )
    outside = labels[(labels < 0) | (labels >= classifier.n_classes)]
    if len(outside):
        raise ParameterError(
            _no_class(int(outside[0]), classifier=classifier),
            item="labels",
            remedy="Give indices of the model's own class list",
        )


def _refusal(
    key: K, image: PreparedImage, label: int, *, classifier: Classifier
) -> ImageError | None:
    """Why an image cannot be attacked at all, or None."""
    side = classifier.input_size
    if not 0 <= label < classifier.n_classes:
        what = _no_class(label, classifier=classifier)
    elif image.shape != (side, side, 3) or image.dtype not in (np.uint8, np.float32):
        what = f"{image.dtype} {image.shape} is not what the model's prepare makes of an image"
    elif image.dtype == np.float32 and not (image.min() >= 0 and image.max() <= 1):
        what = "its values are not all in [0, 1]"
    else:
        return None
    return ImageError(
        what,
        item=str(key),
        remedy=f"Give uint8 [{side}, {side}, 3], or float32 in [0, 1], and its class index",
    )


def _no_class(label: int, *, classifier: Classifier) -> str:
    return f"{label} is no class of {classifier.name}, which has 0 to {classifier.n_classes - 1}"
