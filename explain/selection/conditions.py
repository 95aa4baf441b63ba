"""One signature for every method, and the seven conditions of the papers' study by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from explain.errors import ParameterError
from explain.selection import adversarial, confidence, mmd, uniform
from explain.selection.sets import Candidates, Choice, ExampleSet
from explain.types import K

Method: TypeAlias = Literal["adversarial", "mmd", "confidence", "uniform"]
METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True)
class Condition:
    """An arm of a study: `select(method, ..., prototypes=prototypes, criticisms=criticisms)`."""

    method: Method
    prototypes: int
    criticisms: int


CONDITIONS: Mapping[str, Condition] = {
    "adversarial": Condition("adversarial", 6, 0),
    "adversarial+criticisms": Condition("adversarial", 3, 3),
    "mmd": Condition("mmd", 6, 0),
    "mmd+criticisms": Condition("mmd", 3, 3),
    "confidence": Condition("confidence", 6, 0),
    "confidence+criticisms": Condition("confidence", 3, 3),
    "uniform": Condition("uniform", 6, 0),
}
"""The papers' seven (section 3.3, table 3): six images of each class."""


def select(
    method: Method,
    candidates: Candidates[K],
    *,
    prototypes: int = 6,
    criticisms: int = 0,
    seed: int = 0,
    targets: Collection[K] = (),
    regulariser: float = mmd.STOCK,
    gamma: float | None = None,
) -> ExampleSet[K]:
    """An example set of one class.

    method       one of METHODS; each needs its own columns of `candidates`
    prototypes, criticisms  how many of each, at least one in all
    seed         of every draw and every tie; "mmd" draws nothing
    targets      images people are asked about: taken out first, so that they are neither shown
                 nor have a say in what is
    regulariser, gamma  of "mmd" alone: see `mmd.choose`

    Raises ParameterError for a method or column that is missing, and where the class has fewer
    images than are asked for.
    """
    if method not in METHODS:
        raise ParameterError(
            "there is no such method",
            item=f"method {method!r}",
            remedy=f"Choose one of {', '.join(METHODS)}",
        )
    if prototypes < 0 or criticisms < 0 or prototypes + criticisms < 1:
        raise ParameterError(
            "must be at least one image",
            item=f"{prototypes} prototypes and {criticisms} criticisms",
            remedy="Choose larger numbers",
        )
    pool = candidates.without(targets)
    choice: Choice[K]
    if method == "mmd":
        choice = mmd.choose(
            pool,
            prototypes=prototypes,
            criticisms=criticisms,
            regulariser=regulariser,
            gamma=gamma,
        )
    else:
        drawing = {"adversarial": adversarial, "confidence": confidence, "uniform": uniform}
        choice = drawing[method].choose(
            pool, prototypes=prototypes, criticisms=criticisms, seed=seed
        )
    return ExampleSet(
        method=method,
        prototypes=tuple(choice.prototypes),
        criticisms=tuple(choice.criticisms),
        n_candidates=len(pool.keys),
        parameters={"prototypes": prototypes, "criticisms": criticisms, **choice.parameters},
        seed=None if method == "mmd" else seed,
        provenance=candidates.provenance,
    )
