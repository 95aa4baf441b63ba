"""Question: the XML that says which page is shown in the worker's frame, or brings it along."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

from marketplace import conf
from marketplace.actions.submit import RESERVED
from marketplace.errors import InvalidParameterError
from marketplace.question_form import QuestionForm, is_question_form, read_question_form
from marketplace.xml_reading import SCHEMAS, name_of, read_root, xml_error

SCHEMA = "2006-07-14/ExternalQuestion.xsd"
HTML_SCHEMA = "2011-11-11/HTMLQuestion.xsd"
NAMESPACE = SCHEMAS + SCHEMA
TALLEST = 100_000
_CLEAN_URL = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class HTMLQuestion:
    """The page itself and the height of its frame in pixels (0: as the window)."""

    html: str
    frame_height: int
    url: str = ""


@dataclass(frozen=True)
class FormQuestion:
    """Questions that the marketplace itself shows; as high as the window."""

    form: QuestionForm
    frame_height: int = 0
    url: str = ""


@dataclass(frozen=True)
class ExternalQuestion:
    """The page to show and the height of its frame in pixels (0: as the window)."""

    url: str
    frame_height: int


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


def _height(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text, re.ASCII) or int(text) > TALLEST:
        raise InvalidParameterError(f"FrameHeight must be a whole number from 0 to {TALLEST}.")
    return int(text)


def _values(root: Element, *, content: str) -> dict[str, str]:
    """The two children every question has: its content and the height of its frame."""
    namespace = root.tag.partition("}")[0] + "}"
    kind = name_of(root)
    values: dict[str, str] = {}
    for child in root:
        name = child.tag.removeprefix(namespace)
        if name not in {content, "FrameHeight"} or name in values or len(child):
            raise xml_error(f"Unexpected element {name:.100} in {kind}.")
        values[name] = child.text or ""
    if set(values) != {content, "FrameHeight"}:
        raise xml_error(f"{kind} must have one {content} and one FrameHeight.")
    return values


def read_question(question: str) -> ExternalQuestion | HTMLQuestion | FormQuestion:
    """Check the Question parameter and take from it what the worker's page needs."""
    if not question.strip():
        raise InvalidParameterError(
            "Question is missing: give an ExternalQuestion, an HTMLQuestion or a QuestionForm."
        )
    if is_question_form(question):
        return FormQuestion(read_question_form(question, parameter="Question"))
    if SCHEMA not in question and HTML_SCHEMA in question:
        return read_html_question(question)
    root = read_root(question, parameter="Question", element="ExternalQuestion", schemas=(SCHEMA,))
    values = _values(root, content="ExternalURL")
    height = _height(values["FrameHeight"].strip())
    return ExternalQuestion(_checked_url(values["ExternalURL"].strip()), height)


def read_html_question(question: str) -> HTMLQuestion:
    """A question that brings its page along."""
    root = read_root(question, parameter="Question", element="HTMLQuestion", schemas=(HTML_SCHEMA,))
    values = _values(root, content="HTMLContent")
    if not values["HTMLContent"].strip():
        raise InvalidParameterError("HTMLContent must not be empty.")
    return HTMLQuestion(values["HTMLContent"], _height(values["FrameHeight"].strip()))
