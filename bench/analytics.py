"""Time the statistics on as many votes as the whole public release has, beside numpy's own floor.

Run: python bench/analytics.py [--votes 924810]. The floor is what numpy itself needs to go over the
same bytes once: one sort of the votes by question and order, and one count per question.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from studyapp.analytics import (
    Rule,
    Votes,
    agreement_by_coding,
    exclude,
    rectified_top1,
    verdicts,
)

VOTES_PER_QUESTION = 5
RATERS = 85
REPEATS = 5


@dataclass(frozen=True)
class Columns:
    question: npt.NDArray[np.int32]
    rater: npt.NDArray[np.int32]
    answer: npt.NDArray[np.int8]
    order: npt.NDArray[np.int64]
    seconds: npt.NDArray[np.float64]


def synthetic(n_votes: int, *, shuffled: bool) -> Columns:
    """Five votes of five different raters on each question; yes rates as wide as real ones."""
    rng = np.random.default_rng(0)
    n_questions = n_votes // VOTES_PER_QUESTION
    size = n_questions * VOTES_PER_QUESTION
    question = np.repeat(np.arange(n_questions, dtype=np.int32), VOTES_PER_QUESTION)
    first = rng.integers(0, RATERS, n_questions)
    rater = (first[:, None] + np.arange(VOTES_PER_QUESTION) * 7) % RATERS
    yes_rate = rng.beta(0.133, 0.918, n_questions)[question]
    answer = (rng.random(size) < yes_rate).astype(np.int8)
    answer[rng.random(size) < 0.088] = -1
    rows = rng.permutation(size) if shuffled else np.arange(size)
    return Columns(
        question=question[rows],
        rater=rater.ravel().astype(np.int32)[rows],
        answer=answer[rows],
        order=np.arange(size, dtype=np.int64),
        seconds=rng.lognormal(2, 1, size),
    )


def seconds_of(call: Callable[[], Any]) -> float:
    """Median wall time of some repeats, after one that warms up."""
    call()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def measure(columns: Columns) -> list[tuple[str, float]]:
    question, n_questions = columns.question, int(columns.question.max()) + 1

    def build() -> Votes:
        return Votes.from_columns(
            question,
            rater=columns.rater,
            answer=columns.answer,
            order=columns.order,
            seconds=columns.seconds,
        )

    votes, rule = build(), Rule()
    counts = votes.counts3()
    decided = verdicts(votes, rule=rule)
    wrong = np.zeros(n_questions, dtype=np.bool_)
    asked = np.arange(n_questions)
    return [
        ("floor: one np.lexsort", seconds_of(lambda: np.lexsort((columns.order, question)))),
        ("floor: one np.bincount", seconds_of(lambda: np.bincount(question))),
        (
            "exclude",
            seconds_of(
                lambda: exclude(
                    question,
                    rater=columns.rater,
                    order=columns.order,
                    seconds=columns.seconds,
                    window=(1, 180),
                    n=VOTES_PER_QUESTION,
                )
            ),
        ),
        ("Votes.from_columns (checks, sorts)", seconds_of(build)),
        ("verdicts", seconds_of(lambda: verdicts(votes, rule=rule))),
        ("Votes.counts3", seconds_of(votes.counts3)),
        ("agreement, four codings", seconds_of(lambda: agreement_by_coding(counts))),
        (
            "rectified_top1",
            seconds_of(lambda: rectified_top1(wrong, question=asked, verdicts=decided)),
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", type=int, default=924_810, help="number of votes")
    n_votes = parser.parse_args().votes
    for shuffled in (False, True):
        rows = measure(synthetic(n_votes, shuffled=shuffled))
        floor = rows[0][1] + rows[1][1]
        total = sum(seconds for name, seconds in rows if not name.startswith("floor"))
        title = "mixed rows" if shuffled else "rows already sorted"
        print(f"\n{n_votes:,} votes, {title}, numpy {np.__version__}, median of {REPEATS}")
        print(f"{'step':<36}{'ms':>9}{'x floor':>9}")
        for name, seconds in [*rows, ("all steps", total)]:
            print(f"{name:<36}{1000 * seconds:>9.1f}{seconds / floor:>9.2f}")


if __name__ == "__main__":
    main()
