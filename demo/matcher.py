"""A simulated rater who looks: finds the group of pictures that a target is most like."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

#: Cells of the picture along a side, in each of which colours and edges are looked at.
CELLS = 4
SIDE = 64
#: Pictures remembered: those of groups come again and again.
LOOKED_AT = 4_096
#: Directions of edges that are told apart.
DIRECTIONS = 6

Seen = npt.NDArray[np.float64]


def best_group(target: bytes, groups: Mapping[str, Sequence[bytes]]) -> str:
    """The button of the group whose two nearest pictures are nearest to the target."""
    wanted = look(target)
    distances = {
        value: np.sort([float(np.abs(wanted - look(one)).sum()) for one in pictures])[:2].mean()
        for value, pictures in groups.items()
    }
    return min(distances, key=lambda value: (distances[value], value))


@lru_cache(maxsize=LOOKED_AT)
def look(picture: bytes) -> Seen:
    """What stays of a glance: colours and directions of edges, cell by cell and on the whole."""
    with Image.open(io.BytesIO(picture)) as image:
        small = np.asarray(image.convert("RGB").resize((SIDE, SIDE)), dtype=np.float64) / 255
    grey = small.mean(axis=2)
    across, down = np.gradient(grey, axis=1), np.gradient(grey, axis=0)
    strength = np.hypot(across, down)
    turn = np.floor((np.arctan2(down, across) % np.pi) / np.pi * DIRECTIONS).astype(int)
    edges = np.stack([strength * (turn % DIRECTIONS == way) for way in range(DIRECTIONS)], axis=2)
    cell = SIDE // CELLS
    cells = np.concatenate([small, 4 * edges], axis=2)
    by_cell = cells.reshape(CELLS, cell, CELLS, cell, -1).mean(axis=(1, 3))
    colours = np.histogramdd(small.reshape(-1, 3), bins=(4, 4, 4), range=[(0, 1)] * 3)[0]
    return np.concatenate([by_cell.ravel() / 4, 8 * colours.ravel() / colours.sum()])
