"""What several people say of the same items, as arrays; and groups of items set against each other.

Shared by the types whose raters code pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Contrast, fisher_exact, holm
from studyapp.analytics.results import JSONValue

Int8 = npt.NDArray[np.int8]
Bool = npt.NDArray[np.bool_]


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


VERSUS_COLUMNS = """
    label string What is shown or given
    first string A group of images
    second string Another one
    n_first integer Images of the first that are tested
    n_first_with integer Those of them with it
    n_second integer Images of the second that are tested
    n_second_with integer Those of them with it
    n_shared integer Images of both: of sets, tested in the first alone; of models, in neither
    difference number Share in the first less share in the second
    ci_low number Lower end of its interval (Newcombe, 95 %)
    ci_high number Upper end of it
    p number Of Fisher's exact test, two-sided
    p_holm number The same adjusted over all tests of the table
"""


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
    adjusted = holm([c.p for *_, c in found if c.p is not None]).tolist() if found else []
    left = iter(adjusted)
    return tuple(
        Versus(label, first, second, n_shared, c, None if c.p is None else next(left))
        for label, first, second, n_shared, c in found
    )


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


def p_words(p: float | None) -> str:
    """A p value as a page prints it."""
    if p is None:
        return "–"
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"


def versus_words(versus: Versus) -> tuple[str, ...]:
    """The row of a table of such differences."""
    contrast = versus.contrast
    return (
        versus.label,
        f"{versus.first} less {versus.second}",
        f"{contrast.n['n1']:,} and {contrast.n['n2']:,}",
        f"{versus.n_shared:,}",
        *difference_words(contrast),
        p_words(contrast.p),
        p_words(versus.p_holm),
    )


def difference_words(contrast: Contrast) -> tuple[str, str]:
    """The difference in points, and its interval."""
    ends = (
        f"[{100 * contrast.low:+.2f}, {100 * contrast.high:+.2f}]"
        if contrast.low is not None and contrast.high is not None
        else "–"
    )
    return f"{100 * contrast.estimate:+.2f} points", ends
