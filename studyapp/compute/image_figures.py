"""What a network says to each image and how it describes it: computed once, then kept as a file.

Example sets and pairs are chosen by these figures of many images at once. A worker that is killed
loses the batch it was at; many workers make the figures of different images.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from typing import cast
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from django.core.files.storage import default_storage

from explain import provenance
from explain.batches import Batches
from explain.classifiers import Classifier
from explain.errors import ImageError
from explain.provenance import Provenance
from explain.types import Failure, Images
from studyapp import storage
from studyapp.compute.read_images import Picture, Target, read_images
from studyapp.identity import canonical_hash
from studyapp.models import Image, VisionModel
from studyapp.progress import Progress, silent

FOLDER = "figures"
METHOD = "image_figures_v1"

#: Small files, of which a store of objects gives each after a wait.
_READERS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Of one image: logits float32 [C], pooled features float32 [D] where they were asked for."""

    logits: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32] | None
    provenance: Provenance


def image_figures(
    classifier: Classifier,
    images: Sequence[Image],
    *,
    model: VisionModel,
    features: bool,
    progress: Progress = silent,
) -> tuple[dict[int, Figures], list[Failure[Target]]]:
    """Figures by the images' primary keys, in their order, and the images that have none.

    What is not kept yet is computed and kept. Raises ModelError where features are asked of a model
    that has none, DeviceError.
    """
    names = {
        image.pk: _name(image, model=model, classifier=classifier, features=features)
        for image in images
    }
    with ThreadPoolExecutor(_READERS, thread_name_prefix="figures") as pool:
        known = dict(zip(names, pool.map(_read, names.values()), strict=True))
    todo = [image for image in images if known[image.pk] is None]
    n_done = len(images) - len(todo)
    progress(n_done, len(images))
    failures: list[Failure[Target]] = []
    for batch in _computed(classifier, todo, features=features):
        for target, found in batch:
            if isinstance(found, ImageError):
                failures.append(Failure(key=target, error=found))
                continue
            storage.store_as(names[target.pk], content=_as_bytes(found))
            known[target.pk] = found
        n_done += len(batch)
        progress(n_done, len(images))
    return {pk: found for pk, found in known.items() if found is not None}, failures


def _name(image: Image, *, model: VisionModel, classifier: Classifier, features: bool) -> str:
    """Where the figures lie: the key is all that they come from but the machine."""
    key = canonical_hash(
        {
            "method": METHOD,
            "model": model.name,
            # A model that was deleted and made anew may prepare images in another way.
            "registered": model.created_at.isoformat(),
            "weights": model.weights_hash,
            "precision": classifier.precision,
            "features": features,
            "image": image.content_hash,
        }
    )
    return storage.content_name(key, folder=FOLDER, suffix=".npz")


def _computed(
    classifier: Classifier, images: Sequence[Image], *, features: bool
) -> Iterator[list[tuple[Target, Figures | ImageError]]]:
    """Batches of results, in no particular order."""
    batches = Batches.suited(classifier.device, input_size=classifier.input_size)
    record = provenance.record(
        classifier,
        method=METHOD,
        parameters={"features": features, "probability": "softmax"},
        layer=provenance.layer_name(classifier) if features else None,
    )
    targets = [Target(each.pk, each.image_id, str(each.file), 0) for each in images]
    source = read_images(classifier, targets, keep_input=False)
    while results := list(islice(source, batches.size)):
        found: list[tuple[Target, Figures | ImageError]] = [
            (each.key, each.error) for each in results if isinstance(each, Failure)
        ]
        good = [each for each in results if isinstance(each, Picture)]
        if good:
            pixels = cast(Images, np.stack([picture.pixels for picture in good]))
            found += _described(classifier, good, pixels, batches=batches, record=record)
        yield found


def _described(
    classifier: Classifier,
    pictures: list[Picture],
    pixels: Images,
    *,
    batches: Batches,
    record: Provenance,
) -> Iterator[tuple[Target, Figures | ImageError]]:
    described = None
    if record.parameters["features"]:
        logits, described = classifier.described(pixels, batch_size=batches.size)
    else:
        parts = batches.run(lambda part: classifier.logits(pixels[part]), count=len(pixels))
        logits = np.concatenate(list(parts))
    for row, picture in enumerate(pictures):
        features = None if described is None else described[row]
        if not np.isfinite(logits[row]).all():
            yield (
                picture.target,
                ImageError(
                    f"the logits of {classifier.name} are not finite numbers",
                    item=picture.target.image_id,
                    remedy="Leave the image out, or check the model's weights",
                ),
            )
        else:
            yield picture.target, Figures(logits[row], features, record)


def _as_bytes(figures: Figures) -> bytes:
    out = io.BytesIO()
    record = np.array(json.dumps(asdict(figures.provenance)))
    if figures.features is None:
        np.savez(out, logits=figures.logits, record=record)
    else:
        np.savez(out, logits=figures.logits, record=record, features=figures.features)
    return out.getvalue()


def _read(name: str) -> Figures | None:
    """What is kept there; None for nothing, or for a file that is no longer whole."""
    try:
        with default_storage.open(name) as stream, np.load(io.BytesIO(stream.read())) as arrays:
            return Figures(
                logits=arrays["logits"],
                features=arrays.get("features"),
                provenance=Provenance(**json.loads(str(arrays["record"]))),
            )
    except (FileNotFoundError, ValueError, KeyError, BadZipFile, EOFError):
        return None
