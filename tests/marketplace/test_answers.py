from __future__ import annotations

from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from marketplace.answers import NAMESPACE, answer_xml

_XML_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        exclude_characters="\ufffe\uffff",
        include_characters="\n\t",
    )
)


def _read(xml: str) -> dict[str, str]:
    root = fromstring(xml.encode(), forbid_dtd=True)
    name, text = f"{{{NAMESPACE}}}QuestionIdentifier", f"{{{NAMESPACE}}}FreeText"
    return {item.findtext(name) or "": item.findtext(text) or "" for item in root}


@given(st.dictionaries(_XML_TEXT, _XML_TEXT, max_size=5))
def test_any_text_survives_the_round_trip(fields: dict[str, str]) -> None:
    assert _read(answer_xml(fields)) == fields


def test_markup_carriage_returns_and_astral_characters() -> None:
    fields = {"a&b": "<x>]]>\r\n\U0001f600\u202eabc"}
    assert _read(answer_xml(fields)) == fields


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert _read(answer_xml({"q": "a\x00b\x0bc\uffff\ud800"})) == {
        "q": "a\ufffdb\ufffdc\ufffd\ufffd"
    }
