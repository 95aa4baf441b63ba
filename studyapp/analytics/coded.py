"""Items that several coders flag: what the coders together say, and how often each flag holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Bool, Int8
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.intervals import Interval, proportion_ci
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.verdicts import Verdict
from studyapp.analytics.votes import Votes

#: Labels beside the flags' own: items without any, with two or more, and unclear ones.
NONE, SEVERAL, UNCLEAR = "none", "several", "cannot tell"


@dataclass(frozen=True)
class Share:
    """share = n_with / n_items, in 0..1, with its interval; both None without items.

    n_unclear: items on which the coders do not settle this flag; they are among n_items.
    """

    label: str
    n_items: int
    n_with: int
    n_unclear: int
    share: float | None
    ci: Interval | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, the interval as ci_low, ci_high, ci_method, ci_level."""
        return payload(
            label=self.label,
            n_items=self.n_items,
            n_with=self.n_with,
            n_unclear=self.n_unclear,
            share=self.share,
            ci_low=self.ci and self.ci.low,
            ci_high=self.ci and self.ci.high,
            ci_method=self.ci and self.ci.method,
            ci_level=self.ci and self.ci.level,
        )


def coder_votes(flags: npt.NDArray[np.integer], *, coded: Bool) -> Votes:
    """Flags int8[I, R, F] (1 yes, 0 no, -1 cannot tell) of R coders as votes.

    Question i * F + f is flag f of item i; the first coder counts as the first vote. coded:
    bool[I, R], whether the coder has seen the item; what the others flag is not looked at.
    """
    item, coder = np.nonzero(coded)
    n_flags = flags.shape[2]
    question = (item[:, None] * n_flags + np.arange(n_flags)).ravel()
    return Votes.from_columns(
        question,
        rater=np.repeat(coder, n_flags),
        answer=flags[item, coder].ravel(),
        order=np.repeat(coder, n_flags),
        n_questions=flags.shape[0] * n_flags,
        n_raters=flags.shape[1],
    )


def majority(n_coders: int) -> Rule:
    """More than half of the coders."""
    return Rule(k=n_coders // 2 + 1, n=n_coders)


def shares(code: Int8, *, names: Sequence[str], method: str, level: float) -> tuple[Share, ...]:
    """A share for each flag, then for none, several and cannot tell; code: int8[I, F] verdicts.

    Flags overlap, so their shares may add up to more than 1. `none`: items on which every flag is
    rejected; `cannot tell`: no flag is accepted and some are undecided; `several`: two or more
    are accepted. Items with a flag, none and cannot tell add up to all.
    """
    accepted, undecided = code == Verdict.ACCEPTED, code == Verdict.UNDECIDED
    with_any = accepted.any(axis=1)
    unclear = ~with_any & undecided.any(axis=1)
    columns = [
        *zip(names, accepted.T, undecided.sum(axis=0).tolist(), strict=True),
        (NONE, ~with_any & ~unclear, int(np.count_nonzero(unclear))),
        (SEVERAL, accepted.sum(axis=1) >= 2, 0),
        (UNCLEAR, unclear, 0),
    ]
    return tuple(
        share(
            label,
            n_with=int(np.count_nonzero(holds)),
            n_items=len(code),
            n_unclear=open_,
            method=method,
            level=level,
        )
        for label, holds, open_ in columns
    )


def share(
    label: str, *, n_with: int, n_items: int, n_unclear: int = 0, method: str, level: float
) -> Share:
    """A `Share` with its interval."""
    return Share(
        label=label,
        n_items=n_items,
        n_with=n_with,
        n_unclear=n_unclear,
        share=n_with / n_items if n_items else None,
        ci=proportion_ci(n_with, n=n_items, method=method, level=level) if n_items else None,
    )


def coded_table(
    name: str, values: npt.ArrayLike, *, coded: npt.ArrayLike | None
) -> tuple[npt.NDArray[np.int8], Bool]:
    """Flags as int8[I, R, F] and who coded what as bool[I, R] (None: everybody, everything)."""
    table = np.asarray(values)
    if table.ndim != 3 or table.shape[1] < 1 or table.dtype.kind not in "biu":
        raise ColumnError(
            f"{name} has shape {table.shape} of {table.dtype}; "
            "give True or False (or 1, 0, -1), items by coders by flags."
        )
    seen = np.ones(table.shape[:2], dtype=np.bool_) if coded is None else np.asarray(coded)
    if seen.shape != table.shape[:2] or seen.dtype.kind != "b":
        raise ColumnError(
            f"coded has shape {seen.shape} of {seen.dtype}; "
            f"give True or False, {table.shape[0]} items by {table.shape[1]} coders."
        )
    unknown = (table < -1) | (table > 1) if table.dtype.kind != "b" else np.zeros(1, dtype=bool)
    if unknown.any():
        item = int(unknown.any(axis=(1, 2)).argmax())
        raise ColumnError(
            f"{name} of item {item} has another flag than 1 yes, 0 no, -1 cannot tell."
        )
    return table.astype(np.int8), seen


def check_names(names: Sequence[str], *, n_flags: int) -> tuple[str, ...]:
    """The names of the flags, one each, all different and none of the labels taken."""
    given = tuple(names)
    if len(given) != n_flags or len({*given, NONE, SEVERAL, UNCLEAR}) != n_flags + 3:
        raise ColumnError(
            f"There are {n_flags} flags and the names {', '.join(given) or 'nothing'}; give one "
            f"different name each, other than {NONE}, {SEVERAL} and {UNCLEAR}."
        )
    return given
