"""ExternalQuestion: the XML that says which page is shown in the worker's frame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from marketplace import conf
from marketplace.actions.submit import RESERVED
from marketplace.errors import InvalidParameterError, RequestRefusedError

NAMESPACE = (
    "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/"
    "ExternalQuestion.xsd"
)
LONGEST_BYTES = 65_535
TALLEST = 100_000
_CLEAN_URL = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class ExternalQuestion:
    """The page to show and the height of its frame in pixels (0: as the window)."""

    url: str
    frame_height: int


def _xml_error(message: str) -> RequestRefusedError:
    return RequestRefusedError("XMLParseError", message)


def _root(question: str) -> Element:
    if len(question.encode()) > LONGEST_BYTES:
        raise InvalidParameterError(f"Question must have at most {LONGEST_BYTES} bytes.")
    try:
        root = fromstring(question, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _xml_error(f"Question is not well-formed XML without a DTD: {error}.") from None
    if root.tag != f"{{{NAMESPACE}}}ExternalQuestion":
        raise _xml_error(
            f"Question must be an ExternalQuestion of the namespace {NAMESPACE}, "
            f"not {root.tag:.200}."
        )
    return root


def _checked_url(url: str) -> str:
    if not _CLEAN_URL.fullmatch(url):
        raise InvalidParameterError("ExternalURL must be a URL without spaces, in ASCII.")
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise InvalidParameterError(f"ExternalURL {url:.200} is not a URL.") from None
    if not parts.hostname or not port_is_right or parts.username or parts.password:
        raise InvalidParameterError(f"ExternalURL {url:.200} must name a host, without a login.")
    if parts.scheme != "https" and not (parts.scheme == "http" and conf.is_loopback(url)):
        raise InvalidParameterError(
            f"ExternalURL {url:.200} must be https (http is taken for this machine only)."
        )
    taken = RESERVED & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if taken:
        raise InvalidParameterError(
            f"ExternalURL must not use {', '.join(sorted(taken))}: the marketplace adds them."
        )
    return url


def read_question(question: str) -> ExternalQuestion:
    """Check the Question parameter and take from it what the worker's page needs."""
    if not question.strip():
        raise InvalidParameterError("Question is missing: give an ExternalQuestion.")
    values: dict[str, str] = {}
    for child in _root(question):
        name = child.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name not in {"ExternalURL", "FrameHeight"} or name in values or len(child):
            raise _xml_error(f"Unexpected element {name:.100} in ExternalQuestion.")
        values[name] = (child.text or "").strip()
    if set(values) != {"ExternalURL", "FrameHeight"}:
        raise _xml_error("ExternalQuestion must have one ExternalURL and one FrameHeight.")
    height = values["FrameHeight"]
    if not re.fullmatch("[0-9]{1,6}", height, re.ASCII) or int(height) > TALLEST:
        raise InvalidParameterError(f"FrameHeight must be a whole number from 0 to {TALLEST}.")
    return ExternalQuestion(_checked_url(values["ExternalURL"]), int(height))
