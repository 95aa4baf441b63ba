"""Dawid-Skene: what the answers say once each rater's habits are estimated with them.

A secondary view, never a headline: on real votes it accepts more than twice what 4 of 5 does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studyapp.analytics.columns import Float64, frozen
from studyapp.analytics.errors import RuleError
from studyapp.analytics.latent_classes import LatentFit, Stopping, fit_latent_classes
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.votes import Votes

#: The answers in the order of the columns of `Votes.counts3`, and of every table here.
LABELS = ("yes", "no", "unsure")


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """The fitted model; every array is read-only. Classes are yes, no and, of three, unsure.

    posterior: float64[Q, C], the probability of each class given the votes, rows add up to 1;
    NaN for a question without votes.
    prior: float64[C], the estimated share of each class among the questions with votes.
    confusion: float64[R, C, L], [r, c, l] = the probability that rater r answers label l when the
    class is c, rows add up to 1; of a rater without votes, what the smoothing alone says.
    loglik: float64[I], after each step the log-likelihood of the votes with the hidden classes
    summed out. It may fall. objective: float64[I], loglik + the log prior density that
    the smoothing is, up to its constant: what the steps climb, so it never falls.
    converged: whether the last step raised the objective by at most `tol` a vote.
    last_change: the largest change of a posterior in the last step.
    """

    method: str
    labels: tuple[str, ...]
    n_votes: int
    n_without_votes: int
    smooth: float
    tol: float
    posterior: Float64
    prior: Float64
    confusion: Float64
    loglik: Float64
    objective: Float64
    converged: bool
    last_change: float

    @property
    def n_yes(self) -> int:
        """Questions whose posterior of yes is above one half."""
        return int(np.count_nonzero(self.posterior[:, 0] > 0.5))

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, n_questions, n_raters, n_yes and the number of steps."""
        return payload(
            method=self.method,
            labels=self.labels,
            classes=LABELS[: self.prior.size],
            n_questions=self.posterior.shape[0],
            n_raters=self.confusion.shape[0],
            n_votes=self.n_votes,
            n_without_votes=self.n_without_votes,
            n_yes=self.n_yes,
            smooth=self.smooth,
            tol=self.tol,
            n_steps=self.objective.size,
            converged=self.converged,
            last_change=self.last_change,
            loglik=self.loglik,
            objective=self.objective,
            prior=self.prior,
            confusion=self.confusion,
            posterior=self.posterior,
        )


def dawid_skene(
    votes: Votes,
    *,
    classes: int = 2,
    smooth: float = 1.0,
    tol: float = 1e-9,
    max_iter: int = 500,
) -> DawidSkene:
    """Fit the model of Dawid and Skene (1979) to yes, no and unsure answers (L = 3 labels).

    classes: 2 (yes, no; unsure is an answer and never a truth) or 3 (unsure is a class too).
    smooth: s > 0, added to every expected count: a Dirichlet(1 + s) prior on each row of the
    confusion and on the class shares, whose mode the M step takes.
    The first posteriors are the shares of the votes, of two classes with an unsure vote split
    evenly, so class 0 is what yes votes point at. EM stops when the objective rises by at most
    `tol` a vote, or after `max_iter` steps (`converged` is then False).
    Raises RuleError for other options.
    """
    if classes not in (2, 3):
        raise RuleError(f"classes={classes!r} is unknown; use 2 (yes, no) or 3 (and unsure).")
    counts = votes.counts3().astype(np.float64)
    start = counts[:, :classes] + (counts[:, 2:] / 2 if classes == 2 else 0)

    def estimate(expected: Float64) -> tuple[Float64, float]:
        raised = expected + smooth
        confusion = raised / raised.sum(axis=2, keepdims=True)
        return confusion, smooth * float(np.log(confusion).sum())

    stopping = Stopping(tol=tol, max_iter=max_iter)
    fit = fit_latent_classes(
        votes, start=start, n_labels=3, estimate=estimate, smooth=smooth, stopping=stopping
    )
    return _result(fit, "dawid_skene", votes, labels=LABELS, smooth=smooth, tol=tol)


def one_coin(
    votes: Votes, *, smooth: float = 1.0, tol: float = 1e-9, max_iter: int = 500
) -> DawidSkene:
    """The same with one number a rater: right with probability p whichever the class (L = 2).

    Unsure votes are left out. p has a Beta(1 + s, 1 + s) prior, so p = (expected right + s) /
    (votes + 2 s); confusion[r] is [[p, 1 - p], [1 - p, p]]. The rest as in `dawid_skene`.
    """
    decided = votes.valid(votes.answer >= 0)
    start = decided.counts().astype(np.float64)

    def estimate(expected: Float64) -> tuple[Float64, float]:
        right = expected[:, 0, 0] + expected[:, 1, 1] + smooth
        share = right / (expected.sum(axis=(1, 2)) + 2 * smooth)
        confusion = np.stack([share, 1 - share, 1 - share, share], axis=1).reshape(-1, 2, 2)
        return confusion, smooth * float((np.log(share) + np.log1p(-share)).sum())

    stopping = Stopping(tol=tol, max_iter=max_iter)
    fit = fit_latent_classes(
        decided, start=start, n_labels=2, estimate=estimate, smooth=smooth, stopping=stopping
    )
    return _result(fit, "one_coin", decided, labels=LABELS[:2], smooth=smooth, tol=tol)


def _result(
    fit: LatentFit,
    method: str,
    votes: Votes,
    *,
    labels: tuple[str, ...],
    smooth: float,
    tol: float,
) -> DawidSkene:
    return DawidSkene(
        method=method,
        labels=labels,
        n_votes=len(votes),
        n_without_votes=int(np.count_nonzero(np.isnan(fit.posterior[:, 0]))),
        smooth=float(smooth),
        tol=float(tol),
        posterior=frozen(fit.posterior),
        prior=frozen(fit.prior),
        confusion=frozen(fit.confusion),
        loglik=frozen(fit.loglik),
        objective=frozen(fit.objective),
        converged=fit.converged,
        last_change=fit.last_change,
    )
