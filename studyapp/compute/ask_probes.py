"""What each kind of probe is asked with: pictures and options in, explain's probes out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explain.classifiers import Classifier
from explain.probes import BY_NAME
from explain.probes.types import Probe
from explain.types import Boxes, RGBAImage
from studyapp.probing import ProbeRequest
from studyapp.vocabulary import ProbeKind


def ask(
    classifier: Classifier,
    images: npt.NDArray[np.uint8],
    request: ProbeRequest,
    *,
    boxes: Sequence[Boxes] = (),
    pasted: RGBAImage | None = None,
) -> list[Probe]:
    """Probes of uint8 [N, S, S, 3], grouped by image in their order.

    boxes   the objects' in pixels of S, for region_noise
    pasted  uint8 [h, w, 4], for insertion
    """
    more: list[object] = []
    if request.kind == ProbeKind.REGION_NOISE:
        more = [boxes]
    elif request.kind == ProbeKind.INSERTION:
        more = [pasted]
    return BY_NAME[request.kind](classifier, images, *more, **request.given())
