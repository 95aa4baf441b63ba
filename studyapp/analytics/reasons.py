"""Why predictions fail: reasons that several coders give to each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.agreement import Agreement, agreement
from studyapp.analytics.coded import (
    Share,
    check_names,
    coded_table,
    coder_votes,
    share,
    shares,
)
from studyapp.analytics.columns import integer_column
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.verdicts import verdicts

#: Images whose coders do not agree on a main reason.
DISPUTED = "disputed"


@dataclass(frozen=True)
class ReasonBreakdown:
    """Of n_items images with at least one coder, the share with each reason under `rule`.

    rows: a `Share` for each reason, then `none`, `several` and `cannot tell`; reasons overlap, so
    shares may add up to more than 1. n_uncoded: images that nobody coded, which count nowhere.
    agreement: of the coders on each reason, given or not given, without those who cannot tell.
    """

    rule: Rule
    n_items: int
    n_uncoded: int
    rows: tuple[Share, ...]
    agreement: tuple[Agreement, ...]

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above as objects."""
        return payload(
            rule=self.rule.to_dict(),
            n_items=self.n_items,
            n_uncoded=self.n_uncoded,
            rows=[row.to_dict() for row in self.rows],
            agreement=[found.to_dict() for found in self.agreement],
        )


def reason_breakdown(
    codes: npt.ArrayLike,
    *,
    names: Sequence[str],
    rule: Rule,
    coded: npt.ArrayLike | None = None,
    method: str = "wilson",
    level: float = 0.95,
) -> ReasonBreakdown:
    """Multi-select reasons: an image has a reason when `rule` accepts what its coders ticked.

    codes: bool[I, R, K], whether coder r gave reason k to image i; or int8, 1 given, 0 not, -1
    where the coder cannot tell, which the rule counts as it counts `unsure`. coded: bool[I, R],
    who coded which image (None: everybody all). rule: k of n coders; an image with fewer than n may
    stay open. names: of the K reasons. Raises ColumnError for other shapes, codes or names.
    """
    table, seen = coded_table("codes", codes, coded=coded)
    labels = check_names(names, n_flags=table.shape[2])
    kept = seen.any(axis=1)
    table, seen = table[kept], seen[kept]
    votes = coder_votes(table, coded=seen)
    code = verdicts(votes, rule=rule).code.reshape(len(table), len(labels))
    counts = votes.counts().reshape(len(table), len(labels), 2)
    return ReasonBreakdown(
        rule=rule,
        n_items=len(table),
        n_uncoded=int(np.count_nonzero(~kept)),
        rows=shares(code, names=labels, method=method, level=level),
        agreement=tuple(
            agreement(counts[:, flag], coding="given or not") for flag in range(len(labels))
        ),
    )


def primary_reasons(
    primary: npt.ArrayLike,
    *,
    names: Sequence[str],
    method: str = "wilson",
    level: float = 0.95,
) -> tuple[Share, ...]:
    """One main reason of each image: what more than half of its coders chose, else `disputed`.

    primary: int[I, R], the main reason of each coder in 0..K-1, -1 where there is none. Images
    without any are left out. The shares add up to 1. Raises ColumnError for other shapes, names
    or reasons.
    """
    table = np.asarray(primary)
    if table.ndim != 2:
        raise ColumnError(f"primary has shape {table.shape}; give images by coders.")
    labels = check_names(names, n_flags=len(names))
    flat = integer_column("primary", table.ravel())
    if DISPUTED in labels or (flat < -1).any() or (flat >= len(labels)).any():
        raise ColumnError(
            f"primary must hold 0..{len(labels) - 1} or -1, and no reason be called {DISPUTED}."
        )
    given = flat >= 0
    image = np.repeat(np.arange(len(table)), table.shape[1])
    cell = (image * len(labels) + flat)[given]
    counts = np.bincount(cell, minlength=len(table) * len(labels)).reshape(len(table), len(labels))
    counts = counts[counts.any(axis=1)]
    chosen = 2 * counts > counts.sum(axis=1, keepdims=True)
    sums = [*chosen.sum(axis=0).tolist(), int(np.count_nonzero(~chosen.any(axis=1)))]
    return tuple(
        share(label, n_with=n_with, n_items=len(counts), method=method, level=level)
        for label, n_with in zip((*labels, DISPUTED), sums, strict=True)
    )
