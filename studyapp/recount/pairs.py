"""Every two models against each other, counted anew."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Verdict, Verdicts, holm, mcnemar
from studyapp.analytics.results import plain
from studyapp.recount.labelled import Labelled, OfModels

_COUNTED = (
    "n_family", "n_images", "standard", "standard_p_holm", "rectified", "rectified_p_holm",
)  # fmt: skip


def recount_pairs(
    given: list[dict[str, Any]], *, names: list[str], models: OfModels, decided: Verdicts
) -> list[dict[str, Any]]:
    """All pairs of `names` with an image in common; `given` tells which of them were planned."""
    planned = {(of["first"], of["second"]) for of in given if of["planned"]}
    found: list[dict[str, Any]] = []
    for first, second in combinations([name for name in names if name in models], 2):
        one, other = models[first], models[second]
        both = np.intersect1d(one.row, other.row, assume_unique=True)
        if not both.size:
            continue
        found.append({"first": first, "second": second, "n_images": int(both.size)})
        for kind in ("standard", "rectified"):
            right = (_right(of, decided if kind == "rectified" else None) for of in (one, other))
            at_first, at_second = (
                column[np.searchsorted(of.row, both)]
                for of, column in zip((one, other), right, strict=True)
            )
            found[-1][kind] = plain(asdict(mcnemar(at_first, at_second)))
    own = [pair for pair in found if (pair["first"], pair["second"]) in planned]
    for family in (found, own):
        for kind in ("standard", "rectified"):
            # McNemar's test always has a p: without any difference it is 1.
            adjusted_of = holm([pair[kind]["p"] for pair in family])
            for pair, adjusted in zip(family, adjusted_of.tolist(), strict=True):
                pair |= {f"{kind}_p_holm": adjusted, "n_family": len(family)}
    return found


def blanked_pairs(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pairs with a null for each figure that `recount_pairs` counts."""
    return [pair | dict.fromkeys(_COUNTED) for pair in pairs]


def _right(of: Labelled, decided: Verdicts | None) -> npt.NDArray[np.bool_]:
    """bool[L]: the annotated class, or with verdicts one that people accept."""
    if decided is None:
        return of.correct
    accepted = (of.question >= 0) & (decided.code[of.question] == Verdict.ACCEPTED)
    return np.asarray(of.correct | accepted, dtype=np.bool_)
