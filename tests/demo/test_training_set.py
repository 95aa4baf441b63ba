from __future__ import annotations

import numpy as np
import pytest

from demo.training_set import draw_examples, draw_square
from demo.world.kinds import KINDS


@pytest.mark.slow
def test_examples_are_squares_with_labels_in_turn() -> None:
    steps: list[tuple[int, int]] = []
    pictures, labels = draw_examples(
        per_class=2, seed=1, side=64, progress=lambda done, total: steps.append((done, total))
    )
    assert pictures.shape == (2 * len(KINDS), 64, 64, 3)
    assert pictures.dtype == np.uint8
    assert labels.tolist() == list(range(len(KINDS))) * 2
    assert steps[-1] == (len(pictures), len(pictures))
    assert (pictures[7] == draw_square(7, seed=1, split="train", side=64)).all()


def test_training_and_test_scenes_are_not_the_same() -> None:
    training = draw_square(0, seed=1, split="train", side=64)
    assert (training != draw_square(0, seed=1, split="test", side=64)).any()
    assert (training != draw_square(0, seed=2, split="train", side=64)).any()
