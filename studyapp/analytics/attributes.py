"""What shares of sets of images show people of a group, by several coders (section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.agreement import CODINGS, Agreement, agreement
from studyapp.analytics.coded import (
    Share,
    check_names,
    coded_table,
    coder_votes,
    majority,
    shares,
)
from studyapp.analytics.columns import id_column
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.verdicts import verdicts


@dataclass(frozen=True)
class AttributeShares:
    """For each set of images (by number) the shares of its images that show each attribute.

    sets[s]: a `Share` for each attribute, then `none`, `several` and `cannot tell`; n_items is the
    images of the set. agreement: of the coders on each attribute over all sets, None with one.
    """

    rule: Rule
    n_coders: int
    sets: tuple[tuple[Share, ...], ...]
    agreement: tuple[Agreement, ...] | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above as objects."""
        return payload(
            rule=self.rule.to_dict(),
            n_coders=self.n_coders,
            sets=[[row.to_dict() for row in rows] for rows in self.sets],
            agreement=self.agreement and [found.to_dict() for found in self.agreement],
        )


def attribute_shares(
    flags: npt.ArrayLike,
    *,
    set_id: npt.ArrayLike,
    names: Sequence[str],
    rule: Rule | None = None,
    coded: npt.ArrayLike | None = None,
    method: str = "wilson",
    level: float = 0.95,
) -> AttributeShares:
    """Shares of images with an attribute, such as at least one person of a perceived group.

    flags: int8[I, G] of one coder or [I, R, G] of R, 1 yes, 0 no, -1 cannot tell. set_id: int32[I],
    the set of each image, from 0. names: of the G attributes. rule: how many coders of how many
    make it so (None: more than half of all R). coded: bool[I, R], who saw which image (None: all).
    Raises ColumnError for other shapes, flags or names.
    """
    values = np.asarray(flags)
    table, seen = coded_table("flags", values[:, None] if values.ndim == 2 else values, coded=coded)
    n_images, n_coders, n_flags = table.shape
    labels = check_names(names, n_flags=n_flags)
    sets, n_sets = id_column("set_id", set_id, length=n_images)
    chosen = majority(n_coders) if rule is None else rule
    votes = coder_votes(table, coded=seen)
    code = verdicts(votes, rule=chosen).code.reshape(n_images, n_flags)
    counts = votes.counts3().reshape(n_images, n_flags, 3)
    return AttributeShares(
        rule=chosen,
        n_coders=n_coders,
        sets=tuple(
            shares(code[sets == number], names=labels, method=method, level=level)
            for number in range(n_sets)
        ),
        agreement=None
        if n_coders == 1
        else tuple(
            agreement(CODINGS[0].apply(counts[:, flag]), coding=CODINGS[0].name)
            for flag in range(n_flags)
        ),
    )
