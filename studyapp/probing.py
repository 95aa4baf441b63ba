"""What may be asked of `probe`; known to the queue as well, so nothing here needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studyapp.errors import InputError
from studyapp.vocabulary import ProbeKind

#: The options of each kind, by the names and with the defaults of explain's probes.
OPTIONS: Mapping[ProbeKind, frozenset[str]] = {
    ProbeKind.REGION_NOISE: frozenset({"noise", "where", "seed"}),
    ProbeKind.TILES: frozenset({"rows", "columns"}),
    ProbeKind.INSERTION: frozenset({"draws", "scales", "confident", "seed"}),
    ProbeKind.PAIRS: frozenset({"n_pairs", "class_index"}),
    ProbeKind.CAPTIONS: frozenset({"confident"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class ProbeRequest:
    """Which probe of which images; an option that is None keeps the probe's default.

    options  by the names of `OPTIONS`
    label    index of the class whose images are meant; None for all of the set
    pasted   for insertion: the picture that is pasted in, a name in the default storage
    pasted_hash  SHA-256 of that file
    weights  file on the machine that computes; None for the one that predict was given

    Raises InputError for an option that the kind does not know.
    """

    image_set: str
    model: str
    kind: ProbeKind
    options: Mapping[str, Any] = field(default_factory=dict)
    label: int | None = None
    pasted: str | None = None
    pasted_hash: str | None = None
    weights: str | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        known = OPTIONS[self.kind]
        unknown = sorted(set(self.given()) - known)
        if unknown:
            raise InputError(
                f"--{unknown[0].replace('_', '-')} means nothing here",
                item=f"probe {self.kind}",
                remedy=f"It takes {', '.join(sorted(known)) or 'no settings'}",
            )
        if self.kind == ProbeKind.INSERTION and self.pasted is None:
            raise InputError(
                "it needs the object that is pasted in",
                item=f"probe {self.kind}",
                remedy="Give a PNG with transparency as --object",
            )
        if self.kind != ProbeKind.INSERTION and self.pasted is not None:
            raise InputError(
                "--object means nothing here", item=f"probe {self.kind}", remedy="Leave it out"
            )

    def given(self) -> dict[str, Any]:
        """The options that were given."""
        return {name: value for name, value in self.options.items() if value is not None}

    def parameters(self) -> dict[str, object]:
        """What moves the result, for the identity of a row."""
        pasted = {"inserted": self.pasted_hash} if self.pasted_hash else {}
        return {**self.given(), **pasted}

    def arguments(self) -> dict[str, object]:
        """As plain values, for the row of a job."""
        return {
            "set": self.image_set,
            "model": self.model,
            "kind": str(self.kind),
            "options": self.given(),
            "label": self.label,
            "pasted": self.pasted,
            "pasted_hash": self.pasted_hash,
            "weights": self.weights,
            "device": self.device,
        }

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> ProbeRequest:
        values = {name: value for name, value in arguments.items() if name != "images"}
        kind = ProbeKind(values.pop("kind"))
        return cls(image_set=values.pop("set"), kind=kind, **values)
