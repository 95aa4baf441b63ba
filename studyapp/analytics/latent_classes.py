"""EM over a hidden class of every question: the engine of `dawid_skene` and `one_coin`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from studyapp.analytics.columns import INT32_LIMIT, Bool, Float64
from studyapp.analytics.errors import RuleError
from studyapp.analytics.votes import COUNT_COLUMN, Votes

#: Expected answers float64[R, C, L] -> confusion float64[R, C, L] and its log prior density.
EstimateConfusion = Callable[[Float64], tuple[Float64, float]]

#: How far, for its size, rounding alone may let the objective fall.
ROUNDING = 1e-11


@dataclass(frozen=True)
class Stopping:
    """Stop when a step raises the objective by at most `tol` a vote, or after `max_iter` steps."""

    tol: float
    max_iter: int

    def __post_init__(self) -> None:
        """Refuse, with RuleError, what never stops or never starts."""
        if not 0 <= self.tol < math.inf:
            raise RuleError(f"tol={self.tol} cannot be met; give 0 or more, such as 1e-9.")
        if isinstance(self.max_iter, bool) or int(self.max_iter) != self.max_iter:
            raise RuleError(f"max_iter={self.max_iter!r} is not a whole number; give one.")
        if self.max_iter < 1:
            raise RuleError(f"max_iter={self.max_iter} makes no step; give 1 or more.")


@dataclass(frozen=True, eq=False)
class LatentFit:
    """Where EM stopped; the fields are those of `DawidSkene`, whose docstring tells them."""

    posterior: Float64
    prior: Float64
    confusion: Float64
    loglik: Float64
    objective: Float64
    converged: bool
    last_change: float


def fit_latent_classes(
    votes: Votes,
    *,
    start: Float64,
    n_labels: int,
    estimate: EstimateConfusion,
    smooth: float,
    stopping: Stopping,
) -> LatentFit:
    """EM in log space from `start`, float64[Q, C] weights of the classes (a row per question).

    A step takes the class shares (Dirichlet(1 + smooth) mode) and the confusion (`estimate`) from
    the posteriors, and then new posteriors from those. Only questions with votes enter. Raises
    RuleError unless smooth > 0, and ArithmeticError should the objective ever fall, which would
    be a fault of this module.
    """
    if not 0 < smooth < math.inf:
        raise RuleError(f"smooth={smooth} leaves log 0 to raters of few votes; give above 0.")
    voted = start.sum(axis=1) > 0
    table, turned = _tables(votes, n_labels, voted)
    # A row per class: sums over two or three classes are slow along rows of that length.
    weights = np.ascontiguousarray(start[voted].T)
    weights = weights / weights.sum(axis=0)
    shape = (start.shape[1], votes.n_raters, n_labels)
    loglik: list[float] = []
    objective: list[float] = []
    converged = False
    while not converged and len(objective) < stopping.max_iter:
        prior = _mode(weights.sum(axis=1), smooth)
        expected = np.stack([turned @ row for row in weights]).reshape(shape)
        confusion, log_density = estimate(expected.transpose(1, 0, 2))
        logs = np.ascontiguousarray(np.log(confusion).transpose(1, 0, 2)).reshape(shape[0], -1)
        scores = np.stack([table @ row for row in logs]) + np.log(prior)[:, None]
        # Relative to the likelier class, so that no question of many votes underflows to 0 / 0.
        highest = scores.max(axis=0)
        relative = np.exp(scores - highest)
        total = relative.sum(axis=0)
        before, weights = weights, relative / total
        loglik.append(float((highest + np.log(total)).sum()))
        objective.append(loglik[-1] + log_density + smooth * float(np.log(prior).sum()))
        converged = _stopped(objective, n_votes=len(votes), tol=stopping.tol)
    posterior = np.full(start.shape, np.nan)
    posterior[voted] = weights.T
    return LatentFit(
        posterior=posterior,
        prior=prior,
        confusion=confusion,
        loglik=np.array(loglik),
        objective=np.array(objective),
        converged=converged,
        last_change=float(np.abs(weights - before).max(initial=0.0)),
    )


def _mode(expected: Float64, smooth: float) -> Float64:
    raised = expected + smooth
    return np.asarray(raised / raised.sum(), dtype=np.float64)


def _tables(votes: Votes, n_labels: int, voted: Bool) -> tuple[Any, Any]:
    """A 1 where a question (of those `voted`) has the answer (rater, label), and its transpose.

    A step is then two products per class with columns that fit the processor's cache, and no
    array of V values is made in it.
    """
    shape = (int(np.count_nonzero(voted)), votes.n_raters * n_labels)
    # Half the memory to read in every product, and 32 bits hold any table that fits a machine.
    narrow = np.int32 if max(*shape, len(votes)) < INT32_LIMIT else np.int64
    column = votes.rater.astype(narrow) * n_labels + COUNT_COLUMN[votes.answer].astype(narrow)
    row = (np.cumsum(voted) - 1).astype(narrow)[votes.question]
    table = sparse.csr_array((np.ones(len(votes)), (row, column)), shape=shape)
    return table, table.T


def _stopped(objective: list[float], *, n_votes: int, tol: float) -> bool:
    if len(objective) < 2:
        return False
    rise = objective[-1] - objective[-2]
    if not rise >= -ROUNDING * (1 + abs(objective[-1])):
        raise ArithmeticError(
            f"The objective of EM fell from {objective[-2]!r} to {objective[-1]!r} in step "
            f"{len(objective)}, which it never may; please report it with the votes."
        )
    return rise <= tol * max(1, n_votes)
