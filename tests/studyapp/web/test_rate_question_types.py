"""Question types on the rater's pages without a script: what is shown, sent and stored."""

from __future__ import annotations

import re

import pytest

from studyapp.models import Question, Vote
from studyapp.vocabulary import QuestionKind
from tests.factories.subjects import open_hit_about
from tests.studyapp.web.rate_walk import Walker, votes

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]

LISTED = re.compile(r'data-quorum="listed">([^<]+)<')
VALUES = re.compile(r'name="answer" value="(\d)"')


def test_a_list_is_shown_whole_and_answered_once() -> None:
    walker = Walker(open_hit_about(QuestionKind.LIST_RELEVANCE, n=2))
    page = walker.begin()
    assert sorted(LISTED.findall(page.text.partition('<script id="page"')[0])) == [
        "cat", "crane", "cup", "dog", "spoon",
    ]  # fmt: skip
    assert page.forms["trial"].answers == ["yes", "no", "unsure"]
    page = walker.press(page.forms["trial"], answer="no")
    walker.answer_all(page)
    assert [(vote.answer, vote.answer_raw) for vote in votes("position")] == [
        ("no", "no"),
        ("yes", "yes"),
    ]


@pytest.mark.slow
def test_two_raters_see_a_list_in_orders_of_their_own() -> None:
    hit = open_hit_about(QuestionKind.LIST_RELEVANCE, n=1)
    orders = set()
    for number in range(6):
        walker = Walker(hit, assignment=f"3ASSIGNMENT{number}", worker=f"A{number}WORKER")
        first = LISTED.findall(walker.begin().text)
        again = LISTED.findall(walker.enter().text)
        assert first == again, "coming back finds it as it was"
        orders.add(tuple(first[:5]))
    assert len(orders) > 1


def test_five_answers_on_one_page_are_one_vote() -> None:
    walker = Walker(open_hit_about(QuestionKind.FIVE_RELEVANCE, n=3))
    page = walker.begin()
    names = [f"part-{number}" for number in range(5)]
    assert set(names) <= set(re.findall(r'name="(part-\d)"', page.text))
    for parts in (
        ["no", "yes", "no", "unsure", "no"],
        ["no"] * 5,
        ["no", "no", "unsure", "no", "no"],
    ):
        fields = dict(zip(names, parts, strict=True))
        page = walker.press(page.forms["trial"], answer="parts", **fields)
    assert [(vote.answer, vote.answer_raw) for vote in votes("position")] == [
        ("yes", "no yes no unsure no"),
        ("no", "no no no no no"),
        ("unsure", "no no unsure no no"),
    ]


@pytest.mark.parametrize("fields", [{}, {"part-0": "yes"}, {f"part-{n}": "x" for n in range(5)}])
def test_half_an_answer_is_none(fields: dict[str, str]) -> None:
    walker = Walker(open_hit_about(QuestionKind.FIVE_RELEVANCE, n=1))
    page = walker.press(walker.begin().forms["trial"], answer="parts", **fields)
    assert page.problem == "bad-answer"
    assert not Vote.objects.exists()


@pytest.mark.slow
def test_a_match_is_right_by_the_group_wherever_it_stands() -> None:
    walker = Walker(open_hit_about(QuestionKind.CLASS_MATCH, n=2))
    page = walker.begin()
    shown = page.text.partition('<script id="page"')[0]
    assert sorted(VALUES.findall(shown)) == list("123456")
    assert shown.count('data-quorum="example"') == 36
    assert '"right"' not in page.text
    while "trial" in page.forms:
        trial = int(page.forms["trial"].fields["trial"])
        subject = Question.objects.get(trials=trial).subject
        assert subject is not None
        number = subject["right"] + 1 if not Vote.objects.exists() else 6 - subject["right"]
        page = walker.press(page.forms["trial"], answer=str(number))
    first, second = votes("position")
    assert first.answer == "yes"
    assert second.answer == "no"
    assert second.answer_raw in "123456"


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["0", "7", "yes", "1 2", "", "9" * 50])
def test_no_other_answer_is_taken(answer: str) -> None:
    walker = Walker(open_hit_about(QuestionKind.CLASS_MATCH, n=1))
    page = walker.press(walker.begin().forms["trial"], answer=answer)
    assert page.problem == "bad-answer"
    assert not Vote.objects.exists()


@pytest.mark.slow
def test_the_first_page_names_the_keys_and_a_time_of_its_own() -> None:
    page = Walker(open_hit_about(QuestionKind.CLASS_MATCH, n=8)).enter()
    assert "<kbd>1–6</kbd> choose a group" in page.text
    assert "about <strong>6 min</strong>" in page.text
