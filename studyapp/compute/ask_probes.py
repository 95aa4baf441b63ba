"""What each kind of probe is asked with: pictures and options in, explain's probes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from explain.classifiers import Classifier
from explain.probes import BY_NAME
from explain.probes.types import Probe
from explain.types import Boxes, RGBAImage
from studyapp.errors import InputError
from studyapp.vocabulary import ProbeKind


@dataclass(frozen=True, slots=True, eq=False)
class ProbeRequest:
    """Which probe, and what it can be told; an option that is None keeps the probe's default.

    options   of explain's probe of this kind, by their names
    inserted  for insertion: uint8 [h, w, 4], the object with its alpha, and its file's SHA-256
    """

    kind: ProbeKind
    options: Mapping[str, Any] = field(default_factory=dict)
    inserted: RGBAImage | None = None
    inserted_hash: str | None = None

    def parameters(self) -> dict[str, object]:
        """What moves the result, for the identity of a row."""
        given = {name: value for name, value in self.options.items() if value is not None}
        return {**given, **({"inserted": self.inserted_hash} if self.inserted_hash else {})}


Ask = Callable[[Classifier, npt.NDArray[np.uint8], Sequence[Boxes], ProbeRequest], list[Probe]]


def ask(
    classifier: Classifier,
    images: npt.NDArray[np.uint8],
    boxes: Sequence[Boxes],
    request: ProbeRequest,
) -> list[Probe]:
    """Probes of uint8 [N, S, S, 3], grouped by image in their order.

    `boxes` are the objects' in pixels of S; only region_noise looks at them.

    Raises InputError for an option that the kind does not know.
    """
    unknown = sorted(set(request.parameters()) - _KNOWN[request.kind] - {"inserted"})
    if unknown:
        raise InputError(
            f"--{unknown[0].replace('_', '-')} means nothing here",
            item=f"probe {request.kind}",
            remedy=f"It takes {', '.join(sorted(_KNOWN[request.kind])) or 'no settings'}",
        )
    options = {name: value for name, value in request.options.items() if value is not None}
    more: list[object] = []
    if request.kind == ProbeKind.REGION_NOISE:
        more = [boxes]
    elif request.kind == ProbeKind.INSERTION:
        if request.inserted is None:
            raise InputError(
                "it needs the object that is pasted in",
                item="probe insertion",
                remedy="Give a PNG with transparency as --object",
            )
        more = [request.inserted]
    return BY_NAME[request.kind](classifier, images, *more, **options)


_KNOWN: Mapping[ProbeKind, frozenset[str]] = {
    ProbeKind.REGION_NOISE: frozenset({"noise", "where", "seed"}),
    ProbeKind.TILES: frozenset({"rows", "columns"}),
    ProbeKind.INSERTION: frozenset({"draws", "scales", "confident", "seed"}),
    ProbeKind.PAIRS: frozenset({"n_pairs", "class_index"}),
    ProbeKind.CAPTIONS: frozenset({"confident"}),
}
