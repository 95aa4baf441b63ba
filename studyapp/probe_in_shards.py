"""Asking compute workers for probes: the images of a set, cut into parts."""

from __future__ import annotations

from django.contrib.auth.models import User

from studyapp import queue
from studyapp.errors import InputError
from studyapp.models import Job
from studyapp.probing import ProbeRequest
from studyapp.selectors.explanations import network_named
from studyapp.selectors.image_sets import image_set_by_name
from studyapp.selectors.probed_images import probed_images

#: Images per part: a few forward passes each.
SHARD_SIZE = 256


def probe_in_shards(
    request: ProbeRequest, *, size: int | None = None, requested_by: User | None = None
) -> Job:
    """The job whose parts ask about the images; of pairs they make the figures.

    Its last part finds the pairs, and counts what all of it came to. Raises InputError where there
    is no such set or model, no image, or a part would hold nothing.
    """
    image_set_by_name(request.image_set)
    network_named(request.model)
    images = list(probed_images(request).values_list("pk", flat=True))
    if not images:
        of_class = "" if request.label is None else f" of class {request.label}"
        raise InputError(
            f"no image{of_class} has a file",
            item=f"set {request.image_set!r}",
            remedy="Import images first, or choose another class",
        )
    return queue.enqueue_in_shards(
        "probe",
        arguments=request.arguments(),
        images=images,
        size=queue.shard_size(size, usual=SHARD_SIZE),
        requested_by=requested_by,
    )
