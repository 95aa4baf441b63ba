"""A worker's form fields as QuestionFormAnswers XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

NAMESPACE = (
    "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/"
    "QuestionFormAnswers.xsd"
)
# XML 1.0 has no way to write these characters, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value), {"\r": "&#13;"})


def answers_xml(answers: Iterable[str]) -> str:
    """The document around such answers."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        f'<QuestionFormAnswers xmlns="{NAMESPACE}">{"".join(answers)}</QuestionFormAnswers>'
    )


def free_text(identifier: str, text: str) -> str:
    """One Answer in words; characters XML cannot hold become U+FFFD."""
    return (
        f"<Answer><QuestionIdentifier>{_text(identifier)}</QuestionIdentifier>"
        f"<FreeText>{_text(text)}</FreeText></Answer>"
    )


def selection(identifier: str, chosen: Iterable[str]) -> str:
    """One Answer by choice; none chosen is an Answer all the same."""
    ids = "".join(f"<SelectionIdentifier>{_text(one)}</SelectionIdentifier>" for one in chosen)
    return f"<Answer><QuestionIdentifier>{_text(identifier)}</QuestionIdentifier>{ids}</Answer>"


def answer_xml(fields: Mapping[str, str]) -> str:
    """One free-text Answer per form field."""
    return answers_xml(free_text(name, value) for name, value in fields.items())
