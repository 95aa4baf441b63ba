"""Does the box mark what the class name means? (Szyc et al. 2021, section 3.4)"""

from __future__ import annotations

from studyapp.asking import (
    YES_NO_UNSURE,
    YES_NO_UNSURE_KEYS,
    QuestionType,
    Texts,
    read_yes_no_unsure,
)
from studyapp.vocabulary import Answer, PopulationKind, QuestionKind

BOX_MEANING = QuestionType(
    kind=QuestionKind.BOX_MEANING,
    slot="{class}",
    answers=tuple(Answer.values),
    choices=YES_NO_UNSURE,
    read=read_yes_no_unsure,
    texts=Texts(
        title="Does the frame mark what the word means?",
        description="Look at a picture with a yellow frame and say whether it marks what a word "
        "means.",
        question="Does the yellow frame mark what you understand by {class}?",
        instructions=(
            "You will see one picture at a time, with one or more yellow frames, and a word. "
            "Answer Yes if what is inside the frames is what you understand by the word. Answer No "
            "if you would have framed something else, more or less: another thing, the whole "
            "scene, or one of several. Answer Cannot tell if you cannot say."
        ),
        keys=YES_NO_UNSURE_KEYS,
    ),
    populations=(PopulationKind.BOXED,),
    template="relevance",
    seconds=7,
)
