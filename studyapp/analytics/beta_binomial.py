"""How much questions differ: a beta-binomial fit of the yes counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, comb, gammaln

from studyapp.analytics.columns import Float64, Int64, frozen, integer_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload

_SAME = "every vote gives the same answer, so how questions differ cannot be told"
_NO_SPREAD = "questions differ no more than by chance: alpha and beta grow without end"
_ALL_OR_NOTHING = "every question is unanimous: alpha and beta shrink to nothing"

#: Fits are searched within these logits of the mean and of icc, some 1e-9 from either end.
_LIMIT = 20.0


@dataclass(frozen=True, eq=False)
class BetaBinomial:
    """Questions have yes rates drawn from Beta(alpha, beta), and each vote is yes at that rate.

    hist: int64[n + 1], questions with j yes of n; n_questions: their sum. mean: share of yes.
    icc = 1 / (alpha + beta + 1): correlation of two votes on a question, 0..1; None if undefined.
    alpha, beta: by maximum likelihood; None at a boundary, where `note` says which: no spread
    (icc 0), all questions unanimous (icc 1), or every vote the same (icc None).
    log_likelihood: of the histogram, with the orders of votes not told apart.
    fitted: float64[n + 1], expected questions with j yes; hist itself where icc is None.
    Raters are taken to be alike and to answer on their own.
    """

    hist: Int64
    n_questions: int
    mean: float
    alpha: float | None
    beta: float | None
    icc: float | None
    log_likelihood: float
    fitted: Float64
    note: str | None

    @property
    def n(self) -> int:
        """Votes per question."""
        return self.hist.size - 1

    def accepted_share(self, k: int) -> float:
        """Chance that a new question gets at least k yes of n, under the fit."""
        return float(self.fitted[self._known(k) :].sum() / self.n_questions)

    def same_verdict(self, k: int) -> float:
        """Chance that two panels of n give a question the same verdict under k of n.

        Two panels share the question and its yes rate and nothing else: with P(theta) the chance
        of k yes or more, it is the mean of P^2 + (1 - P)^2 over questions.
        """
        accepted = self.accepted_share(k)
        return 1 - 2 * accepted + 2 * self._accepted_twice(k)

    def verdict_kappa(self, k: int) -> float | None:
        """`same_verdict` corrected for chance; None where all verdicts are the same."""
        share = self.accepted_share(k)
        by_chance = share**2 + (1 - share) ** 2
        if min(share, 1 - share) <= 0:
            return None
        return (self.same_verdict(k) - by_chance) / (1 - by_chance)

    def true_share(self, k: int) -> float:
        """Share of questions whose own yes rate is at least k / n (not that of their n votes)."""
        threshold = self._known(k) / self.n
        if self.alpha is not None and self.beta is not None:
            return float(1 - betainc(self.alpha, self.beta, threshold))
        # No spread: all questions have the mean as their rate. Otherwise a rate is 0 or 1.
        return float(self.mean >= threshold) if self.icc == 0 else self.mean

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, and for k = 1..n (in order) what depends on k."""
        ks = range(1, self.n + 1)
        return payload(
            method="beta-binomial, maximum likelihood",
            n=self.n,
            n_questions=self.n_questions,
            hist=self.hist,
            mean=self.mean,
            alpha=self.alpha,
            beta=self.beta,
            icc=self.icc,
            log_likelihood=self.log_likelihood,
            fitted=self.fitted,
            note=self.note,
            accepted_share=[self.accepted_share(k) for k in ks],
            same_verdict=[self.same_verdict(k) for k in ks],
            verdict_kappa=[self.verdict_kappa(k) for k in ks],
            true_share=[self.true_share(k) for k in ks],
        )

    def _accepted_twice(self, k: int) -> float:
        if self.alpha is None or self.beta is None:
            once = self.accepted_share(k)
            return once**2 if self.icc == 0 else once
        return _twice(self.n, k, self.alpha, self.beta)

    def _known(self, k: int) -> int:
        if not 1 <= k <= self.n:
            raise RuleError(f"{k} yes of {self.n} votes (k of n) cannot be; give 1 to {self.n}.")
        return k


def fit_beta_binomial(hist: npt.ArrayLike) -> BetaBinomial:
    """Fit the yes counts of questions that all have the same n >= 2 votes.

    hist: int[n + 1], questions with j yes of n (`by_yes` of a `Rectified` is one). It must not
    come from votes that stopped early. Maximum likelihood over the mean and icc; with it go the
    share a threshold accepts and the share it should accept, which are not the same (Engstrom et
    al. 2020). Raises ColumnError for other shapes, negative numbers, or no question at all.
    """
    counts = integer_column("hist", np.asarray(hist))
    n, total = counts.size - 1, int(counts.sum())
    if n < 2 or (counts < 0).any() or total == 0:
        raise ColumnError(
            "Column hist must give the number of questions, not all 0, for 0 to n yes of n votes, "
            "n being 2 or more."
        )
    yes = np.arange(n + 1)
    mean = float(counts @ yes / (n * total))
    unanimous = counts[0] + counts[n] == total
    if mean in (0.0, 1.0):
        return _result(counts, mean, icc=None, note=_SAME)
    if unanimous:
        return _result(counts, mean, icc=1.0, note=_ALL_OR_NOTHING)
    if _slope_at_no_spread(counts, mean) <= 0:
        return _result(counts, mean, icc=0.0, note=_NO_SPREAD)
    alpha, beta = _search(counts, mean)
    return _result(counts, mean, icc=1 / (alpha + beta + 1), alpha=alpha, beta=beta)


def expected_by_yes(mean: float, *, icc: float, n: int) -> Float64:
    """float64[n + 1], the share of questions expected to get 0..n yes of n votes; they add up to 1.

    mean: chance that a vote is yes. icc: correlation of two votes on a question, 0 (all questions
    alike) to 1 (all unanimous), as of a fit. Raises RuleError for others, or n below 1.
    """
    if not (0 <= mean <= 1 and 0 <= icc <= 1) or n < 1:
        raise RuleError(
            f"A yes rate of {mean}, icc={icc} and n={n} cannot be planned with; "
            "give shares from 0 to 1 and n of 1 or more."
        )
    yes = np.arange(n + 1)
    if mean in (0.0, 1.0) or icc == 1:
        shares = np.zeros(n + 1)
        shares[0], shares[n] = 1 - mean, mean
    elif icc == 0:
        shares = comb(n, yes) * mean**yes * (1 - mean) ** (n - yes)
    else:
        size = 1 / icc - 1
        shares = np.exp(_log_pmf(n, mean * size, (1 - mean) * size))
    return frozen(np.asarray(shares / shares.sum(), dtype=np.float64))


def verdict_noise(mean: float, *, icc: float, n: int, k: int) -> float:
    """What single votes leave open of a verdict: the mean over questions of P (1 - P), 0..0.25.

    P is the chance that n votes on a question accept it under k of n; mean and icc as in
    `expected_by_yes`. Two panels that share nothing but the questions disagree on one with twice
    this chance. 0 where all questions are unanimous. Raises RuleError for what cannot be.
    """
    if not 1 <= k <= n:
        raise RuleError(f"{k} yes of {n} votes (k of n) cannot be; give 1 to {n}.")
    accepted = float(expected_by_yes(mean, icc=icc, n=n)[k:].sum())
    if mean in (0.0, 1.0) or icc == 1:
        return 0.0
    if icc == 0:
        return accepted * (1 - accepted)
    size = 1 / icc - 1
    return max(0.0, accepted - _twice(n, k, mean * size, (1 - mean) * size))


def _twice(n: int, k: int, alpha: float, beta: float) -> float:
    """Chance that two panels of n that share a question and nothing else both accept it."""
    yes = np.arange(k, n + 1)
    both = yes[:, None] + yes
    ways = comb(n, yes)
    rate = betaln(alpha + both, beta + 2 * n - both)
    mean = np.exp(rate - betaln(alpha, beta))
    return float(ways @ mean @ ways)


def _slope_at_no_spread(counts: Int64, mean: float) -> float:
    """Slope of the log-likelihood in icc at 0, up to a positive factor (Tarone 1979)."""
    n = counts.size - 1
    yes = np.arange(n + 1)
    excess = (yes - n * mean) ** 2 - (1 - 2 * mean) * (yes - n * mean)
    return float(counts @ (excess - n * mean * (1 - mean)))


def _search(counts: Int64, mean: float) -> tuple[float, float]:
    """alpha and beta; started from several icc, for there may be a flat stretch between."""
    # Only who fits pays for scipy.optimize: every command loads this module.
    from scipy.optimize import minimize

    n_questions = int(counts.sum())

    def loss(point: Float64) -> float:
        return -_log_likelihood(counts, *_shapes(point)) / n_questions

    start = math.log(mean / (1 - mean))
    found = [
        minimize(
            loss,
            x0=(start, logit),
            method="Nelder-Mead",
            bounds=[(-_LIMIT, _LIMIT)] * 2,
            options={"xatol": 1e-9, "fatol": 1e-14, "maxiter": 2000},
        )
        for logit in (-3.0, 0.0)
    ]
    return _shapes(min(found, key=lambda result: float(result.fun)).x)


def _shapes(point: Float64) -> tuple[float, float]:
    mean, icc = (1 / (1 + math.exp(-float(logit))) for logit in point)
    size = 1 / icc - 1
    return mean * size, (1 - mean) * size


def _log_likelihood(counts: Int64, alpha: float, beta: float) -> float:
    return float(counts @ _log_pmf(counts.size - 1, alpha, beta))


def _log_pmf(n: int, alpha: float, beta: float) -> Float64:
    yes = np.arange(n + 1)
    ways = gammaln(n + 1) - gammaln(yes + 1) - gammaln(n - yes + 1)
    pmf = ways + betaln(alpha + yes, beta + n - yes) - betaln(alpha, beta)
    return np.asarray(pmf, dtype=np.float64)


def _result(
    counts: Int64,
    mean: float,
    *,
    icc: float | None,
    alpha: float | None = None,
    beta: float | None = None,
    note: str | None = None,
) -> BetaBinomial:
    n, yes = counts.size - 1, np.arange(counts.size)
    if alpha is not None and beta is not None:
        pmf = np.exp(_log_pmf(n, alpha, beta))
    elif icc == 0:
        pmf = comb(n, yes) * mean**yes * (1 - mean) ** (n - yes)
    else:
        pmf = counts / counts.sum()
    seen = counts > 0
    return BetaBinomial(
        hist=frozen(counts),
        n_questions=int(counts.sum()),
        mean=mean,
        alpha=alpha,
        beta=beta,
        icc=icc,
        log_likelihood=float(counts[seen] @ np.log(pmf[seen])),
        fitted=frozen(pmf * counts.sum()),
        note=note,
    )
