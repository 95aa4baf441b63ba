"""Asking compute workers for example sets: what the choice needs of each image, in parts."""

from __future__ import annotations

from django.contrib.auth.models import User

from studyapp import queue
from studyapp.models import Job
from studyapp.selection import SelectionRequest
from studyapp.selectors.explanations import model_named, network_named
from studyapp.selectors.image_sets import image_set_by_name
from studyapp.selectors.named import study_named

#: Images per part: one forward pass each.
SHARD_SIZE = 256


def select_in_shards(
    request: SelectionRequest, *, size: int | None = None, requested_by: User | None = None
) -> Job:
    """The job whose parts make the figures of images, and whose last part chooses.

    A method that asks no network has that last part alone. Raises InputError where there is no such
    model, set or study, or a part would hold nothing.
    """
    image_set = image_set_by_name(request.image_set)
    if request.model is not None:
        model_named(request.model)
    if request.model is not None and request.needs_network:
        network_named(request.model)
    if request.avoid is not None:
        study_named(request.avoid)
    images: list[int] = []
    if request.needs_network:
        rows = image_set.images.filter(label__isnull=False, file__isnull=False)
        if request.classes is not None:
            rows = rows.filter(label__index__in=request.classes)
        images = list(rows.order_by("label__index", "pk").values_list("pk", flat=True))
    return queue.enqueue_in_shards(
        "select_examples",
        arguments=request.arguments(),
        images=images,
        size=queue.shard_size(size, usual=SHARD_SIZE),
        requested_by=requested_by,
    )
