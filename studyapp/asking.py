"""What a question type is to the rest of the program: its answers, its words, how it is shown.

Each type is a folder of `studyapp.questions`, which registers it here when the program starts. So
whoever saves a vote or hashes a wording asks this module and imports none of the folders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What is asked about besides the picture, as stored in Question.subject.
Subject = Mapping[str, Any]
#: Between the parts of an answer that has several.
PART_SEPARATOR = " "
#: A part in which nothing is ticked.
NOTHING = "-"
#: `parts` of a type that takes an answer to each thing the subject lists.
EACH_LISTED = 0
#: More parts than any page has.
MOST_PARTS = 20


@dataclass(frozen=True)
class Choice:
    """One button. `key` is the browser's name of its key, `key_name` what is written on it."""

    value: str
    label: str
    key: str
    key_name: str
    shortcut: str
    quiet: bool = False


YES_NO_UNSURE_KEYS = (("Y", "yes"), ("N", "no"), ("Space", "cannot tell"))
YES_NO_UNSURE = (
    Choice("yes", "Yes", key="y", key_name="Y", shortcut="Y"),
    Choice("no", "No", key="n", key_name="N", shortcut="N"),
    Choice("unsure", "Cannot tell", key=" ", key_name="Space", shortcut="Space", quiet=True),
)


@dataclass(frozen=True)
class Texts:
    """What a new study of the type says to raters until somebody changes it."""

    title: str
    description: str
    question: str
    instructions: str
    #: What each key does, for the first page.
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class QuestionType:
    """A question type.

    slot: what the wording must hold once, such as {class}; empty where it names nothing.
    answers: part of a wording's identity. choices: the buttons; a type whose buttons show what is
    asked about has them in its template. parts: how many answers one page takes, or EACH_LISTED.
    in_order: things stand on the page as in the subject, and not as drawn for each rater. read:
    from a raw answer and the subject to yes, no or unsure, which is what a rule counts; raises
    ValueError for what cannot be an answer.
    populations: values of PopulationKind it can be asked about. template: folder of its templates.
    seconds: what one page takes most people.
    """

    kind: str
    slot: str
    answers: tuple[str, ...]
    choices: tuple[Choice, ...]
    read: Callable[[str, Subject | None], str]
    texts: Texts
    populations: tuple[str, ...]
    template: str
    seconds: int
    parts: int = 1
    in_order: bool = False

    @property
    def says_yes(self) -> bool:
        """Whether raters answer yes or no themselves; else it is what their answers come to."""
        return "yes" in self.answers

    def joined(self, parts: Sequence[str]) -> str:
        """The raw answer of a page with several parts."""
        return PART_SEPARATOR.join(parts)

    def split(self, raw: str, subject: Subject | None = None) -> list[str]:
        """The parts of a raw answer; ValueError where they are not as many as asked."""
        parts = raw.split(PART_SEPARATOR)
        wanted = self.parts or len((subject or {}).get("names", ()))
        if len(parts) != wanted:
            raise ValueError(f"{len(parts)} answers instead of {wanted}")
        return parts


_TYPES: dict[str, QuestionType] = {}


def register(question_type: QuestionType) -> None:
    _TYPES[question_type.kind] = question_type


def question_type(kind: str) -> QuestionType:
    """The type of this kind; every value of vocabulary.QuestionKind has one."""
    return _TYPES[str(kind)]


def question_types() -> tuple[QuestionType, ...]:
    return tuple(_TYPES.values())


def read_any_yes(answers: Sequence[str]) -> str:
    """What several answers say of all together: yes with any yes, no if all are no, else unsure."""
    if "yes" in answers:
        return "yes"
    return "no" if set(answers) == {"no"} else "unsure"


def read_yes_no_unsure(raw: str, _subject: Subject | None) -> str:
    """An answer that is its own reading."""
    if raw not in ("yes", "no", "unsure"):
        raise ValueError("the answer is none of yes, no and cannot tell")
    return raw
