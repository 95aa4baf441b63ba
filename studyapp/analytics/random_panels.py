"""What a panel drawn at random from raters known by gold questions would get right, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from studyapp.analytics.columns import Float64, Int64, frozen, id_column
from studyapp.analytics.errors import RuleError
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import LARGEST_N
from studyapp.analytics.votes import UNSURE_CODINGS, Votes


@dataclass(frozen=True, eq=False)
class RandomPanels:
    """Panels of n under k of n, a row for each k = 1..n; arrays are read-only, NaN undefined.

    n_gold_yes, n_gold_no: gold questions with at least n votes; n_left_out: those with fewer.
    accepted_yes, accepted_no: float64[n], how many of each a panel is expected to accept.
    recall: float64[n], accepted_yes / n_gold_yes. false_acceptance: float64[n], accepted_no /
    n_gold_no. precision: float64[n], accepted_yes / (accepted_yes + accepted_no), a ratio of
    the expected numbers. accuracy: float64[n], gold yes that is accepted and gold no that is not
    (rejected or undecided), over all of them. All in 0..1.
    """

    n: int
    unsure: str
    n_gold_yes: int
    n_gold_no: int
    n_left_out: int
    accepted_yes: Float64
    accepted_no: Float64

    @property
    def recall(self) -> Float64:
        """See the class."""
        return _ratio(self.accepted_yes, np.full(self.n, float(self.n_gold_yes)))

    @property
    def false_acceptance(self) -> Float64:
        """See the class."""
        return _ratio(self.accepted_no, np.full(self.n, float(self.n_gold_no)))

    @property
    def precision(self) -> Float64:
        """See the class."""
        return _ratio(self.accepted_yes, self.accepted_yes + self.accepted_no)

    @property
    def accuracy(self) -> Float64:
        """See the class."""
        n_gold = self.n_gold_yes + self.n_gold_no
        right = self.accepted_yes + self.n_gold_no - self.accepted_no
        return _ratio(right, np.full(self.n, float(n_gold)))

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, with k = 1..n as a column."""
        return payload(
            method="hypergeometric",
            n=self.n,
            unsure=self.unsure,
            n_gold_yes=self.n_gold_yes,
            n_gold_no=self.n_gold_no,
            n_left_out=self.n_left_out,
            k=list(range(1, self.n + 1)),
            accepted_yes=self.accepted_yes,
            accepted_no=self.accepted_no,
            precision=self.precision,
            false_acceptance=self.false_acceptance,
            recall=self.recall,
            accuracy=self.accuracy,
        )


def random_panels(
    votes: Votes, *, gold: npt.ArrayLike, n: int = 5, unsure: str = "missing"
) -> RandomPanels:
    """The expected verdicts of n raters drawn from those who answered each gold question.

    gold: int8[Q], 1 yes, 0 no, -1 not a gold question. With m votes on a question, y of them yes
    (unsure too under `unsure="yes"`), n of the m hold at least k yes with the hypergeometric tail
    P(X >= k), X ~ (m, y, n): the mean over all panels, with no draw. An unsure vote uses up one of
    the n, as in `Rule`, so that `missing` and `no` accept the same. Where every rater answered
    every gold question, one panel for all of them has the same expectation.
    Raises ColumnError for a bad gold column, RuleError for other options.
    """
    if isinstance(n, bool) or not 1 <= n <= LARGEST_N:
        raise RuleError(f"n={n} raters make no panel; give 1 to {LARGEST_N}.")
    if unsure not in UNSURE_CODINGS:
        raise RuleError(f"unsure={unsure!r} is unknown; use one of {', '.join(UNSURE_CODINGS)}.")
    right, _ = id_column("gold", gold, size=2, lowest=-1, length=votes.n_questions)
    table = votes.counts3().astype(np.int64)
    total = table.sum(axis=1)
    yes = table[:, 0] + (table[:, 2] if unsure == "yes" else 0)
    enough = total >= n
    is_yes, is_no = enough & (right == 1), enough & (right == 0)
    return RandomPanels(
        n=int(n),
        unsure=unsure,
        n_gold_yes=int(np.count_nonzero(is_yes)),
        n_gold_no=int(np.count_nonzero(is_no)),
        n_left_out=int(np.count_nonzero(~enough & (right >= 0))),
        accepted_yes=frozen(_accepted(total[is_yes], yes[is_yes], n)),
        accepted_no=frozen(_accepted(total[is_no], yes[is_no], n)),
    )


def _accepted(total: Int64, yes: Int64, n: int) -> Float64:
    """float64[n]: for k = 1..n the sum over questions of P(at least k yes)."""
    # Few pairs of counts differ, and each costs a tail for every k.
    pairs, times = np.unique(np.stack([total, yes], axis=1), axis=0, return_counts=True)
    return np.asarray(times @ _tails(pairs[:, :1], pairs[:, 1:], n), dtype=np.float64)


def _tails(total: Int64, yes: Int64, n: int) -> Float64:
    """float64[P, n]: P(X >= k) for k = 1..n, X yes among n drawn of total[P, 1], yes[P, 1] yes.

    Written out, since loading scipy.stats takes longer than most commands take to run.
    """
    j = np.arange(n + 1)
    logs = _log_choose(yes, j) + _log_choose(total - yes, n - j) - _log_choose(total, np.array(n))
    tails: Float64 = np.cumsum(np.exp(logs)[:, :0:-1], axis=1)[:, ::-1]
    return np.minimum(tails, 1)


def _log_choose(n: Int64, k: Int64) -> Float64:
    """log C(n, k); minus infinity where k < 0 or k > n."""
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def _ratio(part: Float64, whole: Float64) -> Float64:
    out = np.full(part.shape, np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out
