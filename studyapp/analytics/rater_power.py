"""How many raters, and how many images, an interval needs that holds both.

The variance of a rectified error has a part from the images that were asked, one from what single
votes leave open, and one from the habits of the raters, who each answer many questions. More
images do nothing for the last, more raters nothing for the others. Normal approximations, as in
`power`.
"""

from __future__ import annotations

import math

from scipy.special import ndtri

from studyapp.analytics.errors import RuleError
from studyapp.analytics.power import power_halfwidth, size_for_halfwidth

#: A size is rounded up, but not for what rounding of floats adds to a whole number.
_DUST = 1e-9


def rater_spread(se: float, *, n_images: int, m: int, raters: int, noise: float = 0.0) -> float:
    """Spread of a pilot's raters from `se`, the standard error of its r1 by resampling raters.

    (se N / m)^2 is the variance of the accepted share of the m errors asked. Raters drawn anew
    bring other single votes too, which is `noise` / m of it (`verdict_noise`); what is left falls
    as 1 / R with R raters who share the questions evenly. 0 where nothing is left. Raises
    RuleError for counts, a standard error or noise that cannot be.
    """
    _check_errors(n_images, m)
    if not 0 <= se < math.inf:
        raise RuleError(f"se={se} is no standard error; give 0 or more.")
    left = (se * n_images / m) ** 2 - _check_noise(noise) / m
    return math.sqrt(_check_raters(raters) * max(0.0, left))


def rater_halfwidth(
    n_images: int,
    *,
    m: int,
    a: float,
    n: int,
    raters: int,
    spread: float,
    noise: float = 0.0,
    level: float = 0.95,
) -> float:
    """Half-width of the interval of r1 when n of the m errors are asked and `raters` R answer.

    z (m / N) sqrt(a (1 - a) (1 / n - 1 / m) + noise / m + spread^2 / R). N = n_images, a the
    accepted share that is expected; spread as of `rater_spread`, 0 for raters all alike; noise as
    of `verdict_noise`, 0 for verdicts that any panel would give.
    Raises RuleError for counts or shares that cannot be.
    """
    if not 0 < a < 1:
        raise RuleError(f"a={a} leaves nothing to estimate; give a share between 0 and 1.")
    _check_errors(n_images, m)
    added = _of_raters(raters, spread) + _check_noise(noise) / m
    deff = 1 + n * added / (a * (1 - a))
    return power_halfwidth(n_images, m=m, a=a, n=n, deff=deff, level=level)


def images_for_halfwidth(
    n_images: int,
    *,
    m: int,
    a: float,
    halfwidth: float,
    raters: int,
    spread: float,
    noise: float = 0.0,
    level: float = 0.95,
) -> int:
    """The fewest errors to ask for +- `halfwidth` (a share of N) with so many raters.

    Raises RuleError where asking all m is not enough.
    """
    allowed = _allowed(n_images, m, halfwidth, level)
    left = allowed - _of_raters(raters, spread) - _check_noise(noise) / m
    if left <= 0:
        least = rater_halfwidth(
            n_images, m=m, a=a, n=m, raters=raters, spread=spread, noise=noise, level=level
        )
        raise RuleError(
            f"{raters} raters make the interval +-{least:.4f} wide when all m={m} errors are "
            f"asked, not +-{halfwidth:g}; ask more raters or accept a wider interval."
        )
    of_images = math.sqrt(left) * m / n_images * _z(level)
    return size_for_halfwidth(n_images, m=m, a=a, halfwidth=of_images, level=level)


def raters_for_halfwidth(
    n_images: int,
    *,
    m: int,
    a: float,
    halfwidth: float,
    n: int,
    spread: float,
    noise: float = 0.0,
    level: float = 0.95,
) -> int:
    """The fewest raters for +- `halfwidth` (a share of N) when n of the m errors are asked.

    Raises RuleError where it is as wide whoever answers.
    """
    alone = rater_halfwidth(n_images, m=m, a=a, n=n, raters=1, spread=0.0, noise=noise, level=level)
    of_images = a * (1 - a) * max(0.0, 1 / n - 1 / m) + noise / m
    left = _allowed(n_images, m, halfwidth, level) - of_images
    if left <= 0:
        raise RuleError(
            f"n={n} of m={m} errors give +-{alone:.4f} whoever answers, not +-{halfwidth:g}; "
            "ask more images."
        )
    return max(1, math.ceil(_of_raters(1, spread) / left - _DUST))


def _allowed(n_images: int, m: int, halfwidth: float, level: float) -> float:
    """The variance of the accepted share that an interval of this width allows."""
    _check_errors(n_images, m)
    if not halfwidth > 0:
        raise RuleError(f"halfwidth={halfwidth} cannot be; give a share above 0.")
    return (halfwidth * n_images / (m * _z(level))) ** 2


def _of_raters(raters: int, spread: float) -> float:
    if not 0 <= spread < math.inf:
        raise RuleError(f"spread={spread} cannot be; give 0 or more.")
    return spread**2 / _check_raters(raters)


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    return float(ndtri((1 + level) / 2))


def _check_errors(n_images: int, m: int) -> None:
    if not 1 <= m <= n_images:
        raise RuleError(f"m={m} errors of {n_images} images cannot be; give 1 to {n_images}.")


def _check_raters(raters: int) -> int:
    if raters < 1:
        raise RuleError(f"{raters} raters cannot be; give 1 or more.")
    return raters


def _check_noise(noise: float) -> float:
    if not 0 <= noise <= 0.25:
        raise RuleError(f"noise={noise} cannot be; give a mean of P (1 - P), 0 to 0.25.")
    return noise
