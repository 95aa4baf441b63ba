from __future__ import annotations

import numpy as np
import pytest
import torch

from demo.fit import Schedule, classify, fit
from demo.network import INPUT_SIZE, ToyNetwork
from demo.training_set import Labels, Pixels

SIDE = INPUT_SIZE + 16


def colours() -> tuple[Pixels, Labels]:
    """Return 128 noisy pictures of two classes: red ones and blue ones."""
    rng = np.random.default_rng(0)
    labels = np.arange(128, dtype=np.int64) % 2
    pictures = rng.integers(60, 120, (128, SIDE, SIDE, 3), dtype=np.uint8)
    pictures[labels == 0, ..., 0] += 100
    pictures[labels == 1, ..., 2] += 100
    return pictures, labels


def trained(*, seed: int, epochs: int = 8) -> tuple[ToyNetwork, list[tuple[int, float]]]:
    pictures, labels = colours()
    torch.manual_seed(seed)
    network = ToyNetwork(widths=(8, 8, 16, 16), n_classes=2)
    reports: list[tuple[int, float]] = []
    fit(
        network,
        pictures,
        labels,
        schedule=Schedule(epochs=epochs, peak=0.01),
        seed=seed,
        report=lambda epoch, loss: reports.append((epoch, loss)),
    )
    return network, reports


@pytest.mark.slow
def test_it_learns_what_is_easy_and_reports_every_epoch() -> None:
    network, reports = trained(seed=1)
    pictures, labels = colours()
    cut = slice(8, 8 + INPUT_SIZE)
    assert (classify(network, pictures[:, cut, cut]) == labels).mean() > 0.95
    assert [epoch for epoch, _ in reports] == list(range(1, 9))
    assert reports[-1][1] < reports[0][1]
    assert not network.training


@pytest.mark.slow
def test_the_same_seed_trains_the_same_network() -> None:
    first, second, other = (trained(seed=n, epochs=2)[0].state_dict() for n in (3, 3, 4))
    for name, value in first.items():
        assert torch.allclose(value.float(), second[name].float(), atol=1e-3), name
    assert not torch.allclose(first["head.weight"], other["head.weight"], atol=1e-3)


@pytest.mark.parametrize("count", [1, 257])
def test_any_number_of_pictures_is_classified(count: int) -> None:
    network = ToyNetwork(widths=(4, 4, 4, 4), n_classes=3).eval()
    pictures = np.zeros((count, INPUT_SIZE, INPUT_SIZE, 3), dtype=np.uint8)
    assert classify(network, pictures).shape == (count,)
