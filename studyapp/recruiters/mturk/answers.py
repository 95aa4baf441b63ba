"""What a worker's browser submitted, out of QuestionFormAnswers XML. All of it is hostile."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

LONGEST_BYTES = 1_000_000
_VALUES = frozenset({"FreeText", "SelectionIdentifier", "OtherSelectionText"})


class AnswerError(ValueError):
    """The answer cannot be read; a person may look at it, nobody is refused pay for it."""


def parse_answers(xml: str | None) -> dict[str, tuple[str, ...]]:
    """Values by field name, in order. A name that occurs twice keeps all its values.

    A missing answer is no fields. Raises AnswerError.
    """
    if not xml:
        return {}
    if len(xml.encode("utf-8", "surrogatepass")) > LONGEST_BYTES:
        raise AnswerError(f"more than {LONGEST_BYTES} bytes")
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise AnswerError(f"not XML without a DTD ({type(error).__name__})") from error
    if _local(root) != "QuestionFormAnswers":
        raise AnswerError("not QuestionFormAnswers")
    fields: dict[str, tuple[str, ...]] = {}
    for answer in root:
        if _local(answer) != "Answer":
            continue
        name = "".join(_texts(answer, names=frozenset({"QuestionIdentifier"})))
        fields[name] = fields.get(name, ()) + tuple(_texts(answer, names=_VALUES))
    return fields


def _texts(answer: Element, *, names: frozenset[str]) -> list[str]:
    return ["".join(child.itertext()) for child in answer if _local(child) in names]


def _local(element: Element) -> str:
    # Any namespace will do: the schema's version is the provider's affair.
    return str(element.tag).rpartition("}")[2]
