from __future__ import annotations

import logging

import numpy as np
import pytest
import torch

from explain.attention.responses import Responder
from explain.errors import DeviceError
from tests.explain.attention.networks import blobs, network


def images(n: int) -> np.ndarray:
    return np.stack([blobs(seed) for seed in range(n)])


def test_probabilities_are_the_softmax_of_the_logits() -> None:
    classifier = network("small")
    found = Responder(classifier, limit=2).probabilities(classifier.tensor(images(5)))
    assert found.dtype == torch.float64
    logits = torch.from_numpy(classifier.logits(images(5))).double()
    assert torch.allclose(found, logits.softmax(1), atol=1e-6)


def test_a_logit_that_is_no_number_spoils_its_own_row_alone() -> None:
    classifier = network("fragile")
    pictures = images(3)
    pictures[1, 0, 0] = 255
    found = Responder(classifier, limit=8).probabilities(classifier.tensor(pictures))
    assert found.isnan().all(1).tolist() == [False, True, False]


def test_out_of_memory_halves_the_batch_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    classifier = network("crowded")
    batch = classifier.tensor(images(9))
    responder = Responder(classifier, limit=9)
    with caplog.at_level(logging.WARNING, logger="explain.attention.responses"):
        found = responder.probabilities(batch)
        responder.probabilities(batch)
    texts = [record.getMessage() for record in caplog.records]
    assert [text.split(": ")[1].split()[0] for text in texts] == ["4", "2"]
    expected = Responder(network("small"), limit=2).probabilities(batch)
    assert torch.equal(found, expected)


def test_out_of_memory_at_one_image_is_an_error() -> None:
    classifier = network("full")
    with pytest.raises(DeviceError, match="does not hold a single image"):
        Responder(classifier, limit=2).probabilities(classifier.tensor(images(2)))
