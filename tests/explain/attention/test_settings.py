from __future__ import annotations

import json

import pytest

from explain.attention.settings import Settings
from explain.errors import ParameterError


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"n_samples": 1}, "n_samples = 1: must be at least 2"),
        ({"top_k": 0}, "top_k = 0: must be at least 1"),
        ({"seed": -1}, "seed = -1: must be from 0 to 4294967295"),
        ({"seed": 2**32}, "seed = 4294967296: must be from 0"),
        ({"sigma": 0.0}, "sigma = 0.0: must be a finite number above 0"),
        ({"sigma": float("nan")}, "sigma = nan: must be a finite"),
        ({"engine": "captum"}, "engine 'captum': is not known. Choose quorum or lime"),
        ({"method": "ols"}, "Choose lime_v1 or lasso_ols"),
        ({"background": "grey"}, "Choose black or gray or blurred"),
    ],
)
def test_what_no_image_could_make_right_is_refused(wrong: dict[str, object], text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        Settings(**wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_the_parameters_are_plain_and_name_everything_that_moves_a_result() -> None:
    parameters = Settings(background="gray").parameters()
    assert json.loads(json.dumps(parameters)) == parameters
    assert parameters == {
        "engine": "quorum",
        "n_samples": 1000,
        "top_k": 8,
        "sigma": 0.25,
        "background": "gray",
        "hidden": "superpixel mean",
        "alpha": 1.0,
        "quickshift_kernel_size": 4.0,
        "quickshift_max_dist": 200.0,
        "quickshift_ratio": 0.2,
        "quickshift_seed": 42,
    }


def test_least_squares_has_no_penalty_to_record() -> None:
    assert "alpha" not in Settings(method="lasso_ols").parameters()
