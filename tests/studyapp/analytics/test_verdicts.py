from __future__ import annotations

import json
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, Rule, Verdict, Verdicts, Votes, verdicts
from studyapp.analytics.columns import Int64
from tests.studyapp.analytics.strategies import Panel, panels, rules

LETTERS = {"y": 1, "n": 0, "u": -1}


def panel_of(*questions: str) -> Votes:
    """Votes spelled as letters, one word per question, in order."""
    rows = [
        (question, rater, LETTERS[letter])
        for question, word in enumerate(questions)
        for rater, letter in enumerate(word)
    ]
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    return Votes.from_columns(
        columns[:, 0], rater=columns[:, 1], answer=columns[:, 2], n_questions=len(questions)
    )


def code(word: str, rule: Rule) -> int:
    return int(verdicts(panel_of(word), rule=rule).code[0])


@pytest.mark.parametrize(
    ("word", "expected", "decided_at"),
    [
        ("yyyyy", 1, 4),
        ("yyyyn", 1, 4),
        ("nyyyy", 1, 5),
        ("yyyy", 1, 4),  # a fifth vote could not change it
        ("yyynn", 0, 5),
        ("nn", 0, 2),
        ("nyn", 0, 3),
        ("yyy", -1, 0),
        ("yyyn", -1, 0),
        ("", -1, 0),
    ],
)
def test_four_of_five_by_hand(word: str, expected: int, decided_at: int) -> None:
    found = verdicts(panel_of(word), rule=Rule())
    assert (found.code.tolist(), found.decided_at.tolist()) == ([expected], [decided_at])


@pytest.mark.parametrize(
    ("word", "missing", "as_no", "as_yes"),
    [
        ("yyyyu", 1, 1, 1),
        ("yyyuy", 1, 1, 1),
        ("yyyun", -1, 0, 1),
        ("yyyuu", -1, 0, 1),
        ("uuuuu", -1, 0, 1),
        ("unnyu", 0, 0, 0),
        ("uuunn", 0, 0, 0),
        ("uuuun", -1, 0, 1),
    ],
)
def test_unsure_by_hand(word: str, missing: int, as_no: int, as_yes: int) -> None:
    found = [code(word, Rule(unsure=unsure)) for unsure in ("missing", "no", "yes")]
    assert found == [missing, as_no, as_yes]


def test_an_unsure_vote_uses_up_one_of_the_n() -> None:
    """Nobody is asked in its place: a sixth vote is surplus, whatever the first five said."""
    found = verdicts(panel_of("uyyyny"), rule=Rule())
    assert (found.yes[0], found.no[0], found.unsure[0], found.valid[0]) == (3, 1, 1, 4)
    assert found.code[0] == Verdict.UNDECIDED


def test_decided_at_counts_unsure_votes_too() -> None:
    assert verdicts(panel_of("unun"), rule=Rule()).decided_at.tolist() == [4]


def test_recoded_votes_move_to_where_they_count() -> None:
    found = verdicts(panel_of("yuunn"), rule=Rule(unsure="no"))
    assert (found.yes[0], found.no[0], found.unsure[0], found.valid[0]) == (1, 4, 0, 5)


def test_only_the_first_n_by_order_count() -> None:
    votes = Votes.from_columns(
        [0] * 6, rater=range(6), answer=[0, 0, 1, 1, 1, 1], order=[60, 50, 40, 30, 20, 10]
    )
    found = verdicts(votes, rule=Rule())
    assert (found.code[0], found.yes[0], found.no[0], found.decided_at[0]) == (1, 4, 1, 4)


@pytest.mark.parametrize(
    ("word", "options", "expected"),
    [
        ("yyyyyyyynn", {}, 1),  # 8 of 10 is exactly 4/5
        ("yyyyyyynnn", {}, 0),
        ("yyy", {}, -1),
        ("yyyu", {}, -1),  # three votes that count, four needed
        ("yyy", {"min_votes": 3}, 1),
        ("nnyyyy", {}, 0),
        ("nnyyyyyyyy", {}, 1),  # rejected by its first five
    ],
)
def test_the_fraction_rule_uses_every_vote(
    word: str, options: dict[str, int], expected: int
) -> None:
    found = verdicts(panel_of(word), rule=Rule(extra="fraction", **options))  # type: ignore[arg-type]
    assert found.code[0] == expected
    assert found.decided_at[0] == (len(word) if expected >= 0 else 0)


def test_more_votes_than_the_columns_hold_are_refused() -> None:
    size = 2**15
    votes = Votes.from_columns(np.zeros(size, dtype=int), rater=np.arange(size), answer=[1] * size)
    assert verdicts(votes, rule=Rule()).code[0] == Verdict.ACCEPTED
    with pytest.raises(ColumnError, match="Question 0 has 32768 votes"):
        verdicts(votes, rule=Rule(extra="fraction"))


def test_votes_needed_on_average_by_number_of_yes() -> None:
    """Means over all orders of five votes: 2, 2.4, 3, 4, 4.8, 4 (by symmetry of drawing)."""
    means = []
    for yes in range(6):
        words = ["".join(word) for word in permutations("y" * yes + "n" * (5 - yes))]
        means.append(float(verdicts(panel_of(*words), rule=Rule()).decided_at.mean()))
    assert means == pytest.approx([2, 2.4, 3, 4, 4.8, 4])


def test_results_are_json_safe_and_count_themselves() -> None:
    found = verdicts(panel_of("yyyyy", "nn", "u"), rule=Rule())
    data = json.loads(json.dumps(found.to_dict()))
    assert (data["n_accepted"], data["n_rejected"], data["n_undecided"]) == (1, 1, 1)
    assert data["code"] == [1, 0, -1]
    assert len(found) == data["n_questions"] == 3


def by_hand(panel: Panel, rule: Rule) -> list[tuple[int, int, int, int, int, int]]:
    """(code, yes, no, unsure, valid, decided_at) of every question, one vote at a time."""
    found = []
    for question in range(panel.n_questions):
        rows = [row for row in range(panel.question.size) if panel.question[row] == question]
        rows.sort(key=lambda row: int(panel.order[row]))
        yes = no = unsure = decided_at = 0
        verdict = -1
        for place, row in enumerate(rows, start=1):
            if rule.extra == "first" and place > rule.n:
                break
            answer = int(panel.answer[row])
            if answer == -1 and rule.unsure != "missing":
                answer = 1 if rule.unsure == "yes" else 0
            yes, no, unsure = yes + (answer == 1), no + (answer == 0), unsure + (answer == -1)
            if rule.extra == "first" and verdict == -1:
                verdict = 1 if yes >= rule.k else 0 if no > rule.n - rule.k else -1
                decided_at = place if verdict >= 0 else 0
        if rule.extra == "fraction" and yes + no >= rule.votes_needed:
            verdict, decided_at = int(yes * rule.n >= rule.k * (yes + no)), len(rows)
        found.append((verdict, yes, no, unsure, yes + no, decided_at))
    return found


def rows_of(found: Verdicts) -> list[tuple[int, ...]]:
    columns = (found.code, found.yes, found.no, found.unsure, found.valid, found.decided_at)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.slow
@given(panels(max_raters=12), rules())
def test_a_slow_reading_of_the_definition_agrees(panel: Panel, rule: Rule) -> None:
    assert rows_of(verdicts(panel.votes(), rule=rule)) == by_hand(panel, rule)


def permuted(values: Int64, by: list[int]) -> Int64:
    return np.asarray(by, dtype=np.int64)[values]


@pytest.mark.slow
@given(panels(), rules(), st.data())
def test_the_order_of_the_rows_changes_nothing(
    panel: Panel, rule: Rule, data: st.DataObject
) -> None:
    shuffle = np.array(data.draw(st.permutations(range(panel.order.size))), dtype=np.int64)
    other = Panel(
        panel.question[shuffle],
        panel.rater[shuffle],
        panel.answer[shuffle],
        panel.order[shuffle],
        panel.n_questions,
        panel.n_raters,
    )
    before, after = verdicts(panel.votes(), rule=rule), verdicts(other.votes(), rule=rule)
    assert rows_of(before) == rows_of(after)


@pytest.mark.slow
@given(panels(), rules(), st.data())
def test_other_numbers_for_raters_and_questions_change_nothing(
    panel: Panel, rule: Rule, data: st.DataObject
) -> None:
    questions = data.draw(st.permutations(range(panel.n_questions)))
    raters = data.draw(st.permutations(range(panel.n_raters)))
    other = Panel(
        permuted(panel.question, questions),
        permuted(panel.rater, raters),
        panel.answer,
        panel.order,
        panel.n_questions,
        panel.n_raters,
    )
    before, after = verdicts(panel.votes(), rule=rule), verdicts(other.votes(), rule=rule)
    assert rows_of(before) == [rows_of(after)[number] for number in questions]


@pytest.mark.parametrize("k", range(1, 6))
def test_missing_accepts_as_no_does_and_rejects_as_yes_does(k: int) -> None:
    words = ["".join(word) for word in product("ynu", repeat=5)]
    codes = {
        unsure: verdicts(panel_of(*words), rule=Rule(k=k, unsure=unsure)).code
        for unsure in ("missing", "no", "yes")
    }
    assert ((codes["missing"] == 1) == (codes["no"] == 1)).all()
    assert ((codes["missing"] == 0) == (codes["yes"] == 0)).all()
