"""How many images or answers a study needs, and what a given number can tell.

Normal approximations throughout: for planning, where the shares are guesses anyway. `deff` is the
design effect, the variance of an estimate divided by what independent answers would give.
"""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

from studyapp.analytics.errors import RuleError

#: A size is rounded up, but not for what rounding of floats adds to a whole number.
_DUST = 1e-9


def power_halfwidth(
    n_images: int, *, m: int, a: float, n: int, deff: float = 1.0, level: float = 0.95
) -> float:
    """Half-width of the interval of r1 when n of the m errors of N = n_images are asked.

    z (m / N) sqrt(a (1 - a) (deff / n - 1 / m)): a is the accepted share that is expected, and
    1 / m the finite population correction. It takes away what is left to chance by choosing
    images, not the (deff - 1) that the choice of raters adds, which asking all m leaves.
    Raises RuleError for counts or shares that cannot be.
    """
    _check_errors(n_images, m=m, a=a, deff=deff)
    if not 1 <= n <= m:
        raise RuleError(f"n={n} of m={m} errors cannot be asked; give 1 to {m}.")
    spread = math.sqrt(a * (1 - a) * max(0.0, deff / n - 1 / m))
    return _two_sided(level) * m / n_images * spread


def size_for_halfwidth(
    n_images: int, *, m: int, a: float, halfwidth: float, deff: float = 1.0, level: float = 0.95
) -> int:
    """The fewest errors to ask for an interval of r1 of at most +- `halfwidth` (a share of N).

    The inverse of `power_halfwidth`. Raises RuleError where asking all m errors is not enough,
    which happens for deff above 1 alone.
    """
    _check_errors(n_images, m=m, a=a, deff=deff)
    if not halfwidth > 0:
        raise RuleError(f"halfwidth={halfwidth} cannot be; give a share above 0.")
    wanted = (halfwidth * n_images / (m * _two_sided(level))) ** 2 / (a * (1 - a))
    size = max(1, math.ceil(deff / (wanted + 1 / m) - _DUST))
    if size > m:
        least = power_halfwidth(n_images, m=m, a=a, n=m, deff=deff, level=level)
        raise RuleError(
            f"All m={m} errors give +-{least:.4f} with deff={deff:g}, not +-{halfwidth:g}; "
            "ask more raters or accept a wider interval."
        )
    return size


def size_two_arms(
    p1: float,
    *,
    p2: float,
    power: float = 0.8,
    level: float = 0.95,
    comparisons: int = 1,
    deff: float = 1.0,
) -> int:
    """Answers needed in each of two arms to tell the shares p1 and p2 apart, two-sided.

    deff (z_alpha + z_power)^2 (p1 (1 - p1) + p2 (1 - p2)) / (p1 - p2)^2, the two variances not
    pooled; `comparisons` > 1 divides alpha = 1 - level by it (Bonferroni).
    """
    difference = _check_shares(p1, p2)
    z = _two_sided(_per_comparison(level, comparisons)) + _of_power(power)
    variance = p1 * (1 - p1) + p2 * (1 - p2)
    return math.ceil(_check_deff(deff) * z * z * variance / difference**2 - _DUST)


def size_paired(
    difference: float,
    *,
    discordant: float,
    power: float = 0.8,
    level: float = 0.95,
    comparisons: int = 1,
) -> int:
    """Images needed to tell two conditions apart that are both asked about the same images.

    For McNemar's test (Connor 1987): (z_alpha sqrt(d) + z_power sqrt(d - difference^2))^2 /
    difference^2, where d = `discordant` is the share of images with different verdicts and
    `difference` = that of one kind less that of the other, |difference| <= d.
    """
    _check_discordant(discordant)
    if not 0 < abs(difference) <= discordant:
        raise RuleError(
            f"A difference of {difference} cannot come from {discordant} discordant images; "
            "give one that is not 0 and no larger."
        )
    z = _two_sided(_per_comparison(level, comparisons))
    return math.ceil(_paired_size(difference, discordant, z, _of_power(power)) - _DUST)


def power_two_arms(
    p1: float, *, p2: float, n: int, level: float = 0.95, deff: float = 1.0
) -> float:
    """Chance 0..1 that n answers in each arm tell p1 and p2 apart: `size_two_arms` backwards.

    The chance of a significant result in the wrong direction is left out; it is tiny.
    """
    difference = _check_shares(p1, p2)
    variance = (p1 * (1 - p1) + p2 * (1 - p2)) * _check_deff(deff) / _check_n(n)
    return float(ndtr(difference / math.sqrt(variance) - _two_sided(level)))


def detectable_two_arms(
    p1: float, *, n: int, power: float = 0.8, level: float = 0.95, deff: float = 1.0
) -> float:
    """The smallest difference above p1 that n answers in each arm tell, at this power.

    The d > 0 with `size_two_arms(p1, p2=p1 + d) = n`, from a quadratic equation. Raises RuleError
    where no share up to 1 is far enough; look below p1 then, at 1 - p1.
    """
    if not 0 < p1 < 1:
        raise RuleError(f"p1={p1} cannot be; give a share between 0 and 1.")
    z = _two_sided(level) + _of_power(power)
    scale = _check_deff(deff) * z * z / _check_n(n)
    # d^2 (1 + scale) - d scale (1 - 2 p1) - 2 scale p1 (1 - p1) = 0
    half = scale * (1 - 2 * p1) / 2
    root = math.sqrt(half**2 + (1 + scale) * 2 * scale * p1 * (1 - p1))
    difference = (half + root) / (1 + scale)
    if p1 + difference > 1:
        raise RuleError(
            f"{n} answers in each arm tell no share above {p1} from it; "
            "ask more, or look for a difference below."
        )
    return difference


def detectable_paired(
    n: int, *, discordant: float, power: float = 0.8, level: float = 0.95
) -> float:
    """The smallest difference that n images in both conditions tell: `size_paired` backwards.

    n images and `discordant` as there. Raises RuleError where not even d = `discordant` is told.
    """
    _check_discordant(discordant)
    z, z_power = _two_sided(level), _of_power(power)
    n = _check_n(n)
    if _paired_size(discordant, discordant, z, z_power) > n:
        raise RuleError(
            f"{n} images with {discordant} discordant tell no difference; ask more images."
        )
    # n e^2 = (z sqrt(d) + z_power sqrt(d - e^2))^2, a quadratic equation in e.
    a = n + z_power**2
    root = math.sqrt(discordant)
    spread = math.sqrt(max(0.0, a - z * z))
    return root * (z * math.sqrt(n) + z_power * spread) / a


def _paired_size(difference: float, discordant: float, z: float, z_power: float) -> float:
    spread = math.sqrt(max(0.0, discordant - difference**2))
    return ((z * math.sqrt(discordant) + z_power * spread) / difference) ** 2


def _two_sided(level: float) -> float:
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")
    return float(ndtri((1 + level) / 2))


def _of_power(power: float) -> float:
    if not 0.5 <= power < 1:
        raise RuleError(f"power={power} is no chance to plan for; give 0.5 or more, below 1.")
    return float(ndtri(power))


def _per_comparison(level: float, comparisons: int) -> float:
    if comparisons < 1:
        raise RuleError(f"comparisons={comparisons} cannot be; give 1 or more.")
    return 1 - (1 - level) / comparisons


def _check_errors(n_images: int, *, m: int, a: float, deff: float) -> None:
    _check_deff(deff)
    if not 1 <= m <= n_images:
        raise RuleError(f"m={m} errors of {n_images} images cannot be; give 1 to {n_images}.")
    if not 0 < a < 1:
        raise RuleError(f"a={a} leaves nothing to estimate; give a share between 0 and 1.")


def _check_deff(deff: float) -> float:
    if not 1 <= deff < math.inf:
        raise RuleError(f"deff={deff} cannot be planned with; give 1 or more.")
    return deff


def _check_n(n: int) -> int:
    if n < 1:
        raise RuleError(f"n={n} cannot be; give 1 or more.")
    return n


def _check_shares(p1: float, p2: float) -> float:
    if not (0 <= p1 <= 1 and 0 <= p2 <= 1) or p1 == p2:
        raise RuleError(f"Shares of {p1} and {p2} cannot be told apart; give two between 0 and 1.")
    if p1 * (1 - p1) + p2 * (1 - p2) == 0:
        raise RuleError("Shares of 0 and 1 need no plan; one answer tells them apart.")
    return abs(p1 - p2)


def _check_discordant(discordant: float) -> None:
    if not 0 < discordant <= 1:
        raise RuleError(f"discordant={discordant} cannot be; give a share above 0, up to 1.")
