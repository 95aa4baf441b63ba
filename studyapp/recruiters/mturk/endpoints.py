"""Where MTurk calls go and with which keys; a mix of real money and play is refused."""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from studyapp.addresses import host_of, is_safe_transport
from studyapp.errors import RecruiterError
from studyapp.vocabulary import Environment

REGION = "us-east-1"
HOSTS = {
    Environment.PRODUCTION: "mturk-requester.us-east-1.amazonaws.com",
    Environment.SANDBOX: "mturk-requester-sandbox.us-east-1.amazonaws.com",
}
#: boto3's own variables, for this service alone before those for every service.
_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_MTURK", "AWS_ENDPOINT_URL")
#: Requests per second towards Amazon, which publishes no limit but throttles long runs.
AMAZON_RATE = 3.0


@dataclass(frozen=True)
class Keys:
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True)
class Endpoint:
    """An address, its keys (None: boto3 finds them itself) and the requests a second it bears."""

    environment: Environment
    url: str
    keys: Keys | None
    rate: float | None

    @property
    def amazon(self) -> bool:
        return self.environment is not Environment.MARKETPLACE


def endpoint_for(environment: Environment) -> Endpoint:
    """The endpoint of an environment, from boto3's variables or our settings."""
    if environment is Environment.PRODUCTION and settings.DEBUG:
        raise RecruiterError(
            "DEBUG is on: real people and real money need it off",
            item=f"environment {environment}",
            remedy="Unset DEBUG, or use the sandbox environment",
        )
    url = _chosen_url(environment)
    _refuse_mix(environment, url=url)
    if not is_safe_transport(url):
        raise RecruiterError(
            f"{url} is not https: keys and answers would travel unencrypted",
            item=f"environment {environment}",
            remedy="Serve the marketplace over https, or use it on this machine only",
        )
    if environment is Environment.MARKETPLACE:
        keys = None if os.environ.get("AWS_ACCESS_KEY_ID") else read_keys()
        rate = None
    else:
        keys, rate = None, AMAZON_RATE
    return Endpoint(environment=environment, url=url, keys=keys, rate=_rate(rate))


def _chosen_url(environment: Environment) -> str:
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        for name in _ENDPOINT_VARIABLES:
            # AWS_ENDPOINT_URL is for every service: S3 may be meant, not Amazon's MTurk.
            if os.environ.get(name) and (
                name == "AWS_ENDPOINT_URL_MTURK" or environment is Environment.MARKETPLACE
            ):
                return os.environ[name]
    if environment in HOSTS:
        return f"https://{HOSTS[environment]}"
    return f"{settings.MARKETPLACE_URL}/marketplace/api/"


def _refuse_mix(environment: Environment, *, url: str) -> None:
    host = host_of(url)
    meant = HOSTS.get(environment)
    if (host != meant) if meant else (host in HOSTS.values()):
        raise RecruiterError(
            f"calls would go to {host or 'no host'}, which is not {environment}",
            item=f"environment {environment}",
            remedy=(
                "Unset AWS_ENDPOINT_URL_MTURK, or choose the environment that belongs to it: "
                "real money and play are never mixed"
            ),
        )


def _rate(default: float | None) -> float | None:
    configured = settings.MTURK_CALLS_PER_SECOND
    return default if configured is None else float(configured)


def secret_key() -> str:
    """What calls to the marketplace are signed with, and its events. Raises RecruiterError."""
    return os.environ.get("AWS_SECRET_ACCESS_KEY") or read_keys().secret_access_key


def read_keys() -> Keys:
    """This site's keys to its own marketplace, from the AWS-style file the marketplace wrote."""
    path = Path(settings.MARKETPLACE_CREDENTIALS)
    remedy = (
        "Make an account with `manage.py marketplace_requester NAME --deposit AMOUNT`, or set "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )
    parser = configparser.RawConfigParser()
    try:
        found = parser.read(path, encoding="utf-8")
        section = parser["default"] if found else None
        if section is not None:
            return Keys(section["aws_access_key_id"], section["aws_secret_access_key"])
    except (configparser.Error, KeyError, UnicodeDecodeError) as error:
        raise RecruiterError(
            "the file has no [default] profile with aws_access_key_id and aws_secret_access_key",
            item=str(path),
            remedy=remedy,
        ) from error
    raise RecruiterError("there are no keys to the marketplace", item=str(path), remedy=remedy)
