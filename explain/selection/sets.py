"""What an example set is chosen from, and what it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
import numpy.typing as npt

from explain.errors import ParameterError
from explain.provenance import Parameter, Provenance
from explain.types import K


@dataclass(frozen=True, slots=True, eq=False)
class Candidates(Generic[K]):
    """The images of one class, and as much of each as the methods to be used need.

    keys                what the caller names the images; each once
    name                of the class, for errors
    flip_steps          int [N], for "adversarial": t of 1..M for an image that flipped after step
                        t, M + 1 for one that kept its class, 0 for one that has no answer
    label_probabilities  float [N] in [0, 1], for "adversarial": of the label after the last step
    max_steps           M of that attack
    features            float [N, D], for "mmd": pooled activations before the last layer
    probabilities       float [N] in [0, 1], for "confidence": of the label, misclassified images
                        included
    provenance          of those figures, passed on to the set; None where no classifier was asked

    Raises ParameterError for columns of another length, keys that are there twice and values that
    are no numbers.
    """

    keys: Sequence[K]
    name: str = "the class"
    flip_steps: npt.NDArray[np.integer] | None = None
    label_probabilities: npt.NDArray[np.floating] | None = None
    max_steps: int | None = None
    features: npt.NDArray[np.floating] | None = None
    probabilities: npt.NDArray[np.floating] | None = None
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        if len(set(self.keys)) != len(self.keys):
            raise self.error("a key is there twice", remedy="Give each image once")
        for name in ("flip_steps", "label_probabilities", "features", "probabilities"):
            column: npt.NDArray[np.floating] | None = getattr(self, name)
            if column is None:
                continue
            if len(column) != len(self.keys) or column.ndim != (2 if name == "features" else 1):
                raise self.error(
                    f"{name} of the shape {column.shape} for {len(self.keys)} images",
                    remedy="Give one row for each key",
                )
            if not np.isfinite(column).all():
                raise self.error(
                    f"{name} hold values that are no numbers",
                    remedy="Leave out the images whose predictions failed",
                )

    def error(self, what: str, *, remedy: str) -> ParameterError:
        return ParameterError(what, item=f"candidates of {self.name}", remedy=remedy)

    def column(self, name: str, *, method: str) -> npt.NDArray[np.floating]:
        """A column that a method cannot do without. Raises ParameterError where it is missing."""
        column: npt.NDArray[np.floating] | None = getattr(self, name)
        if column is None:
            raise self.error(
                f"the method {method} needs {name}", remedy=f"Compute {name} first, and give them"
            )
        return column

    def without(self, keys: Collection[K]) -> Candidates[K]:
        """All candidates but those called so."""
        left = set(keys)
        rows = np.array([place for place, key in enumerate(self.keys) if key not in left], np.intp)
        return self.only(rows)

    def only(self, rows: npt.NDArray[np.intp]) -> Candidates[K]:
        """The candidates at these places, in their order."""

        def cut(
            column: npt.NDArray[np.floating] | None,
        ) -> npt.NDArray[np.floating] | None:
            return None if column is None else column[rows]

        return Candidates(
            keys=[self.keys[row] for row in rows],
            name=self.name,
            flip_steps=None if self.flip_steps is None else self.flip_steps[rows],
            label_probabilities=cut(self.label_probabilities),
            max_steps=self.max_steps,
            features=cut(self.features),
            probabilities=cut(self.probabilities),
            provenance=self.provenance,
        )

    def require(self, count: int, *, what: str = "images") -> None:
        """Raise ParameterError if there are fewer than `count`."""
        if len(self.keys) < count:
            raise self.error(
                f"{count} {what} are asked for, {len(self.keys)} are there",
                remedy="Ask for fewer, or take more images of the class (its training images)",
            )


@dataclass(frozen=True, slots=True, eq=False)
class Pick(Generic[K]):
    """One image of an example set.

    key     the caller's
    strict  chosen by the method's own rule; False where too few images met it and this one, the
            nearest to it, was taken instead
    scores  the figures it was chosen by, by name
    """

    key: K
    strict: bool
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class ExampleSet(Generic[K]):
    """What people are shown of a class: no image twice, in the order of choice.

    method        that chose
    prototypes    images the model finds typical
    criticisms    images it finds odd; none where none were asked for
    n_candidates  how many images there were to choose from, targets not counted
    parameters    every setting that moves the choice
    seed          of every random draw; None for a method that draws nothing
    provenance    of the figures it was chosen by
    """

    method: str
    prototypes: tuple[Pick[K], ...]
    criticisms: tuple[Pick[K], ...]
    n_candidates: int
    parameters: Mapping[str, Parameter]
    seed: int | None
    provenance: Provenance | None

    @property
    def strict(self) -> bool:
        """Whether every image met its method's own rule."""
        return all(pick.strict for pick in (*self.prototypes, *self.criticisms))


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Generic[K]):
    """What a method answers: the picks, and the settings of its own that led to them."""

    prototypes: list[Pick[K]]
    criticisms: list[Pick[K]]
    parameters: Mapping[str, Parameter]
