"""What several people say of the same items as arrays; groups of items against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from studyapp.analytics.columns import Bool, Int8
from studyapp.analytics.contrasts import Contrast
from studyapp.analytics.exact import fisher_exact
from studyapp.analytics.families import holm_known
from studyapp.analytics.results import JSONValue


def coded_flags(
    raws: Sequence[Sequence[str]], *, parse: Callable[[str], Sequence[int]], n_flags: int
) -> tuple[Int8, Bool]:
    """Flags int8[I, R, F] (1 yes, 0 no, -1 cannot tell) and who coded what, bool[I, R].

    raws: the raw answers to each item in the order given. A coder is a place in that order: who
    answered first of the item's raters is the first coder of it.
    """
    n_coders = max(1, max(map(len, raws), default=1))
    flags = np.zeros((len(raws), n_coders, n_flags), dtype=np.int8)
    coded = np.zeros((len(raws), n_coders), dtype=np.bool_)
    for item, given in enumerate(raws):
        for coder, raw in enumerate(given):
            flags[item, coder] = parse(raw)
            coded[item, coder] = True
    return flags, coded


@dataclass(frozen=True)
class Versus:
    """How often a label holds in two groups that have no item in common.

    n_shared: items of both groups, which were taken out of one of them or of both.
    """

    label: str
    first: str
    second: str
    n_shared: int
    contrast: Contrast
    p_holm: float | None

    def values(self) -> dict[str, JSONValue]:
        """JSON-safe."""
        return {
            "label": self.label,
            "first": self.first,
            "second": self.second,
            "n_shared": self.n_shared,
            **self.contrast.to_dict(),
            "p_holm": self.p_holm,
        }

    def cells(self) -> tuple[str | int | float | None, ...]:
        """The cells of VERSUS_COLUMNS."""
        found, n = self.contrast, self.contrast.n
        return (
            self.label, self.first, self.second, n["n1"], n["k1"], n["n2"], n["k2"],
            self.n_shared, found.estimate, found.low, found.high, found.p, self.p_holm,
        )  # fmt: skip


def each_versus(
    holds: Mapping[str, Bool], *, groups: Mapping[str, set[int]], shared_in_first: bool = False
) -> tuple[Versus, ...]:
    """Every two groups under every label, adjusted by Holm over all of these.

    holds: by label whether it holds for item 0..I-1; groups: items by name. The items of both stay
    in the first with `shared_in_first`, so that it is held against the rest of the second; else
    they are left out of both, about whose difference they say nothing. Groups of which one has no
    item then are not compared.
    """
    found = list(_contrasts(holds, groups, shared_in_first=shared_in_first))
    adjusted = holm_known([contrast.p for *_, contrast in found])
    return tuple(Versus(*one, p_holm) for one, p_holm in zip(found, adjusted, strict=True))


def _contrasts(
    holds: Mapping[str, Bool], groups: Mapping[str, set[int]], *, shared_in_first: bool
) -> Iterator[tuple[str, str, str, int, Contrast]]:
    for label, column in holds.items():
        for first, second in combinations(groups, 2):
            own = groups[first] - (set() if shared_in_first else groups[second])
            other = groups[second] - groups[first]
            if own and other:
                contrast = fisher_exact(
                    int(column[sorted(own)].sum()),
                    n1=len(own),
                    k2=int(column[sorted(other)].sum()),
                    n2=len(other),
                )
                yield label, first, second, len(groups[first] & groups[second]), contrast
