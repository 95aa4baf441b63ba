from __future__ import annotations

import json

import pytest

from studyapp.errors import InputError
from studyapp.explanation import ExplainRequest, make_request, parameters_hash, settings_of


@pytest.mark.parametrize("kind", ["attention", "adversarial", "saliency"])
def test_a_request_survives_the_row_of_a_job(kind: str) -> None:
    request = make_request("s", model="m", settings=settings_of(kind, options={}), weights="w")
    arguments = json.loads(json.dumps(request.arguments()))
    assert ExplainRequest.from_arguments(arguments) == request


def test_without_words_of_ones_own_a_kind_means_what_the_papers_do() -> None:
    meant = {
        kind: make_request("s", model="m", settings=settings_of(kind, options={}))
        for kind in ("attention", "adversarial", "saliency")
    }
    assert [(request.of, request.among) for request in meant.values()] == [
        ("predicted", "mistakes"),
        ("label", "right"),
        ("label", "all"),
    ]


def test_identity_is_that_of_the_settings_that_matter() -> None:
    def identity(kind: str, **options: object) -> str:
        return parameters_hash(settings_of(kind, options=options))

    assert identity("attention") == identity("attention", n_samples=1000, seed=None)
    assert identity("attention") != identity("attention", seed=1)
    assert identity("saliency") == identity("saliency", n_samples=7, variant="official")
    assert identity("saliency", method="score_cam") != identity("saliency")
    assert identity("saliency", precision="bf16") != identity("saliency")


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("adversarial", {"top_k": 3}, "--top-k means nothing here.*It takes --method, --step"),
        ("attention", {"method": "shap"}, "no method 'shap'.*lime_v1, lasso_ols"),
        ("saliency", {"precision": "fp16"}, "no precision 'fp16'"),
    ],
)
def test_what_a_kind_does_not_know_is_refused(
    kind: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        settings_of(kind, options=options)


def test_an_attack_starts_from_what_is_right() -> None:
    settings = settings_of("adversarial", options={})
    with pytest.raises(InputError, match="Leave out --of and --among"):
        make_request("s", model="m", settings=settings, among="mistakes")
    with pytest.raises(InputError, match="knows no 'best'"):
        make_request("s", model="m", settings=settings_of("saliency", options={}), among="best")
