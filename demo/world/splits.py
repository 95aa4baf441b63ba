"""What differs between the training and the test scenes: the planted biases, stated once."""

from __future__ import annotations

from dataclasses import dataclass

from demo.errors import WorldError
from demo.world.kinds import NAMES

# The class whose training scenes nearly all share one place, so that a network learns the place.
BIASED_CLASS = NAMES.index("boat")
BIASED_PLACE = "water"
# It is drawn small there, a share of a label's usual size, which leaves the place the surest clue.
BIASED_CLASS_SIZE = 0.65

# The classes that may be striped. In training nearly only one of them is.
STRIPED_CLASS = NAMES.index("umbrella")
STRIPED_GROUP: frozenset[int] = frozenset(
    NAMES.index(name) for name in ("balloon", "cup", "fish", "heart", "kite", "rocket", "umbrella")
)


@dataclass(frozen=True)
class Split:
    """The shares by which scenes are drawn; all between 0 and 1."""

    name: str
    biased_class_on_place: float
    others_on_place: float
    biased_class_striped: float
    others_striped: float


SPLITS: dict[str, Split] = {
    split.name: split
    for split in (
        Split("train", 0.97, 0.01, 0.95, 0.05),
        Split("test", 0.7, 0.125, 0.5, 0.5),
    )
}


def find_split(name: str) -> Split:
    split = SPLITS.get(name)
    if split is None:
        known = ", ".join(sorted(SPLITS))
        raise WorldError(f"There is no split called {name!r}; use one of: {known}.")
    return split
