"""Requests that schemathesis makes from the schema: right ones, wrong ones, and edges of both.

`API_EXAMPLES=2000` asks for more of each operation than the few of an ordinary run.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from studyapp.api_tokens import issue_token
from studyapp.models import ImageSet, Job, VisionModel
from studyapp.wsgi import application
from tests.studyapp.reports.hand_study import HandStudy

pytestmark = [pytest.mark.slow, pytest.mark.one_database, pytest.mark.django_db(transaction=True)]

EXAMPLES = int(os.environ.get("API_EXAMPLES", "12"))
#: A request that the schema allows may still name what is not there.
ACCEPTED = ["2xx", "3xx", "400", "401", "403", "404", "409", "429"]
REFUSED = ["400", "401", "403", "404", "406", "409", "413", "415", "429"]


def schema_of(made: HandStudy, *, parameters: dict[str, Any]) -> schemathesis.BaseSchema:
    """The schema as the site serves it, with a token that opens everything."""
    token = issue_token(_owner(made), label="generated", scopes=["read", "write", "export"])
    config = SchemathesisConfig.from_dict(
        {
            "headers": {"Authorization": f"Bearer {token.secret}"},
            "parameters": parameters,
            "generation": {"deterministic": True, "max-examples": EXAMPLES},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ACCEPTED},
                "negative_data_rejection": {"expected-statuses": REFUSED},
            },
        }
    )
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application, config=config)


@pytest.fixture
def any_names(made: HandStudy, _no_limits: None) -> schemathesis.BaseSchema:
    return schema_of(made, parameters={})


@pytest.fixture
def known_names(made: HandStudy, _no_limits: None) -> schemathesis.BaseSchema:
    """Every name and number in an address is that of something there is."""
    ImageSet.objects.update(name="hand")
    model = VisionModel.objects.get(name="alpha")
    Job.objects.create(pk=model.pk, verb="predict")
    return schema_of(made, parameters={"path.name": "hand", "path.pk": model.pk})


@pytest.fixture
def _no_limits(settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = settings.API_HEAVY_PER_MINUTE = 10**9


def _owner(made: HandStudy) -> Any:
    made.study.refresh_from_db()
    return made.study.owner


def try_out(schema: schemathesis.BaseSchema, *, mode: GenerationMode) -> int:
    """Send requests of a mode to every operation and check each answer; returns how many."""
    sent = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
            # Any text may stand in an address: there is nothing to get wrong.
            continue

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: schemathesis.Case) -> None:
            nonlocal sent
            sent += 1
            case.call_and_validate()

        send()
    return sent


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("names", ["any_names", "known_names"])
def test_every_answer_is_what_the_schema_says(
    request: pytest.FixtureRequest, names: str, mode: GenerationMode
) -> None:
    assert try_out(request.getfixturevalue(names), mode=mode) > EXAMPLES
