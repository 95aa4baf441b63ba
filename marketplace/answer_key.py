"""AnswerKey: what the answers of a qualification test are worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from marketplace.form_answers import FormAnswers
from marketplace.xml_reading import (
    child,
    children,
    read_root,
    text_of,
    whole_of,
    xml_error,
)

SCHEMAS = ("2005-10-01/AnswerKey.xsd",)
_INTEGERS = 2**31


@dataclass(frozen=True)
class _Marks:
    """Points for one question: by the exact set chosen, else the default."""

    options: tuple[tuple[frozenset[str], int], ...]
    default: int

    def of(self, chosen: tuple[str, ...]) -> int:
        return next(
            (score for wanted, score in self.options if wanted == set(chosen)), self.default
        )


@dataclass(frozen=True)
class AnswerKey:
    """Marks by question identifier, and how their sum becomes a value."""

    marks: dict[str, _Marks]
    scaled: Callable[[int], int]

    def value(self, answers: FormAnswers) -> int:
        """The qualification's value for these answers."""
        total = sum(
            marks.of(answers.chosen.get(identifier, ())) for identifier, marks in self.marks.items()
        )
        return max(-_INTEGERS, min(self.scaled(total), _INTEGERS - 1))


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _marks(question: Element) -> _Marks:
    options = tuple(
        (
            frozenset(
                "".join(one.itertext()).strip() for one in children(option, "SelectionIdentifier")
            ),
            whole_of(option, "AnswerScore"),
        )
        for option in children(question, "AnswerOption")
    )
    if not options:
        raise xml_error("A Question of the AnswerKey needs at least one AnswerOption.")
    return _Marks(options, whole_of(question, "DefaultScore", default=0))


def _percentage(mapping: Element) -> Callable[[int], int]:
    most = whole_of(mapping, "MaximumSummedScore")
    if most < 1:
        raise xml_error("MaximumSummedScore must be at least 1.")
    return lambda total: _rounded(Decimal(100) * total / most)


def _scale(mapping: Element) -> Callable[[int], int]:
    text = text_of(mapping, "SummedScoreMultiplier")
    try:
        factor = Decimal(text)
    except InvalidOperation:
        raise xml_error(f"SummedScoreMultiplier must be a number, not {text:.50}.") from None
    if not factor.is_finite() or abs(factor) > _INTEGERS:
        raise xml_error("SummedScoreMultiplier is too large.")
    return lambda total: _rounded(factor * total)


def _ranges(mapping: Element) -> Callable[[int], int]:
    ranges = [
        (
            whole_of(one, "InclusiveLowerBound"),
            whole_of(one, "InclusiveUpperBound"),
            whole_of(one, "QualificationValue"),
        )
        for one in children(mapping, "SummedScoreRange")
    ]
    outside = whole_of(mapping, "OutOfRangeQualificationValue", default=0)
    return lambda total: next(
        (value for low, high, value in ranges if low <= total <= high), outside
    )


_MAPPINGS: dict[str, Callable[[Element], Callable[[int], int]]] = {
    "PercentageMapping": _percentage,
    "ScaleMapping": _scale,
    "RangeMapping": _ranges,
}


def _mapping(root: Element) -> Callable[[int], int]:
    mapping = child(root, "QualificationValueMapping")
    if mapping is None:
        return lambda total: total
    for name, reader in _MAPPINGS.items():
        found = child(mapping, name)
        if found is not None:
            return reader(found)
    raise xml_error(f"QualificationValueMapping must hold one of {', '.join(_MAPPINGS)}.")


def read_answer_key(document: str, *, parameter: str = "AnswerKey") -> AnswerKey:
    """Check an AnswerKey and make it ready to mark answers."""
    root = read_root(document, parameter=parameter, element="AnswerKey", schemas=SCHEMAS)
    marks = {
        text_of(question, "QuestionIdentifier"): _marks(question)
        for question in children(root, "Question")
    }
    if not marks:
        raise xml_error("AnswerKey must have at least one Question.")
    return AnswerKey(marks, _mapping(root))
