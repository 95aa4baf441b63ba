"""MMD-critic (Kim et al. 2016): prototypes that stand for a distribution, criticisms they miss."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explain.errors import ParameterError
from explain.selection.sets import Candidates, Choice, Pick
from explain.types import K

STOCK = 1e-5
"""Weight of the criticisms' regulariser that Stock and Cisse give (section 3.3)."""

KIM = 1.0
"""The same in Kim et al. and their published code, which has no weight at all."""

# What is left of an image's variance given the chosen ones, below which it is a copy of one.
_COPY = 1e-10

Matrix = npt.NDArray[np.float64]  # or a row of one
Picks = list[tuple[int, float]]


def choose(
    candidates: Candidates[K],
    *,
    prototypes: int,
    criticisms: int,
    regulariser: float = STOCK,
    gamma: float | None = None,
) -> Choice[K]:
    """Greedy MMD-critic on features of one class; nothing is drawn, ties go to the first image.

    regulariser  weight of log det K_CC among criticisms: `STOCK`, `KIM`, any other, or 0 for none
    gamma        of the kernel exp(-gamma d^2); None for 1 / median squared distance

    Raises ParameterError if there are fewer images than are asked for, or the features do not
    tell them apart.
    """
    candidates.require(prototypes + criticisms)
    if not (np.isfinite(regulariser) and regulariser >= 0):
        raise ParameterError(
            "must not be negative", item=f"regulariser = {regulariser}", remedy="Use 1e-5, 1 or 0"
        )
    features = candidates.column("features", method="mmd")
    squared = squared_distances(features)
    if gamma is None:
        gamma = median_gamma(squared)
    matrix = kernel(squared, gamma=gamma)
    means = matrix.mean(0)
    typical = greedy_prototypes(matrix, means=means, count=prototypes)
    chosen = [row for row, _ in typical]
    odd = greedy_criticisms(matrix, chosen, means=means, count=criticisms, regulariser=regulariser)
    return Choice(
        prototypes=[
            Pick(key=candidates.keys[row], strict=True, scores={"gain": gain})
            for row, gain in typical
        ],
        criticisms=[
            Pick(key=candidates.keys[row], strict=bool(np.isfinite(gain)), scores={"gain": gain})
            for row, gain in odd
        ],
        parameters={"regulariser": regulariser, "gamma": gamma},
    )


def squared_distances(features: npt.NDArray[np.floating]) -> Matrix:
    """float [N, D] -> float64 [N, N], squared Euclidean; the diagonal is exactly 0."""
    centred = features.astype(np.float64)
    centred -= centred.mean(0)  # far from the origin the products below lose what they differ by
    lengths = np.square(centred).sum(1)
    squared: Matrix = centred @ centred.T
    squared *= -2
    squared += lengths[:, None]
    squared += lengths
    np.maximum(squared, 0, out=squared)
    np.fill_diagonal(squared, 0)
    return squared


def median_gamma(squared: Matrix) -> float:
    """1 / median of the squared distances float64 [N, N] over distinct pairs.

    Raises ParameterError where it is zero: more than half of the pairs are the same image.
    """
    pairs = squared[np.triu_indices(len(squared), k=1)]
    median = float(np.median(pairs, overwrite_input=True)) if len(pairs) else 0.0
    if not median > 0:
        raise ParameterError(
            f"the features of {len(squared)} images do not tell them apart",
            item="mmd",
            remedy="Leave out images that are there twice, or give gamma",
        )
    return 1 / median


def kernel(squared: Matrix, *, gamma: float) -> Matrix:
    """exp(-gamma d^2): float64 [N, N] -> float64 [N, N], in place."""
    if not (np.isfinite(gamma) and gamma > 0):
        raise ParameterError(
            "must be a positive number", item=f"gamma = {gamma}", remedy="Leave it out"
        )
    squared *= -gamma
    return np.exp(squared, out=squared)


def greedy_prototypes(matrix: Matrix, *, means: Matrix, count: int) -> Picks:
    """Rows of a kernel matrix that maximise J_b (eq. 3) one after another, each with its gain.

    `means` are those of its columns, float64 [N].

    The gain of x, 2 mean_i k(i, x) - (2 sum_(j in S) k(j, x) + k(x, x)) / (|S| + 1), ranks as J_b
    of S with x does. The sum over S is carried on from pick to pick: O(N) each.
    """
    twice_mean, diagonal = 2 * means, matrix.diagonal().copy()
    over_chosen = np.zeros(len(matrix))
    free = np.ones(len(matrix), dtype=np.bool_)
    picks: Picks = []
    for taken in range(count):
        gains = twice_mean - (2 * over_chosen + diagonal) / (taken + 1)
        best = _best(gains, free)
        picks.append((best, float(gains[best])))
        free[best] = False
        over_chosen += matrix[best]
    return picks


def greedy_criticisms(
    matrix: Matrix, prototypes: list[int], *, means: Matrix, count: int, regulariser: float
) -> Picks:
    """Rows where data and prototypes differ most, and that differ from each other.

    The gain of x is |mean_i k(i, x) - mean_(j in P) k(j, x)| plus `regulariser` times what x adds
    to log det K_CC: the logarithm of k(x, x) - k_xC K_CC^-1 k_Cx. That residual is carried on by
    one row of a Cholesky factor per pick: O(N |C|) each, and no inverse. A copy of a chosen image
    adds minus infinity, and is taken only when nothing else is left; its gain says so.
    """
    typical = matrix[prototypes].mean(0) if prototypes else 0.0
    witness = np.abs(means - typical)
    residual = matrix.diagonal().copy()
    factor = np.zeros((count, len(matrix)))
    free = np.ones(len(matrix), dtype=np.bool_)
    free[prototypes] = False
    picks: Picks = []
    for taken in range(count):
        gains = witness
        if regulariser:
            with np.errstate(divide="ignore"):
                gains = witness + regulariser * np.log(np.where(residual > _COPY, residual, 0))
        best = _best(gains if np.isfinite(gains[free]).any() else witness, free)
        picks.append((best, float(gains[best])))
        free[best] = False
        if residual[best] > _COPY:
            row = factor[taken]
            row[:] = matrix[best] - factor[:taken, best] @ factor[:taken]
            row /= np.sqrt(residual[best])
            residual -= np.square(row)
    return picks


def _best(gains: Matrix, free: npt.NDArray[np.bool_]) -> int:
    """The first of the highest among those that are free."""
    return int(np.where(free, gains, -np.inf).argmax())
