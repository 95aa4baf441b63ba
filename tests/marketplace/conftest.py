from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from marketplace.credentials import secret_access_key
from marketplace.models import Requester
from tests.marketplace.factories import a_requester

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient

API = "/marketplace/api/"
TARGET = "MTurkRequesterServiceV20170117."


class MovedClock:
    """Moves the marketplace's clock ahead; real time is left alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.forward(-settings.MARKETPLACE_CLOCK_OFFSET_S)

    def forward(self, seconds: float) -> None:
        self._settings.MARKETPLACE_CLOCK_OFFSET_S += seconds


@pytest.fixture
def moved(settings: Settings) -> MovedClock:
    return MovedClock(settings)


@pytest.fixture
def requester(db: None) -> Requester:
    return a_requester()


def client_of(requester: Requester, *, url: str, **overrides: str) -> MTurkClient:
    session = boto3.Session()
    values: dict[str, Any] = {
        "region_name": "us-east-1",
        "endpoint_url": url + API,
        "aws_access_key_id": requester.access_key_id,
        "aws_secret_access_key": secret_access_key(requester),
    } | overrides
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    client: MTurkClient = session.client("mturk", config=config, **values)
    return client


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    """The address of a running marketplace."""
    settings.MARKETPLACE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def mturk(site: str) -> MTurkClient:
    """A real boto3 client of a requester with 100 dollars."""
    return client_of(a_requester(), url=site)


class Wire:
    """Posts signed calls without a server in between; botocore's own signer is the oracle."""

    def __init__(self, requester: Requester) -> None:
        self.requester = requester
        self.client = Client()

    def headers(self, operation: str, body: bytes, **extra: str) -> dict[str, str]:
        request = AWSRequest(
            method="POST",
            url=f"http://testserver{API}",
            data=body,
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": TARGET + operation,
                **extra,
            },
        )
        keys = Credentials(self.requester.access_key_id, secret_access_key(self.requester))
        SigV4Auth(keys, "mturk-requester", "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def send(self, body: bytes, *, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        content_type = headers.get("Content-Type", "")
        rest = {"Host": "testserver"} | dict(headers)
        rest.pop("Content-Type", None)
        response = self.client.post(API, data=body, content_type=content_type, headers=rest)
        assert response["x-amzn-RequestId"]
        return response.status_code, json.loads(response.content)

    def call(self, operation: str, **parameters: object) -> tuple[int, dict[str, Any]]:
        body = json.dumps(parameters).encode()
        return self.send(body, headers=self.headers(operation, body))


@pytest.fixture
def wire(requester: Requester) -> Wire:
    return Wire(requester)


WireOf = Callable[[Requester], Wire]
