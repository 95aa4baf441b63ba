from __future__ import annotations

import json

import pytest

from studyapp.errors import InputError
from studyapp.explanation import AdversarialSettings
from studyapp.selection import SelectionRequest


@pytest.mark.parametrize(
    "request_",
    [
        SelectionRequest("birds", "uniform"),
        SelectionRequest(
            "birds",
            "adversarial",
            model="net",
            prototypes=3,
            criticisms=3,
            steps=AdversarialSettings(step=0.004, keep_going=False),
            classes=(4, 7),
            avoid="pilot",
            weights="/weights",
        ),
    ],
)
def test_a_request_comes_back_from_the_row_of_a_job(request_: SelectionRequest) -> None:
    row = json.loads(json.dumps({**request_.arguments(), "images": [1, 2]}))
    assert SelectionRequest.from_arguments(row) == request_


def test_a_set_is_known_by_what_moves_the_choice_alone() -> None:
    one = SelectionRequest("birds", "mmd", model="net", seed=1, weights="/a", avoid="pilot")
    other = SelectionRequest("birds", "mmd", model="net", seed=2, device="cuda")
    assert one.parameters() == other.parameters()
    assert SelectionRequest("birds", "uniform", seed=1).parameters()["seed"] == 1


def test_what_cannot_be_asked_for_is_refused() -> None:
    with pytest.raises(InputError, match="this method asks a model"):
        SelectionRequest("birds", "confidence")
    with pytest.raises(InputError, match="Choose one of adversarial, mmd"):
        SelectionRequest("birds", "by eye", model="net")  # type: ignore[arg-type]
