"""Check 8."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from explain.attention.composition import Composer
from explain.attention.perturbation import draw, hidden_image
from explain.classifiers import Classifier
from tests.explain.attention.networks import blobs, network, segments_of

IMAGE = blobs(1)


def composer(classifier: Classifier) -> tuple[Composer, int]:
    segments = segments_of(IMAGE)
    hidden = hidden_image(IMAGE, segments)
    return Composer(classifier, IMAGE, hidden, segments), int(segments.max()) + 1


def batch(classifier: Classifier, n: int, *, dtype: torch.dtype = torch.float32) -> Tensor:
    side = classifier.input_size
    layout = classifier.memory_format
    return torch.full((n, 3, side, side), torch.nan, dtype=dtype).to(memory_format=layout)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small", "row_major"])
def test_all_seen_is_the_image_and_none_seen_the_hidden_image(name: str) -> None:
    classifier = network(name)
    made, n = composer(classifier)
    for write in (made.choose, made.multiply, made.write):
        out = batch(classifier, 2)
        write(torch.stack([torch.ones(n), torch.zeros(n)]).bool(), out=out)
        bytes_ = (out * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        assert np.array_equal(bytes_[0], IMAGE)
        assert np.array_equal(bytes_[1], hidden_image(IMAGE, segments_of(IMAGE)))
        assert torch.equal(out[:1], classifier.tensor(IMAGE[None]))


@pytest.mark.parametrize("name", ["small", "row_major"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_matrix_product_equals_the_choice_bit_for_bit(name: str, dtype: torch.dtype) -> None:
    classifier = network(name)
    made, n = composer(classifier)
    masks = torch.from_numpy(draw(33, n, seed=2))
    chosen, multiplied = batch(classifier, 33, dtype=dtype), batch(classifier, 33, dtype=dtype)
    made.choose(masks, out=chosen)
    made.multiply(masks, out=multiplied)
    assert torch.equal(chosen, multiplied)


def test_pixels_by_definition_within_part_of_a_batch() -> None:
    classifier = network("small")
    made, n = composer(classifier)
    segments = segments_of(IMAGE)
    hidden = hidden_image(IMAGE, segments)
    masks = draw(3, n, seed=4)
    out = batch(classifier, 7)
    made.write(torch.from_numpy(masks), out=out[2:5])
    expected = [np.where(mask[segments][..., None], IMAGE, hidden) for mask in masks]
    assert torch.equal(out[2:5], classifier.tensor(np.stack(expected)))
    assert out[:2].isnan().all()
    assert out[5:].isnan().all()
