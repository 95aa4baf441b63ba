from __future__ import annotations

from pathlib import Path

import pytest
from django.template.loader import get_template

from studyapp.asking import question_type, question_types
from studyapp.identity import subject_hash, wording_version
from studyapp.questions.registry import FOLDERS
from studyapp.vocabulary import PopulationKind, QuestionKind

#: As stored by the first version: votes found by it must be found for ever.
RELEVANCE_VERSION = "ca55b2812e1da21deda0711d3e40f737c10eaf9e2d3af7fec5299381fdf614f1"


def test_every_kind_has_a_folder_and_every_folder_a_kind() -> None:
    assert {folder.type.kind for folder in FOLDERS} == set(QuestionKind.values)
    assert {asked.kind for asked in question_types()} == set(QuestionKind.values)
    package = Path(__file__).resolve().parents[3] / "studyapp" / "questions"
    assert {path.name for path in package.iterdir() if (path / "__init__.py").is_file()} == set(
        QuestionKind.values
    )


@pytest.mark.parametrize("kind", QuestionKind.values)
def test_a_type_is_whole(kind: str) -> None:
    asked = question_type(kind)
    get_template(f"{asked.template}/question.html")
    if not asked.choices:
        get_template(f"{asked.template}/answers.html")
    assert set(asked.populations) <= set(PopulationKind.values)
    assert asked.slot in asked.texts.question
    assert len(asked.texts.title) <= 128
    keys = [choice.key for choice in asked.choices]
    assert len(set(keys)) == len(keys)


def test_the_version_of_the_first_wording_stays() -> None:
    text = "Is {class} relevant for this image?"
    assert wording_version(QuestionKind.RELEVANCE, text=text) == RELEVANCE_VERSION
    others = {wording_version(kind, text=text) for kind in QuestionKind.values}
    assert len(others) == len(QuestionKind.values)


def test_a_subject_is_known_by_what_it_holds() -> None:
    first = subject_hash("list_relevance", subject={"classes": [1, 2], "class_list": "x"})
    same = subject_hash("list_relevance", subject={"class_list": "x", "classes": [1, 2]})
    other = subject_hash("five_relevance", subject={"class_list": "x", "classes": [1, 2]})
    assert first == same != other
