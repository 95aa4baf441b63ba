"""Agreement and Dawid-Skene beside crowd-kit, krippendorff and statsmodels on the same votes.

Votes are drawn from raters whose confusions are known, as many as the whole public release has.
Each library gets them as its own documentation does: a data frame, or counts per question. What
both compute is compared first; a difference ends the run, as a fast wrong answer is worth nothing.

Expected: Dawid-Skene is two passes over the votes; ours adds up by bincount, crowd-kit groups
a data frame, ten to thirty times as slow. The coefficients are one pass over the counts for
everybody: equal within a factor of three, but for crowd-kit's, which goes over Python lists.

    python bench/peers.py [--votes 924810] [--python-votes 20000]
"""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.append(str(Path(sys.prefix) / "peers"))

from machine import other_load
from statsmodels.stats.inter_rater import fleiss_kappa

from studyapp.analytics import Agreement, Votes, agreement, dawid_skene

RATERS = 85
PER_QUESTION = 5
REPEATS = 3
#: Of the log-likelihood, a vote: both stop when a step gains less.
TOL = 1e-9
#: Our prior, made so weak that both maximise the same likelihood.
NO_PRIOR = 1e-9


@dataclass(frozen=True)
class Drawn:
    question: npt.NDArray[np.int64]
    rater: npt.NDArray[np.int64]
    answer: npt.NDArray[np.int8]
    votes: Votes

    def frame(self, n_votes: int | None = None) -> pd.DataFrame:
        columns = {"task": self.question, "worker": self.rater, "label": self.answer}
        return pd.DataFrame(columns).iloc[:n_votes]


def draw(n_votes: int) -> Drawn:
    """Five raters on each question; 30 % are true, each rater has a hit and a false-yes rate."""
    rng = np.random.default_rng(0)
    n_questions = n_votes // PER_QUESTION
    question = np.repeat(np.arange(n_questions), PER_QUESTION)
    first = rng.integers(0, RATERS, n_questions)
    rater = ((first[:, None] + np.arange(PER_QUESTION) * 7) % RATERS).ravel()
    truth = rng.random(n_questions) < 0.3
    hit, false_yes = rng.beta(16, 4, RATERS), rng.beta(3, 17, RATERS)
    p_yes = np.where(truth[question], hit[rater], false_yes[rater])
    answer = (rng.random(question.size) < p_yes).astype(np.int8)
    votes = Votes.from_columns(
        question,
        rater=rater,
        answer=answer,
        order=np.arange(question.size),
        seconds=np.full(question.size, 2.0),
    )
    return Drawn(question, rater, answer, votes)


def timed(call: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it gives, and the least wall and processor seconds of some repeats."""
    taken = []
    for _ in range(REPEATS):
        began, spent = perf_counter(), process_time()
        result = call()
        taken.append((perf_counter() - began, process_time() - spent))
    return result, min(wall for wall, _ in taken), min(cpu for _, cpu in taken)


def row(name: str, ours: tuple[Any, float, float], theirs: tuple[Any, float, float]) -> None:
    (_, wall, cpu), (_, peer_wall, peer_cpu) = ours, theirs
    print(
        f"{name:<44}{1000 * wall:>9.1f}{1000 * cpu:>9.1f}{1000 * peer_wall:>11.1f}"
        f"{1000 * peer_cpu:>9.1f}{peer_cpu / cpu:>8.1f}"
    )


def same(name: str, ours: float, theirs: float, *, within: float) -> None:
    if not abs(ours - theirs) <= within:
        raise SystemExit(f"{name}: ours {ours!r}, theirs {theirs!r}: more than {within} apart")


def compare_dawid_skene(drawn: Drawn, crowdkit: Any) -> None:
    ours = timed(lambda: dawid_skene(drawn.votes, smooth=NO_PRIOR, tol=TOL))
    frame = drawn.frame()
    theirs = timed(lambda: crowdkit.DawidSkene(n_iter=500, tol=TOL).fit(frame))
    fit, peer = ours[0], theirs[0]
    posterior = peer.probas_.sort_index()[1].to_numpy()
    apart = float(np.abs(fit.posterior[:, 0] - posterior).max())
    same("Dawid-Skene posterior", apart, 0.0, within=1e-3)
    steps = f"{fit.objective.size} and {len(peer.loss_history_)} steps"
    row(f"Dawid-Skene: crowd-kit, {steps}", ours, theirs)


def compare_coefficients(drawn: Drawn, *, crowdkit: Any, n_python: int) -> None:
    counts = drawn.votes.counts()
    found = agreement(counts)
    ours = timed(lambda: agreement(counts))
    alpha = importlib.import_module("krippendorff").alpha
    theirs = timed(lambda: alpha(value_counts=counts, level_of_measurement="nominal"))
    same("alpha", _known(found, "krippendorff_alpha"), theirs[0], within=1e-9)
    row("all our coefficients: krippendorff's alpha", ours, theirs)
    theirs = timed(lambda: fleiss_kappa(counts))
    same("kappa", _known(found, "fleiss_kappa"), theirs[0], within=1e-9)
    row("all our coefficients: statsmodels' kappa", ours, theirs)
    part, few = drawn.frame(n_python), counts[: n_python // PER_QUESTION]
    ours = timed(lambda: agreement(few))
    theirs = timed(lambda: crowdkit.alpha_krippendorff(part))
    same("alpha", _known(ours[0], "krippendorff_alpha"), theirs[0], within=1e-9)
    row(f"the same, {len(part):,} votes: crowd-kit's alpha", ours, theirs)


def _known(found: Agreement, name: str) -> float:
    value = getattr(found, name)
    assert value is not None, name
    return float(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--votes", type=int, default=924_810)
    parser.add_argument("--python-votes", type=int, default=20_000, help="for crowd-kit's alpha")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # theirs
    aggregation = importlib.import_module("crowdkit.aggregation")
    metrics = importlib.import_module("crowdkit.metrics.data")
    drawn = draw(options.votes)
    with other_load("the whole"):
        print(f"{drawn.question.size:,} votes, least of {REPEATS}; ms; times: their CPU / ours")
        print(f"{'':<44}{'ours':>9}{'CPU':>9}{'theirs':>11}{'CPU':>9}{'times':>8}")
        compare_dawid_skene(drawn, aggregation)
        compare_coefficients(drawn, crowdkit=metrics, n_python=options.python_votes)


if __name__ == "__main__":
    main()
