"""What may be asked of `select_examples`: a method, how many of each role, from which images.

Known to the queue as well, so nothing here needs torch. Names and defaults are those of the package
that chooses; docs/reference/selection.md tells what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from studyapp.errors import InputError
from studyapp.explanation import AdversarialSettings

Method: TypeAlias = Literal["adversarial", "mmd", "confidence", "uniform"]
METHODS: tuple[Method, ...] = get_args(Method)

#: What each method needs a network for; chance and recorded attacks need none.
NEEDS_NETWORK = frozenset({"mmd", "confidence"})


@dataclass(frozen=True, slots=True)
class Condition:
    """An arm of the papers' study, by its method and how many pictures of each role."""

    method: Method
    prototypes: int
    criticisms: int


CONDITIONS: Mapping[str, Condition] = {
    **{method: Condition(method, 6, 0) for method in METHODS},
    **{
        f"{method}+criticisms": Condition(method, 3, 3)
        for method in METHODS
        if method != "uniform"  # chance finds nothing odd
    },
}


@dataclass(frozen=True, slots=True)
class SelectionRequest:
    """What is asked for.

    model    None for chance alone
    classes  indices of the classes meant; None for all of the set's
    steps    of the attack whose adversarial images decide, for the method "adversarial"
    avoid    name of a study: what it shows to people is never shown as an example
    weights  file on the machine that computes; None for the one that predict was given
    """

    image_set: str
    method: Method
    model: str | None = None
    prototypes: int = 6
    criticisms: int = 0
    seed: int = 0
    regulariser: float = 1e-5
    steps: AdversarialSettings = field(default_factory=AdversarialSettings)
    classes: tuple[int, ...] | None = None
    avoid: str | None = None
    weights: str | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(
                "there is no such method",
                item=f"method {self.method!r}",
                remedy=f"Choose one of {', '.join(METHODS)}",
            )
        if self.method != "uniform" and self.model is None:
            raise InputError(
                "this method asks a model", item="--model", remedy="Name one, or take uniform"
            )

    @property
    def needs_network(self) -> bool:
        return self.method in NEEDS_NETWORK

    def parameters(self) -> dict[str, object]:
        """What moves the choice, for the identity of a set."""
        own: dict[str, object] = {
            "method": self.method,
            "prototypes": self.prototypes,
            "criticisms": self.criticisms,
        }
        own |= {"regulariser": self.regulariser} if self.method == "mmd" else {"seed": self.seed}
        return own | ({"steps": self.steps.parameters()} if self.method == "adversarial" else {})

    def arguments(self) -> dict[str, object]:
        """As plain values, for the row of a job."""
        values = asdict(self)
        values["set"] = values.pop("image_set")
        values["classes"] = None if self.classes is None else list(self.classes)
        return values

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> SelectionRequest:
        values = {name: value for name, value in arguments.items() if name != "images"}
        classes = values.pop("classes")
        return cls(
            image_set=values.pop("set"),
            steps=AdversarialSettings(**values.pop("steps")),
            classes=None if classes is None else tuple(classes),
            **values,
        )
