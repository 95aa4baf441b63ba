from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from marketplace.answers import NAMESPACE
from marketplace.errors import AnswersRefusedError, RequestRefusedError
from marketplace.form_answers import FormAnswers
from marketplace.question_form import read_question_form
from tests.marketplace.exams import HALF, RIGHT, a_choice, a_form, words


def _problems(form: str, **fields: list[str]) -> dict[str, str]:
    with pytest.raises(AnswersRefusedError) as refused:
        FormAnswers.from_fields(read_question_form(form), fields=fields)
    return refused.value.problems


def test_what_is_shown_and_asked() -> None:
    form = read_question_form(a_form())
    overview = form.parts[0]
    assert isinstance(overview, tuple)
    assert [(block.kind, block.text) for block in overview] == [
        ("title", "Cats & dogs"),
        ("item", "Look closely"),
    ]
    cat, dog, why = form.questions
    assert [question.field_name for question in form.questions] == ["q0", "q1", "q2"]
    assert (cat.name, cat.required, cat.least_chosen, cat.most_chosen) == ("About cat", True, 1, 1)
    assert (dog.least_chosen, dog.most_chosen) == (0, 3)
    assert [choice.label.text for choice in cat.choices] == ["Tabby", "Beagle", "Pug"]
    assert (why.choices, why.required) == ((), False)
    assert read_question_form(a_form(schema="2005-10-01/QuestionForm.xsd")) == form


def test_answers_become_the_protocols_document() -> None:
    answers = FormAnswers.from_fields(read_question_form(a_form()), fields=RIGHT)
    root = fromstring(answers.xml().encode())
    found = {
        answer[0].text: [(child.tag.rpartition("}")[2], child.text) for child in answer[1:]]
        for answer in root
    }
    assert root.tag == f"{{{NAMESPACE}}}QuestionFormAnswers"
    assert found == {
        "cat": [("SelectionIdentifier", "tabby")],
        "dog": [("SelectionIdentifier", "beagle"), ("SelectionIdentifier", "pug")],
        "why": [("FreeText", "By its ears.")],
    }
    assert "cat" in FormAnswers.from_fields(read_question_form(a_form()), fields=HALF).xml()


def test_each_question_says_what_is_amiss() -> None:
    assert set(_problems(a_form())) == {"q0", "q1"}
    assert "Choose 1." in _problems(a_form(), q0=["tabby", "pug"], q1=["pug"])["q0"]
    assert "listed" in _problems(a_form(), q0=["lion"], q1=["pug"])["q0"]
    assert "Answer" in _problems(a_form(words(required="true")))["q0"]
    length = words('<Constraints><Length minLength="3" maxLength="5"/></Constraints>')
    for wrong in ("ab", "abcdef"):
        assert "3 to 5" in _problems(a_form(length), q0=[wrong])["q0"]
    number = words('<Constraints><IsNumeric minValue="1" maxValue="9.5"/></Constraints>')
    for wrong in ("0", "10", "x", "1e1", "nan", "٣", "9.51"):
        assert "number" in _problems(a_form(number), q0=[wrong])["q0"]
    fine = FormAnswers.from_fields(read_question_form(a_form(number)), fields={"q0": ["9.5"]})
    assert fine.words == {"why": "9.5"}


@pytest.mark.slow
@given(
    st.dictionaries(
        st.sampled_from(["q0", "q1", "q2", "q3"]),
        st.lists(st.text(max_size=5) | st.sampled_from(["tabby", "pug"]), max_size=3),
    )
)
def test_whatever_a_browser_sends_is_taken_or_explained(fields: dict[str, list[str]]) -> None:
    form, problems = read_question_form(a_form()), {}
    try:
        answers = FormAnswers.from_fields(form, fields=fields)
    except AnswersRefusedError as error:
        problems = error.problems
    else:
        assert len(fromstring(answers.xml().encode())) == 3
    assert set(problems) <= {"q0", "q1", "q2"}


@pytest.mark.parametrize(
    "form",
    [
        "<",
        a_form().replace("2017-11-06", "2018-01-01"),
        a_form(a_choice("cat"), a_choice("cat")),
        a_form(a_choice("cat").replace("beagle", "tabby")),
        a_form(a_choice("cat").replace("<Text>Tabby</Text>", "")),
        a_form(a_choice("cat").replace("SelectionAnswer>", "FileUploadAnswer>")),
        a_form(words("<NumberOfLinesSuggestion>many</NumberOfLinesSuggestion>")),
        a_form(words('<Constraints><Length minLength="x"/></Constraints>')),
        a_form(words().replace("<Text>", "<Application>").replace("</Text>", "</Application>")),
        a_form("<More/>"),
        a_form("<Overview/>"),
        '<!DOCTYPE x [<!ENTITY a "b">]>' + a_form(),
        a_form(
            words().replace(
                "<Text>How can you tell?</Text>",
                "<Binary><DataURL>http://pictures.example/a.png</DataURL></Binary>",
            )
        ),
    ],
)
def test_forms_that_are_refused(form: str) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        read_question_form(form)
    assert refused.value.turk_code == "AWS.MechanicalTurk.XMLParseError"


def test_markup_of_a_requester_is_read_as_words() -> None:
    marked = words().replace(
        "<Text>How can you tell?</Text>",
        "<FormattedContent><![CDATA[<p onclick='x()'>How <b>so</b>?</p>]]></FormattedContent>",
    )
    [question] = read_question_form(a_form(marked)).questions
    assert question.content[-1].text == "How so ?"
