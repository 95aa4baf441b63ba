"""Why is the prediction wrong? One main reason from a codebook, and whatever else holds.

A raw answer is two words: the main reason's letter, a for the first of the codebook, or `?` where
nobody can tell; and the letters of the other reasons that hold, or `-`. So `b ad` is the second
reason above all, with the first and the fourth. At most 11 signs, whatever reasons are called.
"""

from __future__ import annotations

from string import ascii_lowercase

from studyapp.asking import NOTHING, QuestionType, Subject, Texts
from studyapp.drawn import MOST_REASONS
from studyapp.vocabulary import Answer, PopulationKind, QuestionKind

UNKNOWN = "?"

#: What fails, as the poster's flowchart and the reviews of ImageNet mistakes have it.
USUAL_REASONS = (
    "Object small, hidden or cut off",
    "Unexpected object in the picture",
    "Background or context suggests it",
    "Looks much like the other class",
    "Several objects, another one named",
    "The label is wrong",
    "Odd style, pose or view",
    "Something else",
)


def read_reason(raw: str, subject: Subject | None) -> str:
    """Yes where a main reason is given, unsure where none can be told."""
    main, _ = parse_reason(raw, n=len((subject or {}).get("names", ())))
    return Answer.UNSURE if main is None else Answer.YES


def parse_reason(raw: str, *, n: int) -> tuple[int | None, frozenset[int]]:
    """The main reason and all that hold, the main one among them, as places in a codebook of n.

    Raises ValueError for what is no such answer.
    """
    letters = ascii_lowercase[:n]
    main, more = REASON.split(raw)
    others = "" if more == NOTHING else more
    if (main != UNKNOWN and (len(main) != 1 or main not in letters)) or not set(others) <= set(
        letters
    ):
        raise ValueError(f"the answer names none of the {n} reasons")
    if len(set(others)) != len(others):
        raise ValueError("a reason is ticked twice")
    held = {letters.index(letter) for letter in others}
    if main == UNKNOWN:
        return None, frozenset(held)
    return letters.index(main), frozenset({letters.index(main), *held})


REASON = QuestionType(
    kind=QuestionKind.REASON,
    slot="",
    answers=(*ascii_lowercase[:MOST_REASONS], UNKNOWN),
    choices=(),
    read=read_reason,
    texts=Texts(
        title="Why did a program name the wrong thing?",
        description="A program looked at a picture and named the wrong thing. Say why, in your "
        "view.",
        question="Why, in your view?",
        instructions=(
            "A program was to name what a picture shows, and named something else. Choose the one "
            "reason that explains it best, as you see it. Then tick whatever else is true, or "
            "nothing. If you cannot say why, choose Cannot tell."
        ),
        keys=(
            ("1–9", "choose the main reason, then tick others"),
            ("0", "cannot tell"),
            ("Enter", "sends the answer"),
        ),
    ),
    populations=(PopulationKind.MISTAKES,),
    template="reason",
    seconds=25,
    parts=2,
    in_order=True,
)
