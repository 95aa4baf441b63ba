from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, Rule, Verdict, Votes, verdicts
from studyapp.analytics.five_classes import accept_any_class, fold
from tests.studyapp.analytics.panels_of_five import verdicts_with
from tests.studyapp.analytics.strategies import Panel, panels

#: Answers of three raters to the classes 0, 1, 2 of one list.
YES, NO, UNSURE = 1, 0, -1


def test_by_hand() -> None:
    votes = Votes.from_columns(
        [0, 1, 2] * 3 + [0, 1],
        rater=[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3],
        answer=[NO, YES, UNSURE, NO, NO, NO, NO, UNSURE, NO, NO, NO],
        order=[0, 1, 2, 9, 10, 11, 3, 4, 5, 6, 7],
        seconds=[1, 2, 3, 4, 5, np.nan, 7, 8, 9, 1, 1],
    )
    folded = fold(votes, lists=[[2, 0, 1]])
    by_rater = np.argsort(folded.rater)
    # The last rater has answered two of three classes: without a yes that is not a no.
    assert folded.answer[by_rater].tolist() == [YES, NO, UNSURE, UNSURE]
    assert folded.seconds is not None
    np.testing.assert_array_equal(folded.seconds[by_rater], [6, np.nan, 24, 2])
    assert folded.rater[folded.by_question].tolist() == [0, 2, 3, 1]


def test_a_question_in_two_lists_counts_in_both() -> None:
    votes = Votes.from_columns([0, 1, 2], rater=[0, 0, 0], answer=[YES, NO, NO])
    folded = fold(votes, lists=[[0, 1], [1, 2], [2, 0]])
    assert folded.question.tolist() == [0, 1, 2]
    assert folded.answer.tolist() == [YES, NO, YES]


def test_lists_without_votes() -> None:
    folded = fold(Votes.from_columns([], rater=[], answer=[], n_questions=4), lists=[[0, 3]])
    assert (len(folded), folded.n_questions) == (0, 1)
    assert len(fold(folded, lists=np.zeros((0, 5), dtype=int))) == 0


@pytest.mark.slow
@given(panels(), st.data())
def test_every_rater_and_list_one_by_one(panel: Panel, data: st.DataObject) -> None:
    width = data.draw(st.integers(1, panel.n_questions))
    questions = st.permutations(range(panel.n_questions)).map(lambda row: row[:width])
    lists = data.draw(st.lists(questions, min_size=1, max_size=4))
    votes = panel.votes()
    folded = fold(votes, lists=lists)
    found = {
        (int(q), int(r)): int(a)
        for q, r, a in zip(folded.question, folded.rater, folded.answer, strict=True)
    }
    expected = {}
    for number, row in enumerate(lists):
        for rater in range(panel.n_raters):
            mine = votes.answer[(votes.rater == rater) & np.isin(votes.question, row)].tolist()
            if mine:
                none = NO if mine == [NO] * width else UNSURE
                expected[number, rater] = YES if YES in mine else none
    assert found == expected


def test_any_class_by_hand() -> None:
    rule = Rule()
    votes = verdicts_with([5, 3, 0, 4], rule=rule)
    found = accept_any_class(votes, lists=[[0, 1, 2], [1, 2, 1 + 2], [1, 2, 0]])
    assert found.code.tolist() == [Verdict.ACCEPTED] * 3
    assert found.yes.tolist() == [5, 4, 5]
    assert accept_any_class(votes, lists=[[1, 2]]).code.tolist() == [Verdict.REJECTED]


def test_a_list_with_an_open_class_and_no_accepted_one_is_undecided() -> None:
    votes = Votes.from_columns([0] * 5 + [1], rater=[0, 1, 2, 3, 4, 0], answer=[0] * 5 + [1])
    found = accept_any_class(verdicts(votes, rule=Rule()), lists=[[0, 1]])
    assert found.code.tolist() == [Verdict.UNDECIDED]
    assert found.decided_at.tolist() == [0]


@pytest.mark.parametrize("k", range(1, 6))
def test_raters_who_back_different_classes_accept_the_list_alone(k: int) -> None:
    """Five raters, each yes to a class of their own."""
    rater, question = np.divmod(np.arange(25), 5)
    votes = Votes.from_columns(question, rater=rater, answer=(rater == question).astype(np.int8))
    rule, lists = Rule(k=k), [[0, 1, 2, 3, 4]]
    assert verdicts(fold(votes, lists=lists), rule=rule).code.tolist() == [Verdict.ACCEPTED]
    apart = accept_any_class(verdicts(votes, rule=rule), lists=lists)
    assert apart.code.tolist() == [Verdict.ACCEPTED if k == 1 else Verdict.REJECTED]


@pytest.mark.slow
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**31))
def test_the_list_accepts_wherever_one_of_its_classes_is(k: int, n_lists: int, seed: int) -> None:
    """Raters who answer all five classes on one page, so that the first n raters are the same."""
    rng = np.random.default_rng(seed)
    n_questions = 5 * n_lists
    rater, question = np.divmod(np.arange(5 * n_questions), n_questions)
    votes = Votes.from_columns(
        question, rater=rater, answer=rng.integers(0, 2, question.size), n_questions=n_questions
    )
    lists, rule = np.arange(n_questions).reshape(n_lists, 5), Rule(k=k)
    listed = verdicts(fold(votes, lists=lists), rule=rule).code
    apart = accept_any_class(verdicts(votes, rule=rule), lists=lists).code
    assert (listed >= apart).all()


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ([0, 1], "Lists have shape"),
        (np.zeros((1, 0), dtype=int), "Lists have shape"),
        ([[0, 2]], "outside 0..1"),
        ([[0, 1], [1, 1]], "List 1 has a question twice"),
    ],
)
def test_bad_lists_are_refused(lists: list[list[int]], message: str) -> None:
    votes = Votes.from_columns([0, 1], rater=[0, 0], answer=[1, 1])
    with pytest.raises(ColumnError, match=message):
        fold(votes, lists=lists)
    with pytest.raises(ColumnError, match=message):
        accept_any_class(verdicts(votes, rule=Rule()), lists=lists)
