"""How many raters, and how many images, an interval needs that holds both.

The variance of a rectified error has a part from the images that were asked and one from the
raters who answered. More images do nothing for the second, more raters nothing for the first.
Normal approximations, as in `power`.
"""

from __future__ import annotations

import math

from scipy.special import ndtri

from studyapp.analytics.errors import RuleError
from studyapp.analytics.power import power_halfwidth, size_for_halfwidth

#: A size is rounded up, but not for what rounding of floats adds to a whole number.
_DUST = 1e-9


def rater_spread(se: float, *, n_images: int, m: int, raters: int) -> float:
    """Spread of a pilot's raters from `se`, the standard error of its r1 by resampling raters.

    se N / m is that of the accepted share; with R raters who share the questions evenly it falls
    as 1 / sqrt(R), so one rater's part is sqrt(R) times it. Raises RuleError for counts or a
    standard error that cannot be.
    """
    if not 1 <= m <= n_images:
        raise RuleError(f"m={m} errors of {n_images} images cannot be; give 1 to {n_images}.")
    if not 0 <= se < math.inf:
        raise RuleError(f"se={se} is no standard error; give 0 or more.")
    return se * n_images / m * math.sqrt(_check_raters(raters))


def rater_halfwidth(
    n_images: int,
    *,
    m: int,
    a: float,
    n: int,
    raters: int,
    spread: float,
    level: float = 0.95,
) -> float:
    """Half-width of the interval of r1 when n of the m errors are asked and `raters` R answer.

    z (m / N) sqrt(a (1 - a) (1 / n - 1 / m) + spread^2 / R). N = n_images, a the accepted share
    that is expected, spread the standard deviation of `rater_spread`, 0 for raters all alike.
    Raises RuleError for counts or shares that cannot be.
    """
    return power_halfwidth(
        n_images, m=m, a=a, n=n, deff=_deff(a=a, n=n, raters=raters, spread=spread), level=level
    )


def images_for_halfwidth(
    n_images: int,
    *,
    m: int,
    a: float,
    halfwidth: float,
    raters: int,
    spread: float,
    level: float = 0.95,
) -> int:
    """The fewest errors to ask for +- `halfwidth` (a share of N) with so many raters.

    Raises RuleError where the raters' part alone is wider, or asking all m is not enough.
    """
    of_raters = _check_spread(spread) ** 2 / _check_raters(raters)
    left = _left_for_images(n_images, m, halfwidth, level) - of_raters
    if left <= 0:
        least = rater_halfwidth(n_images, m=m, a=a, n=m, raters=raters, spread=spread, level=level)
        raise RuleError(
            f"{raters} raters alone make the interval +-{least:.4f} wide when all m={m} errors are "
            f"asked, not +-{halfwidth:g}; ask more raters or accept a wider interval."
        )
    z_share = math.sqrt(left) * m / n_images * _z(level)
    return size_for_halfwidth(n_images, m=m, a=a, halfwidth=z_share, level=level)


def raters_for_halfwidth(
    n_images: int,
    *,
    m: int,
    a: float,
    halfwidth: float,
    n: int,
    spread: float,
    level: float = 0.95,
) -> int:
    """The fewest raters for +- `halfwidth` (a share of N) when n of the m errors are asked.

    Raises RuleError where the images' part alone is as wide.
    """
    alone = power_halfwidth(n_images, m=m, a=a, n=n, level=level)
    left = _left_for_images(n_images, m, halfwidth, level) - a * (1 - a) * max(0.0, 1 / n - 1 / m)
    if left <= 0:
        raise RuleError(
            f"n={n} of m={m} errors give +-{alone:.4f} whoever answers, not +-{halfwidth:g}; "
            "ask more images."
        )
    return max(1, math.ceil(_check_spread(spread) ** 2 / left - _DUST))


def _left_for_images(n_images: int, m: int, halfwidth: float, level: float) -> float:
    """The variance of the accepted share that an interval of this width allows."""
    if not 1 <= m <= n_images:
        raise RuleError(f"m={m} errors of {n_images} images cannot be; give 1 to {n_images}.")
    if not halfwidth > 0:
        raise RuleError(f"halfwidth={halfwidth} cannot be; give a share above 0.")
    return (halfwidth * n_images / (m * _z(level))) ** 2


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    return float(ndtri((1 + level) / 2))


def _deff(*, a: float, n: int, raters: int, spread: float) -> float:
    """The design effect that adds spread^2 / R to a (1 - a) / n."""
    if not 0 < a < 1:
        raise RuleError(f"a={a} leaves nothing to estimate; give a share between 0 and 1.")
    return 1 + n * _check_spread(spread) ** 2 / (_check_raters(raters) * a * (1 - a))


def _check_raters(raters: int) -> int:
    if raters < 1:
        raise RuleError(f"{raters} raters cannot be; give 1 or more.")
    return raters


def _check_spread(spread: float) -> float:
    if not 0 <= spread < math.inf:
        raise RuleError(f"spread={spread} cannot be; give 0 or more.")
    return spread
