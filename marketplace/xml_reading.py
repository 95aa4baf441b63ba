"""Read XML that strangers wrote: no DTD, no entities, bounded in size, one namespace."""

from __future__ import annotations

from collections.abc import Collection
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from marketplace.errors import InvalidParameterError, RequestRefusedError

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"
LONGEST_BYTES = 65_535


def xml_error(message: str) -> RequestRefusedError:
    """The refusal of a document that is not what it must be."""
    return RequestRefusedError("XMLParseError", message)


def read_root(document: str, *, parameter: str, element: str, schemas: Collection[str]) -> Element:
    """The root of a document given as that parameter, of one of the schemas `2005-10-01/X.xsd`."""
    if len(document.encode()) > LONGEST_BYTES:
        raise InvalidParameterError(f"{parameter} must have at most {LONGEST_BYTES} bytes.")
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise xml_error(f"{parameter} is not well-formed XML without a DTD: {error}.") from None
    if root.tag not in {f"{{{SCHEMAS}{schema}}}{element}" for schema in schemas}:
        raise xml_error(
            f"{parameter} must be a {element} of the namespace "
            f"{' or '.join(SCHEMAS + schema for schema in schemas)}, not {root.tag:.200}."
        )
    return root


def name_of(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def child(parent: Element, name: str) -> Element | None:
    """The first child of that name."""
    return next((one for one in parent if name_of(one) == name), None)


def children(parent: Element, name: str) -> list[Element]:
    """All children of that name."""
    return [one for one in parent if name_of(one) == name]


def text_of(parent: Element, name: str, *, default: str | None = None) -> str:
    """The text of a child, which must be there unless there is a default."""
    found = child(parent, name)
    if found is None:
        if default is None:
            raise xml_error(f"{name_of(parent)} needs a {name}.")
        return default
    return "".join(found.itertext()).strip()


def whole_of(parent: Element, name: str, *, default: int | None = None) -> int:
    """The whole number in a child."""
    text = text_of(parent, name, default=None if default is None else str(default))
    try:
        return int(text)
    except ValueError:
        raise xml_error(f"{name} must be a whole number, not {text:.50}.") from None
