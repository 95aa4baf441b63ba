"""A qualification test about two animals, and its key."""

from __future__ import annotations

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"


def a_choice(identifier: str, *, style: str = "radiobutton", required: str = "true") -> str:
    return f"""
      <Question>
        <QuestionIdentifier>{identifier}</QuestionIdentifier>
        <DisplayName>About {identifier}</DisplayName>
        <IsRequired>{required}</IsRequired>
        <QuestionContent><Text>Which of these is a {identifier}?</Text></QuestionContent>
        <AnswerSpecification><SelectionAnswer>
          <StyleSuggestion>{style}</StyleSuggestion>
          <Selections>
            <Selection><SelectionIdentifier>tabby</SelectionIdentifier><Text>Tabby</Text></Selection>
            <Selection><SelectionIdentifier>beagle</SelectionIdentifier><Text>Beagle</Text></Selection>
            <Selection><SelectionIdentifier>pug</SelectionIdentifier><Text>Pug</Text></Selection>
          </Selections>
        </SelectionAnswer></AnswerSpecification>
      </Question>"""


def words(constraints: str = "", *, required: str = "false") -> str:
    return f"""
      <Question>
        <QuestionIdentifier>why</QuestionIdentifier>
        <IsRequired>{required}</IsRequired>
        <QuestionContent><Title>In words</Title><Text>How can you tell?</Text></QuestionContent>
        <AnswerSpecification><FreeTextAnswer>{constraints}</FreeTextAnswer></AnswerSpecification>
      </Question>"""


def a_form(*parts: str, schema: str = "2017-11-06/QuestionForm.xsd") -> str:
    inside = "".join(parts or (a_choice("cat"), a_choice("dog", style="checkbox"), words()))
    return (
        f'<QuestionForm xmlns="{SCHEMAS}{schema}"><Overview><Title>Cats &amp; dogs</Title>'
        f"<List><ListItem>Look closely</ListItem></List></Overview>{inside}</QuestionForm>"
    )


def a_key(mapping: str = "") -> str:
    return f"""<AnswerKey xmlns="{SCHEMAS}2005-10-01/AnswerKey.xsd">
      <Question><QuestionIdentifier>cat</QuestionIdentifier>
        <AnswerOption><SelectionIdentifier>tabby</SelectionIdentifier><AnswerScore>10</AnswerScore></AnswerOption>
      </Question>
      <Question><QuestionIdentifier>dog</QuestionIdentifier>
        <AnswerOption><SelectionIdentifier>beagle</SelectionIdentifier><SelectionIdentifier>pug</SelectionIdentifier>
          <AnswerScore>5</AnswerScore></AnswerOption>
        <AnswerOption><SelectionIdentifier>pug</SelectionIdentifier><AnswerScore>2</AnswerScore></AnswerOption>
        <DefaultScore>-1</DefaultScore>
      </Question>{mapping}</AnswerKey>"""


#: All right: 10 and 5 points.
RIGHT = {"q0": ["tabby"], "q1": ["pug", "beagle"], "q2": ["By its ears."]}
HALF = {"q0": ["pug"], "q1": ["pug"], "q2": [""]}
