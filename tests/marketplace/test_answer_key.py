from __future__ import annotations

import pytest

from marketplace.answer_key import read_answer_key
from marketplace.errors import RequestRefusedError
from marketplace.form_answers import FormAnswers
from marketplace.question_form import read_question_form
from tests.marketplace.exams import HALF, RIGHT, SCHEMAS, a_form, a_key

PERCENT = (
    "<QualificationValueMapping><PercentageMapping><MaximumSummedScore>15</MaximumSummedScore>"
    "</PercentageMapping></QualificationValueMapping>"
)
SCALE = (
    "<QualificationValueMapping><ScaleMapping><SummedScoreMultiplier>0.5</SummedScoreMultiplier>"
    "</ScaleMapping></QualificationValueMapping>"
)
RANGES = """<QualificationValueMapping><RangeMapping>
  <SummedScoreRange><InclusiveLowerBound>10</InclusiveLowerBound>
    <InclusiveUpperBound>15</InclusiveUpperBound><QualificationValue>3</QualificationValue></SummedScoreRange>
  <SummedScoreRange><InclusiveLowerBound>2</InclusiveLowerBound>
    <InclusiveUpperBound>9</InclusiveUpperBound><QualificationValue>2</QualificationValue></SummedScoreRange>
  <OutOfRangeQualificationValue>-7</OutOfRangeQualificationValue>
</RangeMapping></QualificationValueMapping>"""
NOTHING = {"q0": ["pug"], "q1": ["tabby"]}


@pytest.mark.parametrize(
    ("mapping", "right", "half", "nothing"),
    [
        ("", 15, 2, -1),
        (PERCENT, 100, 13, -7),
        (SCALE, 8, 1, -1),
        (RANGES, 3, 2, -7),
    ],
)
def test_marks_by_hand(mapping: str, right: int, half: int, nothing: int) -> None:
    form, key = read_question_form(a_form()), read_answer_key(a_key(mapping))

    def value(fields: dict[str, list[str]]) -> int:
        return key.value(FormAnswers.from_fields(form, fields=fields))

    # 15 of 15 points; 2 points, 13.3 %, half of 2; -1 point, -6.7 %, half of -1 rounds away.
    assert (value(RIGHT), value(HALF), value(NOTHING)) == (right, half, nothing)


def test_a_value_fits_the_protocols_integer() -> None:
    huge = SCALE.replace("0.5", "2000000000")
    key = read_answer_key(a_key(huge))
    answers = FormAnswers.from_fields(read_question_form(a_form()), fields=RIGHT)
    assert key.value(answers) == 2**31 - 1


@pytest.mark.parametrize(
    "key",
    [
        "x",
        a_key().replace("2005-10-01", "2006-07-14"),
        a_key().replace("<AnswerScore>10<", "<AnswerScore>ten<"),
        a_key("<QualificationValueMapping/>"),
        a_key(PERCENT.replace("15", "0")),
        a_key(SCALE.replace("0.5", "NaN")),
        a_key(SCALE.replace("0.5", "1e400")),
        f'<AnswerKey xmlns="{SCHEMAS}2005-10-01/AnswerKey.xsd"/>',
    ],
)
def test_keys_that_are_refused(key: str) -> None:
    with pytest.raises(RequestRefusedError):
        read_answer_key(key)
