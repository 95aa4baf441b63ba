from __future__ import annotations

import numpy as np
import pytest

from explain.deviation import between


def test_by_hand() -> None:
    # Two classes: the probability of the first is the logistic function of the difference.
    reference = np.log(np.array([[1, 1], [3, 1], [1, 4]], np.float32))
    logits = np.log(np.array([[3, 1], [3, 1], [4, 1]], np.float32))
    found = between(logits, reference, what="bf16", reference_name="fp32")
    assert found.n_images == 3
    assert found.max_probability == pytest.approx(0.8 - 0.2)
    assert found.mean_probability == pytest.approx((0.25 + 0 + 0.6) / 3)
    assert found.top_1 == pytest.approx(2 / 3)  # equal logits rank by class
    assert found.top_5 == 1
    assert found.max_logit == pytest.approx(1)
    assert str(found).startswith("bf16 against fp32 on 3 images: probabilities differ by 0.28 on")
    assert "for 66.7%, 100.0% of the top 5 kept" in str(found)


def test_five_are_compared_as_a_set() -> None:
    reference = np.array([[6, 5, 4, 3, 2, 1, 0]], np.float32)
    logits = np.array([[5, 6, 4, 3, 0, 2, 1]], np.float32)
    found = between(logits, reference, what="a", reference_name="b")
    assert (found.top_1, found.top_5) == (0, 0.8)


def test_the_same_logits_do_not_differ() -> None:
    logits = np.zeros((2, 3), np.float32)
    found = between(logits, logits, what="a", reference_name="b")
    assert (found.max_probability, found.max_logit, found.top_1, found.top_5) == (0, 0, 1, 1)
