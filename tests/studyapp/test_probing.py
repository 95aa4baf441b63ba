from __future__ import annotations

import json

import pytest

from studyapp.errors import InputError
from studyapp.probing import ProbeRequest
from studyapp.vocabulary import ProbeKind


def test_a_request_comes_back_from_the_row_of_a_job() -> None:
    request = ProbeRequest(
        "birds",
        "net",
        ProbeKind.INSERTION,
        {"draws": 2, "scales": [0.2, 0.5], "confident": None},
        label=3,
        pasted="pasted/ab/cd.png",
        pasted_hash="abcd",
        device="cpu",
    )
    row = json.loads(json.dumps({**request.arguments(), "images": [1, 2]}))
    again = ProbeRequest.from_arguments(row)
    assert again.arguments() == request.arguments()
    assert again.parameters() == {"draws": 2, "scales": [0.2, 0.5], "inserted": "abcd"}


@pytest.mark.parametrize(
    ("kind", "options", "pasted", "message"),
    [
        (ProbeKind.CAPTIONS, {"rows": 3}, None, r"--rows means nothing here.*It takes confident"),
        (ProbeKind.INSERTION, {}, None, "Give a PNG with transparency as --object"),
        (ProbeKind.TILES, {}, "pasted/ab/cd.png", "--object means nothing here"),
    ],
)
def test_what_a_kind_does_not_know_is_refused(
    kind: ProbeKind, options: dict[str, int], pasted: str | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        ProbeRequest("birds", "net", kind, options, pasted=pasted)
