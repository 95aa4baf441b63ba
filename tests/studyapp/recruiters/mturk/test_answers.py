from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.answers import answer_xml
from studyapp.recruiters.mturk.answers import AnswerError, parse_answers

HEAD = '<?xml version="1.0"?>'
SPACE = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd"


def answers(inside: str, *, namespace: str = SPACE) -> str:
    return f'{HEAD}<QuestionFormAnswers xmlns="{namespace}">{inside}</QuestionFormAnswers>'


def free(name: str, text: str) -> str:
    return (
        f"<Answer><QuestionIdentifier>{name}</QuestionIdentifier>"
        f"<FreeText>{text}</FreeText></Answer>"
    )


def test_fields_by_name_with_every_value() -> None:
    xml = answers(free("nonce", "a&amp;b\nc") + free("x", "1") + free("x", "2") + free("empty", ""))
    assert parse_answers(xml) == {"nonce": ("a&b\nc",), "x": ("1", "2"), "empty": ("",)}


def test_selections_count_as_values() -> None:
    xml = answers(
        "<Answer><QuestionIdentifier>q</QuestionIdentifier>"
        "<SelectionIdentifier>a</SelectionIdentifier><SelectionIdentifier>b</SelectionIdentifier>"
        "<OtherSelectionText>c</OtherSelectionText></Answer>"
    )
    assert parse_answers(xml) == {"q": ("a", "b", "c")}


@pytest.mark.parametrize("xml", [None, "", answers("")])
def test_no_answer_is_no_fields(xml: str | None) -> None:
    assert parse_answers(xml) == {}


def test_another_version_of_the_schema_is_read() -> None:
    xml = answers(free("nonce", "1"), namespace="http://example.org/next")
    assert parse_answers(xml) == {"nonce": ("1",)}


@pytest.mark.parametrize(
    "xml",
    [
        "no xml",
        answers("<Answer>"),
        "<Other/>",
        f'{HEAD}<!DOCTYPE a [<!ENTITY b "c">]><QuestionFormAnswers>&b;</QuestionFormAnswers>',
        f'{HEAD}<!DOCTYPE a SYSTEM "file:///etc/passwd"><QuestionFormAnswers/>',
        answers(free("nonce", "x" * 1_000_000)),
        answers(free("nonce", "\x00")),
        answers(free("nonce", "&undefined;")),
        "\ud800",
    ],
)
def test_what_cannot_be_read_says_so(xml: str) -> None:
    with pytest.raises(AnswerError):
        parse_answers(xml)


@pytest.mark.slow
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1),
        st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
        max_size=5,
    )
)
def test_what_the_marketplace_writes_is_read_back(fields: dict[str, str]) -> None:
    assert parse_answers(answer_xml(fields)) == {name: (text,) for name, text in fields.items()}
