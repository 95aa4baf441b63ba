"""The linear model that stands for the network near one image."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import lars_path

from explain.attention.perturbation import Masks
from explain.attention.settings import RIDGE_ALPHA

Floats = npt.NDArray[np.float64]

# Responses closer together than this, relative to the largest, are rounding of float32.
_SAME = 8 * float(np.finfo(np.float32).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """masks bool [n, F], responses float64 [n] (probabilities), proximity float64 [n] > 0."""

    masks: Masks
    responses: Floats
    proximity: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Surrogate:
    """response = intercept + weights . z, for z in {0, 1} per superpixel.

    weights           float64 [F], change of the probability when the superpixel is seen
    intercept         of the image with everything hidden
    r2                weighted share of the responses' variance that is explained, at most 1
    local_prediction  for the whole image
    """

    weights: Floats
    intercept: float
    r2: float
    local_prediction: float


def is_constant(responses: Floats) -> bool:
    """Whether probabilities float64 [n] say nothing: they differ by rounding at most."""
    return float(np.ptp(responses)) <= _SAME * float(responses.max())


def constant(n_superpixels: int, *, response: float) -> Surrogate:
    """Of a response that no superpixel moves: weights 0, and R^2 = 0, as nothing is explained."""
    return Surrogate(
        weights=np.zeros(n_superpixels), intercept=response, r2=0.0, local_prediction=response
    )


def ridge(problems: Sequence[Problem], *, alpha: float = RIDGE_ALPHA) -> list[Surrogate]:
    """Weighted ridge over all superpixels with a free intercept, of many images at once.

    Minimises sum_i p_i (y_i - b - w . z_i)^2 + alpha |w|^2, in float64 by Cholesky. All problems
    have the same number of samples; a column that an image lacks is 0 in its samples, so its
    weight is 0 and moves no other.
    """
    widest = max(problem.masks.shape[1] for problem in problems)
    masks = torch.zeros(len(problems), len(problems[0].responses), widest, dtype=torch.float64)
    for row, problem in zip(masks, problems, strict=True):
        row[:, : problem.masks.shape[1]] = torch.from_numpy(problem.masks)
    share = torch.from_numpy(np.stack([p.proximity / p.proximity.sum() for p in problems]))
    total = torch.tensor([p.proximity.sum() for p in problems], dtype=torch.float64)
    responses = torch.from_numpy(np.stack([p.responses for p in problems]))
    centred = masks - torch.einsum("bn,bnf->bf", share, masks)[:, None]
    offset = responses - (share * responses).sum(1, keepdim=True)
    near = share * total[:, None]
    scaled = (centred * near[..., None]).mT
    gram = torch.bmm(scaled, centred) + alpha * torch.eye(widest, dtype=torch.float64)
    right = torch.bmm(scaled, offset[..., None])
    weights = torch.cholesky_solve(right, torch.linalg.cholesky(gram))[..., 0].numpy()
    return [
        _judged(problem, row[: problem.masks.shape[1]].copy())
        for problem, row in zip(problems, weights, strict=True)
    ]


def lasso_ols(problem: Problem, *, k: int) -> Surrogate:
    """At most k superpixels by the Lasso, then least squares over them (Stock and Cisse, eq. 6-7).

    The path of the Lasso over centred, sqrt(p)-weighted columns is followed back from its end to
    the first point with at most k weights; those superpixels are fitted without a penalty, all
    other weights are exactly 0.
    """
    root = np.sqrt(problem.proximity)[:, None]
    mean = np.average(problem.masks, axis=0, weights=problem.proximity)
    level = np.average(problem.responses, weights=problem.proximity)
    columns, target = (problem.masks - mean) * root, (problem.responses - level) * root[:, 0]
    with warnings.catch_warnings():
        # Where two columns are equal the path stops early; what it has so far is the answer.
        warnings.simplefilter("ignore", ConvergenceWarning)
        _, _, path = lars_path(columns, target, method="lasso")
    sizes = (path != 0).sum(axis=0)
    chosen = np.flatnonzero(path[:, np.flatnonzero(sizes <= k)[-1]])
    weights = np.zeros(problem.masks.shape[1])
    weights[chosen] = np.linalg.lstsq(columns[:, chosen], target, rcond=None)[0]
    return _judged(problem, weights)


def _judged(problem: Problem, weights: Floats) -> Surrogate:
    """Weights with the best intercept for them, and how well they fit."""
    level = float(np.average(problem.responses, weights=problem.proximity))
    intercept = level - float(np.average(problem.masks @ weights, weights=problem.proximity))
    residual = problem.responses - intercept - problem.masks @ weights
    spread = float(problem.proximity @ (problem.responses - level) ** 2)
    return Surrogate(
        weights=weights,
        intercept=intercept,
        r2=1.0 - float(problem.proximity @ residual**2) / spread,
        local_prediction=intercept + float(weights.sum()),
    )
