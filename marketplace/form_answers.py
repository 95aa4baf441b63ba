"""A worker's answers to a QuestionForm, checked against its questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace import answers
from marketplace.errors import AnswersRefusedError
from marketplace.question_form import NUMBER, Question, QuestionForm


@dataclass(frozen=True)
class FormAnswers:
    """Answers by question identifier: words, or the identifiers chosen."""

    words: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_fields(cls, form: QuestionForm, *, fields: Mapping[str, list[str]]) -> FormAnswers:
        """Check form fields against the questions; raises AnswersRefusedError naming each."""
        words: dict[str, str] = {}
        chosen: dict[str, tuple[str, ...]] = {}
        problems: dict[str, str] = {}
        for question in form.questions:
            given = [value for value in fields.get(question.field_name, []) if value.strip()]
            problem = _choice_problem(question, given) if question.choices else ""
            if question.choices:
                known = [choice.identifier for choice in question.choices]
                chosen[question.identifier] = tuple(one for one in known if one in given)
            else:
                words[question.identifier] = text = given[-1] if given else ""
                problem = _words_problem(question, text)
            if problem:
                problems[question.field_name] = problem
        if problems:
            raise AnswersRefusedError(problems)
        return cls(words, chosen)

    def xml(self) -> str:
        """The answers as QuestionFormAnswers."""
        return answers.answers_xml(
            [answers.free_text(name, text) for name, text in self.words.items()]
            + [answers.selection(name, chosen) for name, chosen in self.chosen.items()]
        )


def _choice_problem(question: Question, given: list[str]) -> str:
    known = {choice.identifier for choice in question.choices}
    if not set(given) <= known:
        return "Choose from what is listed."
    if not given and not question.required:
        return ""
    least = max(question.least_chosen, 1 if question.required else 0)
    if not least <= len(set(given)) <= question.most_chosen:
        if least == question.most_chosen:
            return f"Choose {least}."
        return f"Choose from {least} to {question.most_chosen}."
    return ""


def _words_problem(question: Question, text: str) -> str:
    if not text:
        return "Answer this question." if question.required else ""
    if not question.shortest <= len(text) <= question.longest:
        return f"Write from {question.shortest} to {question.longest} characters."
    if question.numeric:
        if not NUMBER.fullmatch(text.strip()):
            return "Write a number."
        value = float(text)
        if question.number_from is not None and value < question.number_from:
            return f"Write a number of at least {question.number_from:g}."
        if question.number_to is not None and value > question.number_to:
            return f"Write a number of at most {question.number_to:g}."
    return ""
