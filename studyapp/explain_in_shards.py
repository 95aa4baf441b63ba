"""Asking compute workers for explanations: the missing images of a set, cut into parts."""

from __future__ import annotations

from django.contrib.auth.models import User

from studyapp import queue
from studyapp.explanation import ExplainRequest
from studyapp.models import Job
from studyapp.selectors.explanations import missing, model_named
from studyapp.vocabulary import ExplanationKind

#: Images per part: minutes of work on a CPU, so that no worker is idle long before the last ends,
#: and no broker takes a message back from one that works.
SHARD_SIZES = {
    ExplanationKind.ATTENTION: 32,
    ExplanationKind.ADVERSARIAL: 128,
    ExplanationKind.SALIENCY: 128,
}


def explain_in_shards(
    request: ExplainRequest, *, size: int | None = None, requested_by: User | None = None
) -> Job | None:
    """The job whose parts the workers share; None where nothing is missing.

    Raises InputError where there is no such model, or a part would hold nothing.
    """
    model_named(request.model)
    size = queue.shard_size(size, usual=SHARD_SIZES[request.settings.kind])
    images = list(missing(request).values_list("image_id", flat=True))
    if not images:
        return None
    return queue.enqueue_in_shards(
        "explain",
        arguments=request.arguments(),
        images=images,
        size=size,
        requested_by=requested_by,
    )
