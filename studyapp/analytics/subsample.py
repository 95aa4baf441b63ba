"""The rectified error where a random sample of a model's errors was asked, and not all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from studyapp.analytics.columns import (
    Bool,
    Float64,
    Int32,
    id_column,
    integer_column,
    number_column,
)
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.finite_population import hypergeometric_ends
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.verdicts import Verdict

#: Fewer sampled errors than this in a stratum make its variance a guess.
STRATUM_FLOOR = 30


@dataclass(frozen=True)
class Estimate:
    """The rectified top-1 error r1 of `n_images` fixed images, estimated from a sample of errors.

    n_errors: m, all errors. n_sampled: n, those drawn at random and asked; n_accepted and
    n_undecided of them (undecided ones stay errors). accepted_share: the estimate a of the share
    of all m that people accept. rectified_top1_error: m (1 - a) / n_images; a fraction, as se, low
    and high, which are about the other errors of these images alone: no sampling of images and no
    other raters are in them.
    effective_n: how many errors a simple sample with replacement would need for the same variance;
    None where nothing varies. rho: correlation of proxy and acceptance in the sample, None without
    a proxy. saving: 1 - variance / variance of a simple sample of n, negative for a design that
    costs precision; None where that variance is zero. smallest_stratum: its sampled errors, None
    without strata; below STRATUM_FLOOR the interval is rough.
    """

    n_images: int
    n_errors: int
    n_sampled: int
    n_accepted: int
    n_undecided: int
    accepted_share: float
    rectified_top1_error: float
    se: float
    low: float
    high: float
    level: float
    method: str
    effective_n: float | None
    rho: float | None
    saving: float | None
    smallest_stratum: int | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(**{name: getattr(self, name) for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class _Share:
    """An estimate of the accepted share, its variance, and what is said of the design."""

    value: float
    variance: float
    method: str
    rho: float | None = None
    smallest: int | None = None


def subsample_estimate(
    n_images: int,
    *,
    n_errors: int,
    verdict: npt.ArrayLike,
    stratum: npt.ArrayLike | None = None,
    stratum_sizes: npt.ArrayLike | None = None,
    proxy_sampled: npt.ArrayLike | None = None,
    proxy_all: npt.ArrayLike | None = None,
    exact: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Estimate r1 from the verdicts int8[n] (codes of `Verdict`) of n of the m = n_errors errors.

    Simple: a is the accepted share of the sample; variance s^2 / n (1 - n / m).
    Stratified: `stratum` int32[n] of every sampled error, drawn at random inside each stratum, and
    `stratum_sizes` int64[H], the errors of each, which sum to m; a = sum of W_h a_h (Cochran 1977).
    Prediction-powered: `proxy_sampled` float64[n] and `proxy_all` float64[m] (the sampled ones
    too), any score made without the sampled verdicts; a = mean(y) + L (mean proxy_all - mean
    proxy_sampled) with the L that leaves least variance, cov / var, in the sample (Angelopoulos,
    Duchi and Zrnic 2023, for a finite population the regression estimator).
    Interval: Wilson's at the effective sample size a (1 - a) / variance; `exact=True` (simple
    samples alone) inverts the hypergeometric tails, never too short.
    Raises ColumnError for other shapes, RuleError for designs that contradict themselves.
    """
    code = _verdict_column(verdict, n_images=n_images, n_errors=n_errors)
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    strata, proxies = (stratum, stratum_sizes), (proxy_sampled, proxy_all)
    for names, given in (
        ("stratum and stratum_sizes", strata),
        ("proxy_sampled and proxy_all", proxies),
    ):
        if (given[0] is None) != (given[1] is None):
            raise RuleError(f"Of {names} one is missing; give both or neither.")
    designs = [name for name, on in (("strata", stratum), ("proxies", proxy_all)) if on is not None]
    if len(designs) + exact > 1:
        raise RuleError("Strata, proxies and exact cannot be combined; choose one.")
    yes = code == Verdict.ACCEPTED
    simple = _simple(yes, n_errors)
    share = simple
    if stratum is not None and stratum_sizes is not None:
        share = _stratified(yes, n_errors, stratum=stratum, stratum_sizes=stratum_sizes)
    elif proxy_sampled is not None and proxy_all is not None:
        share = _prediction_powered(
            yes.astype(np.float64),
            sampled=number_column("proxy_sampled", proxy_sampled, length=yes.size),
            everywhere=number_column("proxy_all", proxy_all, length=n_errors),
        )
    k = int(np.count_nonzero(yes))
    effective = share.value * (1 - share.value) / share.variance if share.variance > 0 else None
    if exact:
        low, high = hypergeometric_ends(k, n=yes.size, population=n_errors, level=level)
        method = "simple, hypergeometric"
    else:
        low, high = _wilson(share.value, _wilson_n(share, yes.size, n_errors), level=level)
        method = f"{share.method}, wilson at the effective sample size"
    scale = n_errors / n_images
    return Estimate(
        n_images=n_images,
        n_errors=n_errors,
        n_sampled=yes.size,
        n_accepted=k,
        n_undecided=int(np.count_nonzero(code == Verdict.UNDECIDED)),
        accepted_share=share.value,
        rectified_top1_error=scale * (1 - share.value),
        se=scale * math.sqrt(share.variance),
        low=scale * (1 - high),
        high=scale * (1 - low),
        level=float(level),
        method=method,
        effective_n=effective,
        rho=share.rho,
        saving=1 - share.variance / simple.variance if simple.variance > 0 else None,
        smallest_stratum=share.smallest,
    )


def _verdict_column(
    verdict: npt.ArrayLike, *, n_images: int, n_errors: int
) -> npt.NDArray[np.int64]:
    code = integer_column("verdict", verdict)
    if not 0 < n_errors <= n_images:
        raise RuleError(f"{n_errors} errors of {n_images} images cannot be; give 1 to {n_images}.")
    if not 2 <= code.size <= n_errors:
        raise ColumnError(
            f"{code.size} verdicts are no sample of {n_errors} errors; give 2 to {n_errors}."
        )
    unknown = (code < Verdict.UNDECIDED) | (code > Verdict.ACCEPTED)
    if unknown.any():
        row = int(unknown.argmax())
        raise ColumnError(
            f"Row {row} of column verdict holds {code[row]}; use 1 accepted, 0 rejected, "
            "-1 undecided."
        )
    return code


def _simple(yes: Bool, population: int) -> _Share:
    variance = float(yes.var(ddof=1)) / yes.size * (1 - yes.size / population)
    return _Share(value=float(yes.mean()), variance=variance, method="simple")


def _stratified(
    yes: Bool, population: int, *, stratum: npt.ArrayLike, stratum_sizes: npt.ArrayLike
) -> _Share:
    sizes = integer_column("stratum_sizes", stratum_sizes)
    ids: Int32 = id_column("stratum", stratum, size=sizes.size, length=yes.size)[0]
    drawn = np.bincount(ids, minlength=sizes.size)
    if (sizes < 0).any() or sizes.sum() != population:
        raise ColumnError(
            f"Column stratum_sizes sums to {sizes.sum()}; give the errors of each stratum, "
            f"{population} in all."
        )
    # A variance needs two, unless the stratum was asked whole.
    bad = (drawn > sizes) | ((drawn < 2) & (drawn < sizes))
    if bad.any():
        h = int(bad.argmax())
        raise ColumnError(
            f"Stratum {h} has {drawn[h]} sampled of {sizes[h]} errors; sample two or more of each, "
            "or merge it with another."
        )
    used = drawn > 0
    n, size = drawn[used], sizes[used]
    share = np.bincount(ids, weights=yes, minlength=sizes.size)[used] / n
    weight = size / population
    spread = share * (1 - share) / np.maximum(n - 1, 1) * (1 - n / size)
    return _Share(
        value=float(weight @ share),
        variance=float(weight**2 @ spread),
        method="stratified",
        smallest=int(n.min()),
    )


def _prediction_powered(yes: Float64, *, sampled: Float64, everywhere: Float64) -> _Share:
    n = yes.size
    if n < 3:
        raise ColumnError(f"{n} verdicts cannot tune a proxy; give at least three.")
    spread = float(sampled.var(ddof=1))
    slope = float(np.cov(yes, sampled)[0, 1]) / spread if spread > 0 else 0.0
    left = yes - slope * sampled
    # n - 2: a mean and the slope were estimated.
    variance = float(((left - left.mean()) ** 2).sum()) / (n - 2) / n * (1 - n / everywhere.size)
    own = float(yes.std(ddof=1))
    value = float(yes.mean()) + slope * float(everywhere.mean() - sampled.mean())
    return _Share(
        value=min(1.0, max(0.0, value)),
        variance=variance,
        method="prediction-powered",
        rho=slope * math.sqrt(spread) / own if own > 0 and spread > 0 else 0.0,
    )


def _wilson_n(share: _Share, n: int, population: int) -> float:
    """The n of Wilson's interval: the effective one, or a simple draw's where nothing varied."""
    if n == population:
        return math.inf
    if share.variance > 0 and 0 < share.value < 1:
        return share.value * (1 - share.value) / share.variance
    return n * (population - 1) / (population - n)


def _wilson(share: float, n: float, *, level: float) -> tuple[float, float]:
    squared = float(ndtri((1 + level) / 2)) ** 2 / n
    centre = (share + squared / 2) / (1 + squared)
    half = math.sqrt(squared * share * (1 - share) + squared**2 / 4) / (1 + squared)
    # As in proportion_ci: the ends never cut off the share itself.
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))
