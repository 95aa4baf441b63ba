"""Agreement between raters who flag any number of things: reasons, attributes, right labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from studyapp.analytics.agreement import Agreement, agreement
from studyapp.analytics.columns import Bool
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.set_alpha import set_alpha
from studyapp.analytics.set_distances import DISTANCES


@dataclass(frozen=True)
class SetAgreement:
    """Krippendorff's alpha for sets, over the items coded by at least two raters.

    n_items, n_codings: those items and their sets. n_single: items coded once, left out.
    n_sets: how many different sets there are among the codings.
    observed, expected: mean distance of two sets of the same item (pairs weighted so that each
    coding counts once), and of any two sets, in 0..1.
    alpha: 1 - observed / expected, at most 1, 0 at chance; se: its delete-one-item jackknife
    standard error; ci_low, ci_high: alpha -+ t se with n_items - 1 degrees of freedom at `level`,
    cut at -1 and 1.
    flags: `agreement` of yes and no for each flag on its own, in the order given, with the
    name of the flag as its coding. undefined: for every None the reason, keyed by the field.
    """

    distance: str
    level: float
    n_items: int
    n_codings: int
    n_single: int
    n_sets: int
    observed: float | None
    expected: float | None
    alpha: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    flags: tuple[Agreement, ...]
    undefined: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(
            method="krippendorff_alpha",
            distance=self.distance,
            n_items=self.n_items,
            n_codings=self.n_codings,
            n_single=self.n_single,
            n_sets=self.n_sets,
            observed=self.observed,
            expected=self.expected,
            alpha=self.alpha,
            se=self.se,
            ci_low=self.ci_low,
            ci_high=self.ci_high,
            ci_method="jackknife_items",
            ci_level=self.level,
            flags=[flag.to_dict() for flag in self.flags],
            undefined=self.undefined,
        )


def set_agreement(
    flags: npt.ArrayLike,
    *,
    coded: npt.ArrayLike | None = None,
    distance: str = "masi",
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> SetAgreement:
    """Alpha (Krippendorff 2004) of sets, and kappa, AC1 and the rest for each flag.

    flags: bool[I, R, K], whether rater r gave item i flag k; no flag at all is a set too.
    coded: bool[I, R], whether rater r coded item i at all; None is everywhere. What `flags` says
    where it is False is not looked at.
    distance: `masi` (Passonneau 2006), `jaccard` or `nominal`. names: of the K flags.
    With n codings on items of at least two, m_i of item i: observed = sum over items of the
    distances of its ordered pairs / (m_i - 1), over n; expected = the same of all ordered pairs,
    over n (n - 1). Raises ColumnError for other shapes or types, RuleError for other options.
    """
    if distance not in DISTANCES:
        raise RuleError(f"distance={distance!r} is unknown; use one of {', '.join(DISTANCES)}.")
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    cube, mask = _columns(flags, coded)
    codings = mask.sum(axis=1)
    per_flag = _per_flag(cube, mask, names)
    kept = mask & (codings >= 2)[:, None]
    item, _ = np.nonzero(kept)
    sets = cube[kept]
    found = set_alpha(sets, item=item, n_items=len(cube), distance=distance)
    alpha, se = found.alpha, found.se
    undefined = dict(found.undefined)
    low = high = None
    if alpha is not None and se is not None:
        half = se * float(stdtrit(np.count_nonzero(codings >= 2) - 1, (1 + level) / 2))
        low, high = max(-1.0, alpha - half), min(1.0, alpha + half)
    else:
        undefined |= dict.fromkeys(("ci_low", "ci_high"), undefined["se"])
    return SetAgreement(
        distance=distance,
        level=float(level),
        n_items=int(np.count_nonzero(codings >= 2)),
        n_codings=len(sets),
        n_single=int(np.count_nonzero(codings == 1)),
        n_sets=found.n_sets,
        observed=found.observed,
        expected=found.expected,
        alpha=alpha,
        se=se,
        ci_low=low,
        ci_high=high,
        flags=per_flag,
        undefined=undefined,
    )


def _columns(flags: npt.ArrayLike, coded: npt.ArrayLike | None) -> tuple[Bool, Bool]:
    cube = np.asarray(flags)
    if cube.ndim != 3 or cube.shape[2] < 1 or cube.dtype.kind != "b":
        raise ColumnError(
            f"Flags have shape {cube.shape} of {cube.dtype}; "
            "give True or False, items by raters by at least one flag."
        )
    if coded is None:
        return cube, np.ones(cube.shape[:2], dtype=np.bool_)
    mask = np.asarray(coded)
    if mask.shape != cube.shape[:2] or mask.dtype.kind != "b":
        raise ColumnError(
            f"coded has shape {mask.shape} of {mask.dtype}; "
            f"give True or False for each of {cube.shape[0]} items by {cube.shape[1]} raters."
        )
    return cube, mask


def _per_flag(cube: Bool, mask: Bool, names: Sequence[str] | None) -> tuple[Agreement, ...]:
    labels = [f"flag_{k}" for k in range(cube.shape[2])] if names is None else list(names)
    if len(labels) != cube.shape[2]:
        raise ColumnError(f"There are {len(labels)} names for {cube.shape[2]} flags; name each.")
    given = (cube & mask[:, :, None]).sum(axis=1)
    codings = mask.sum(axis=1)
    return tuple(
        agreement(np.stack([given[:, k], codings - given[:, k]], axis=1), coding=label)
        for k, label in enumerate(labels)
    )
