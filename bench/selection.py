"""Choose MMD prototypes and criticisms: running sums and a Cholesky row beside a direct evaluation.

The direct evaluation takes the formulas as they are printed, as the published implementation does:
at each pick it adds up the kernel rows of all that is chosen, and inverts the chosen ones' kernel.
(It is written here anew; the published one computes one more inverse that it never uses.) Both get
the same kernel matrix, and have to give the same picks in the same order. The floor is what no
method can leave out: one pass over the kernel matrix, for its means.

Expected before anything was measured, at n = 1300 and 50 + 50 picks: direct, 2 * n * 50^2 / 2 sums
for the prototypes and the criticisms' products of n * 50^3 / 3, 0.06 s; ours, n * 50 and
n * 50^2 / 2, 4 ms, of which a third is the floor. At least ten times as fast is asked for.

    python bench/selection.py [--n 1300] [--d 2048] [--picks 50] [--rounds 15]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from explain.selection.mmd import (
    KIM,
    Matrix,
    greedy_criticisms,
    greedy_prototypes,
    kernel,
    median_gamma,
    squared_distances,
)

Picks = list[int]


def features(n: int, *, d: int) -> np.ndarray:
    """Clusters, cut off at zero as activations behind a ReLU are."""
    generator = np.random.default_rng(0)
    centres = generator.standard_normal((12, d))
    rows = centres[generator.integers(0, 12, n)] + generator.standard_normal((n, d))
    return np.maximum(rows, 0).astype(np.float32)


def direct_prototypes(matrix: Matrix, *, count: int) -> Picks:
    n = len(matrix)
    mean = 2 * matrix.sum(0) / n
    chosen: Picks = []
    for _ in range(count):
        free = np.setdiff1d(np.arange(n), chosen)
        gains = mean[free]
        if chosen:
            over_chosen = 2 * matrix[chosen][:, free].sum(0) + matrix.diagonal()[free]
            gains = gains - over_chosen / (len(chosen) + 1)
        else:
            gains = gains - np.abs(matrix.diagonal()[free])
        chosen.append(int(free[gains.argmax()]))
    return chosen


def direct_criticisms(matrix: Matrix, prototypes: Picks, *, count: int) -> Picks:
    n = len(matrix)
    mean = matrix.sum(0) / n
    chosen: Picks = []
    for _ in range(count):
        free = np.setdiff1d(np.arange(n), [*prototypes, *chosen])
        gains = np.abs(mean[free] - matrix[prototypes][:, free].sum(0) / len(prototypes))
        if chosen:
            inverse = np.linalg.inv(matrix[np.ix_(chosen, chosen)])
            across = matrix[chosen][:, free]
            explained = (across * (inverse @ across)).sum(0)
            gains = gains + KIM * np.log(np.abs(matrix.diagonal()[free] - explained))
        chosen.append(int(free[gains.argmax()]))
    return chosen


def timed(run: Callable[[], object], *, rounds: int) -> tuple[float, float]:
    """Median wall and processor milliseconds."""
    wall, cpu = [], []
    for _ in range(rounds):
        start, spent = time.perf_counter(), time.process_time()
        run()
        wall.append(1000 * (time.perf_counter() - start))
        cpu.append(1000 * (time.process_time() - spent))
    return statistics.median(wall), statistics.median(cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1300)
    parser.add_argument("--d", type=int, default=2048)
    parser.add_argument("--picks", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    rows, count = features(options.n, d=options.d), options.picks
    squared = squared_distances(rows)
    matrix = kernel(squared, gamma=median_gamma(squared))

    def ours() -> tuple[Picks, Picks]:
        means = matrix.mean(0)
        typical = [row for row, _ in greedy_prototypes(matrix, means=means, count=count)]
        odd = greedy_criticisms(matrix, typical, means=means, count=count, regulariser=KIM)
        return typical, [row for row, _ in odd]

    def direct() -> tuple[Picks, Picks]:
        typical = direct_prototypes(matrix, count=count)
        return typical, direct_criticisms(matrix, typical, count=count)

    def kernel_matrix() -> None:
        found = squared_distances(rows)
        kernel(found, gamma=median_gamma(found))

    assert ours() == direct(), "the picks differ"
    print(
        f"n {options.n}, d {options.d}, {count} + {count} picks, lambda {KIM:g}: the same picks in"
        f" the same order; numpy {np.__version__}"
    )
    taken = {
        "picks, ours": timed(ours, rounds=options.rounds),
        "picks, direct": timed(direct, rounds=options.rounds),
        "floor: one pass over the kernel": timed(lambda: matrix.mean(0), rounds=options.rounds),
        "kernel and its gamma, before both": timed(kernel_matrix, rounds=options.rounds),
    }
    base = taken["picks, ours"]
    for label, (wall, cpu) in taken.items():
        print(
            f"{label:34} {wall:8.2f} ms {cpu:8.1f} CPU ms"
            f"  {wall / base[0]:6.2f} x ours ({cpu / max(base[1], 1e-9):6.2f} CPU)"
        )


if __name__ == "__main__":
    main()
