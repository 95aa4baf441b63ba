"""Images broken into tiles, each predicted by itself: does any of them stand for the whole?"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from studyapp.models import ProbeResult
from studyapp.reports.probe_settings import of_one_setting

TILE_COLUMNS = """
    n_tiles integer Tiles whose first class is that of the whole image
    n_images integer Images with so many
"""


@dataclass(frozen=True)
class Tiled:
    """by_tiles[n]: images of which n tiles are named as the whole is, n from 0 to n_tiles_each.
    Of the settings most images were broken up with, over images with all their tiles."""

    n_images: int
    n_tiles_each: int
    by_tiles: tuple[int, ...]

    @property
    def n_none(self) -> int:
        """Images none of whose tiles is named as the whole."""
        return self.by_tiles[0]

    @property
    def none_share(self) -> float | None:
        """n_none / n_images; None without images."""
        return self.n_none / self.n_images if self.n_images else None


def tiled(rows: QuerySet[ProbeResult]) -> Tiled:
    """From the answers of `probe --kind tiles`."""
    named: dict[int, list[bool]] = {}
    columns = of_one_setting(rows).values_list("image_id", "before", "after")
    for image, before, after in columns.iterator(chunk_size=5_000):
        if before is not None:
            named.setdefault(image, []).append(before["classes"][0] == after["classes"][0])
    if not named:
        return Tiled(0, 0, (0,))
    each = max(map(len, named.values()))
    whole = [sum(found) for found in named.values() if len(found) == each]
    return Tiled(
        n_images=len(whole),
        n_tiles_each=each,
        by_tiles=tuple(whole.count(n) for n in range(each + 1)),
    )
