"""Questions to a model beside the plain one: what it says when the image is changed on purpose.

Each probe is a module with one function, `probe(classifier, images, ..., k, batch_size)`, that
returns a list of `Probe`; `BY_NAME` finds it by the name its results carry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explain.probes import captions, insertion, pairs, region_noise, tiles
from explain.probes.types import Probe

BY_NAME: Mapping[str, Callable[..., list[Probe]]] = {
    "captions": captions.probe,
    "insertion": insertion.probe,
    "pairs": pairs.probe,
    "region_noise": region_noise.probe,
    "tiles": tiles.probe,
}
