"""Requests that schemathesis makes from the schema: right ones, wrong ones, and edges of both.

`API_EXAMPLES=2000` asks for more of each operation than the few of an ordinary run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest
import schemathesis
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from pytest_django.fixtures import Settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok

from studyapp.api_tokens import issue_token
from studyapp.models import ImageSet, Job, VisionModel
from studyapp.wsgi import application
from tests.studyapp.reports.hand_study import HandStudy

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

pytestmark = [pytest.mark.slow, pytest.mark.one_database, pytest.mark.django_db(transaction=True)]

EXAMPLES = int(os.environ.get("API_EXAMPLES", "8"))
options = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
#: A request that the schema allows may still name what is not there.
ACCEPTED = ["2xx", "3xx", "400", "401", "403", "404", "409", "429"]
REFUSED = ["400", "401", "403", "404", "406", "409", "413", "415", "429"]


@pytest.fixture
def site(made: HandStudy, settings: Settings) -> schemathesis.BaseSchema:
    """The schema as the site serves it, with a token that opens everything."""
    settings.API_REQUESTS_PER_MINUTE = settings.API_HEAVY_PER_MINUTE = 10**9
    made.study.refresh_from_db()
    scopes = ["read", "write", "export"]
    token = issue_token(cast(User, made.study.owner), label="generated", scopes=scopes)
    config = SchemathesisConfig.from_dict(
        {
            "headers": {"Authorization": f"Bearer {token.secret}"},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ACCEPTED},
                "negative_data_rejection": {"expected-statuses": REFUSED},
            },
        }
    )
    return schemathesis.openapi.from_wsgi("/api/openapi.json", closed_at_the_end, config=config)


def closed_at_the_end(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """The site, with each answer sent to its end and closed, as servers do."""
    response = application(environ, start_response)
    with closing(response):
        return list(response)


@pytest.fixture
def there() -> dict[str, Any]:
    """A name and a number for addresses that are those of something there is."""
    ImageSet.objects.update(name="hand")
    model = VisionModel.objects.get(name="alpha")
    Job.objects.create(pk=model.pk, verb="predict")
    return {"name": "hand", "id": model.pk}


def try_out(
    schema: schemathesis.BaseSchema, *, mode: GenerationMode, address: Mapping[str, Any]
) -> int:
    """Send requests of a mode to every operation and check each answer; returns how many."""
    sent = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
            # Any text may stand in an address: there is nothing to get wrong.
            continue
        named = {
            parameter.name: address[parameter.name]
            for parameter in operation.path_parameters
            if parameter.name in address
        }

        @options
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=named or None))
        def send(case: schemathesis.Case[Any]) -> None:
            nonlocal sent
            sent += 1
            case.call_and_validate()

        send()
    return sent


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_any_request_is_answered_as_the_schema_says(
    site: schemathesis.BaseSchema, mode: GenerationMode
) -> None:
    assert try_out(site, mode=mode, address={}) > EXAMPLES


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_requests_about_what_there_is_are_answered_as_the_schema_says(
    site: schemathesis.BaseSchema, there: dict[str, Any], mode: GenerationMode
) -> None:
    assert try_out(site, mode=mode, address=there) > EXAMPLES
