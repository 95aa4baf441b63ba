from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, Rule, RuleError, Votes, rectified_top1, verdicts
from studyapp.analytics.sensitivity import SensitivityRow, rule_grid, sensitivity
from studyapp.analytics.windows import Window
from tests.studyapp.analytics.conftest import RealRelease
from tests.studyapp.analytics.strategies import Panel, panels


def small() -> Votes:
    """Two questions; rater 4 is fast, rater 5 comes sixth."""
    words = ["yyyyny", "ynyy?n"]
    codes = {"y": 1, "n": 0, "?": -1}
    rows = [(q, r, codes[a]) for q, word in enumerate(words) for r, a in enumerate(word)]
    columns = np.array(rows)
    seconds = np.where(columns[:, 1] == 4, 2.0, 30.0)
    return Votes.from_columns(
        columns[:, 0], rater=columns[:, 1], answer=columns[:, 2], seconds=seconds
    )


def accepted(rows: tuple[SensitivityRow, ...]) -> list[int]:
    return [row.figures.n_accepted for row in rows]


def test_by_hand() -> None:
    rows = sensitivity(
        small(),
        correct=[False, False, True],
        question=[0, 1, 1],
        rules=[Rule(k=4), Rule(k=5), Rule(k=4, extra="fraction")],
        windows=[None, (20, 180)],
        rater_sets={"all": [True] * 6, "without the first": [False] + [True] * 5},
    )
    assert [row.window for row in rows] == [None] * 6 + [(20, 180)] * 6
    assert [row.raters for row in rows[:6]] == ["all"] * 3 + ["without the first"] * 3
    assert [row.n_votes for row in rows[::3]] == [12, 10, 10, 8]
    assert [row.n_raters for row in rows[::3]] == [6, 5, 5, 4]
    # Question 0: yyyyn|y, without the fast yyyyy; without the first yyyny, and then yyyy.
    # Question 1: ynyy?|n; ynyyn; nyy?n; nyyn.
    assert accepted(rows) == [1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1]


def test_the_grid_has_thirty_rules_and_nothing_twice() -> None:
    grid = rule_grid()
    assert len(grid) == len(set(grid)) == 30
    assert Rule() in grid
    assert len(rule_grid(3, unsure=("no",), extra=("first",))) == 3


def test_everybody_and_every_rule_are_the_default() -> None:
    rows = sensitivity(small(), correct=[False], question=[0])
    assert [row.figures.rule for row in rows] == list(rule_grid())
    assert {row.raters for row in rows} == {"all"}
    data = json.loads(json.dumps(rows[0].to_dict()))
    assert (data["window_low"], data["raters"], data["n_votes"]) == (None, "all", 6)
    assert (data["rule_k"], data["n_images"]) == (1, 1)


def test_a_question_that_loses_all_its_votes_is_undecided() -> None:
    row = sensitivity(
        small(), correct=[False], question=[0], rules=[Rule()], windows=[(100, None)]
    )[0]
    assert (row.n_votes, row.figures.n_asked, row.figures.n_undecided) == (0, 1, 1)


def test_both_ends_of_a_window_count() -> None:
    windows: list[Window | None] = [(None, 2), (3, None), (3, 29), (2, 30)]
    rows = sensitivity(small(), correct=[False], question=[0], rules=[Rule()], windows=windows)
    assert [row.n_votes for row in rows] == [1, 5, 0, 6]


@pytest.mark.slow
@given(panels(), st.data())
@settings(max_examples=40)
def test_every_row_is_the_figure_itself(panel: Panel, data: st.DataObject) -> None:
    asked = st.integers(-1, panel.n_questions - 1)
    images = data.draw(st.lists(st.tuples(st.booleans(), asked), min_size=1, max_size=8))
    correct, question = [hit for hit, _ in images], [asked for _, asked in images]
    drop = data.draw(st.lists(st.booleans(), min_size=panel.n_raters, max_size=panel.n_raters))
    votes = panel.votes()
    rows = sensitivity(votes, correct=correct, question=question, rater_sets={"some": drop})
    kept = votes.valid(np.array(drop)[votes.rater])
    for row in rows:
        figures = rectified_top1(
            correct, question=question, verdicts=verdicts(kept, rule=row.figures.rule)
        )
        assert row.figures.to_dict() == figures.to_dict()
    # A stricter k never accepts more.
    for start in range(0, 30, 5):
        counts = accepted(rows[start : start + 5])
        assert counts == sorted(counts, reverse=True)


def test_real_votes(real_release: RealRelease) -> None:
    """The accepted errors of the release's table, for 3, 4 and 5 yes and for unsure as yes."""
    model = real_release.models["resnet50-v1.5-tflite-fp32"]
    rows = sensitivity(real_release.votes, correct=model.correct, question=model.question)
    found = {
        (row.figures.rule.k, row.figures.rule.unsure): row.figures.n_accepted
        for row in rows
        if row.figures.rule.extra == "first"
    }
    assert [found[k, "no"] for k in (3, 4, 5)] == [236, 155, 83]
    assert found[4, "yes"] == 299
    fraction = [row for row in rows if row.figures.rule.extra == "fraction"]
    as_no = [row.figures.n_accepted for row in fraction if row.figures.rule.unsure == "no"]
    # Exactly five votes each, so the fraction is the rule itself where none is missing.
    assert as_no == [found[k, "no"] for k in range(1, 6)]
    assert {row.n_votes for row in rows} == {5 * 1106}


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"windows": [(3, 1)]}, RuleError, "cannot be"),
        ({"rater_sets": {"mine": [True]}}, ColumnError, "rater_sets.mine. has 1 rows"),
        ({"question": [5]}, ColumnError, "Row 0 of column question holds 5"),
        ({"unasked": "design"}, RuleError, "unasked='design'"),
    ],
)
def test_bad_arguments_are_refused(
    words: dict[str, Any], error: type[Exception], message: str
) -> None:
    columns: dict[str, Any] = {"correct": [False], "question": [0]}
    with pytest.raises(error, match=message):
        sensitivity(small(), **columns | words)


def test_a_window_needs_times() -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1])
    with pytest.raises(ColumnError, match="no vote has one"):
        sensitivity(votes, correct=[False], question=[0], windows=[(1, 2)])
