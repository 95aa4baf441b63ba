from __future__ import annotations

import pickle

import pytest

from explain.errors import DownloadError, ExplainError, ImageError, WeightsError


def test_text_names_the_item_what_happened_and_what_to_do() -> None:
    error = ImageError("the file is empty", item="a.jpg", remedy="Replace it")
    assert str(error) == "a.jpg: the file is empty. Replace it."
    assert (error.item, error.what, error.remedy) == ("a.jpg", "the file is empty", "Replace it")


@pytest.mark.parametrize("kind", [ImageError, DownloadError])
def test_an_error_survives_the_way_to_another_process(kind: type[ExplainError]) -> None:
    error = kind("gone", item="x", remedy="Wait")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copy) is kind
    assert str(copy) == str(error)


def test_only_a_download_is_worth_a_retry() -> None:
    assert DownloadError.retryable
    assert not WeightsError.retryable
    assert not ExplainError.retryable
