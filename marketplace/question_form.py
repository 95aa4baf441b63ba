"""QuestionForm: the questions of a test or a task."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from marketplace.xml_reading import SCHEMAS as NAMESPACE_START
from marketplace.xml_reading import (
    child,
    children,
    name_of,
    read_root,
    text_of,
    whole_of,
    xml_error,
)

SCHEMAS = ("2017-11-06/QuestionForm.xsd", "2005-10-01/QuestionForm.xsd")
LONGEST_ANSWER = 10_000
NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)


@dataclass(frozen=True)
class Block:
    """A piece of content: kind is title, text, item or picture (text is then the alternative)."""

    kind: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen."""

    identifier: str
    label: Block


@dataclass(frozen=True)
class Question:
    """One question; without choices it is answered in words."""

    field_name: str
    identifier: str
    name: str
    required: bool
    content: tuple[Block, ...]
    choices: tuple[Choice, ...] = ()
    least_chosen: int = 1
    most_chosen: int = 1
    lines: int = 1
    default_text: str = ""
    shortest: int = 0
    longest: int = LONGEST_ANSWER
    number_from: float | None = None
    number_to: float | None = None
    numeric: bool = False


@dataclass(frozen=True)
class QuestionForm:
    """Content and questions in the order they are shown."""

    parts: tuple[tuple[Block, ...] | Question, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions alone."""
        return tuple(part for part in self.parts if isinstance(part, Question))


def _picture(element: Element) -> Block:
    url = text_of(element, "DataURL")
    if urlsplit(url).scheme != "https":
        raise xml_error(f"DataURL {url:.200} must be https.")
    return Block("picture", text_of(element, "AltText", default=""), url)


def _blocks(parent: Element) -> tuple[Block, ...]:
    found: list[Block] = []
    for element in parent:
        match name_of(element):
            case "Title" | "Text" as name:
                found.append(Block(name.lower(), "".join(element.itertext()).strip()))
            case "FormattedContent":
                # Its markup is the requester's; a worker reads the words.
                words = re.sub("<[^>]*>", " ", "".join(element.itertext()))
                found.append(Block("text", " ".join(words.split())))
            case "List":
                found += [
                    Block("item", "".join(item.itertext()).strip())
                    for item in children(element, "ListItem")
                ]
            case "Binary":
                found.append(_picture(element))
            case name:
                raise xml_error(f"{name} cannot be shown here.")
    return tuple(found)


def _bound(element: Element | None, name: str) -> float | None:
    value = element.get(name) if element is not None else None
    if value is None:
        return None
    if not NUMBER.fullmatch(value):
        raise xml_error(f"{name} must be a number, not {value:.50}.")
    return float(value)


def _free_text(spec: Element) -> dict[str, object]:
    values: dict[str, object] = {
        "default_text": text_of(spec, "DefaultText", default=""),
        "lines": min(max(whole_of(spec, "NumberOfLinesSuggestion", default=1), 1), 30),
    }
    constraints = child(spec, "Constraints")
    if constraints is None:
        return values
    length, number = child(constraints, "Length"), child(constraints, "IsNumeric")
    longest = _bound(length, "maxLength")
    return values | {
        "shortest": int(_bound(length, "minLength") or 0),
        "longest": LONGEST_ANSWER if longest is None else min(int(longest), LONGEST_ANSWER),
        "numeric": number is not None,
        "number_from": _bound(number, "minValue"),
        "number_to": _bound(number, "maxValue"),
    }


def _selection(spec: Element) -> dict[str, object]:
    listed = child(spec, "Selections")
    if listed is None or child(listed, "OtherSelection") is not None:
        raise xml_error("SelectionAnswer needs Selections, and none of them an OtherSelection.")
    choices: list[Choice] = []
    for one in children(listed, "Selection"):
        shown = [block for block in one if name_of(block) != "SelectionIdentifier"]
        if len(shown) != 1:
            raise xml_error("A Selection needs one Text, FormattedContent or Binary.")
        holder = Element("Selection")
        holder.append(shown[0])
        choices.append(Choice(text_of(one, "SelectionIdentifier"), _blocks(holder)[0]))
    if not choices or len({choice.identifier for choice in choices}) != len(choices):
        raise xml_error("Selections need at least one Selection, each with its own identifier.")
    several = text_of(spec, "StyleSuggestion", default="") in {"checkbox", "list", "multichooser"}
    most = whole_of(spec, "MaxSelectionCount", default=len(choices) if several else 1)
    least = whole_of(spec, "MinSelectionCount", default=0 if several else 1)
    if not 0 <= least <= most:
        raise xml_error("MinSelectionCount must be from 0 to MaxSelectionCount.")
    return {"choices": tuple(choices), "least_chosen": least, "most_chosen": most}


def _question(element: Element, *, number: int) -> Question:
    spec = child(element, "AnswerSpecification")
    content = child(element, "QuestionContent")
    if spec is None or content is None or len(spec) != 1:
        raise xml_error("A Question needs one QuestionContent and one AnswerSpecification.")
    match name_of(spec[0]):
        case "FreeTextAnswer":
            values = _free_text(spec[0])
        case "SelectionAnswer":
            values = _selection(spec[0])
        case other:
            raise xml_error(f"{other} cannot be asked for here.")
    identifier = text_of(element, "QuestionIdentifier")
    return Question(
        field_name=f"q{number}",
        identifier=identifier,
        name=text_of(element, "DisplayName", default=""),
        required=text_of(element, "IsRequired", default="false").lower() in {"true", "1"},
        content=_blocks(content),
        **values,  # type: ignore[arg-type]  # the two readers above name fields of Question
    )


def read_question_form(document: str, *, parameter: str = "Test") -> QuestionForm:
    """Check a QuestionForm and take from it what is shown and asked."""
    root = read_root(document, parameter=parameter, element="QuestionForm", schemas=SCHEMAS)
    parts: list[tuple[Block, ...] | Question] = []
    seen: set[str] = set()
    for element in root:
        if name_of(element) == "Overview":
            parts.append(_blocks(element))
        elif name_of(element) == "Question":
            question = _question(element, number=len(seen))
            if question.identifier in seen:
                raise xml_error(f"QuestionIdentifier {question.identifier:.100} occurs twice.")
            seen.add(question.identifier)
            parts.append(question)
        else:
            raise xml_error(f"Unexpected element {name_of(element):.100} in QuestionForm.")
    if not seen:
        raise xml_error("QuestionForm must have at least one Question.")
    return QuestionForm(tuple(parts))


def is_question_form(document: str) -> bool:
    """Whether a document that was checked when it came is a QuestionForm."""
    return any(NAMESPACE_START + schema in document for schema in SCHEMAS)
