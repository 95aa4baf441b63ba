"""Asking compute workers for robustness scores: the maps of a set, cut into parts by image."""

from __future__ import annotations

from django.contrib.auth.models import User

from studyapp import queue
from studyapp.explanation import ExplainRequest
from studyapp.models import Job
from studyapp.selectors.explanations import model_named, saliency_maps

#: Images per part: a map is read and summed in some milliseconds.
SHARD_SIZE = 2_000


def robustness_in_shards(
    request: ExplainRequest, *, size: int | None = None, requested_by: User | None = None
) -> Job:
    """The job whose parts score the maps, and whose last part scores the classes.

    Raises InputError where there is no such model, no such map, or a part would hold nothing.
    """
    model_named(request.model)
    maps = saliency_maps(request)
    images = maps.order_by("image_id").values_list("image_id", flat=True).distinct()
    return queue.enqueue_in_shards(
        "robustness",
        arguments=request.arguments(),
        images=list(images),
        size=queue.shard_size(size, usual=SHARD_SIZE),
        requested_by=requested_by,
    )
