from __future__ import annotations

import json
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import Rule, RuleError, Votes, stop_now, verdicts
from studyapp.analytics.expected_votes import expected_votes
from studyapp.analytics.groups import group_ends
from studyapp.analytics.savings import savings
from tests.studyapp.analytics.conftest import RealRelease
from tests.studyapp.analytics.panels_of_five import votes_with
from tests.studyapp.analytics.strategies import Panel, panels, rules


def small() -> Votes:
    """Accepted after four, rejected after two, never settled, out of reach after three, none."""
    words = ["yyyyn", "nnyyy", "yyn", "y??yy"]
    codes = {"y": 1, "n": 0, "?": -1}
    rows = [(q, r, codes[a]) for q, word in enumerate(words) for r, a in enumerate(word)]
    columns = np.array(rows)
    return Votes.from_columns(
        columns[:, 0], rater=columns[:, 1], answer=columns[:, 2], n_questions=5
    )


def test_by_hand() -> None:
    found = savings(small(), rule=Rule())
    # y?? leaves at most 3 yes and 2 no: two no would still reject; the next y rules that out.
    assert found.used.tolist() == [4, 2, 3, 4, 0]
    assert (found.n_questions, found.n_votes, found.n_used) == (4, 18, 13)
    assert found.saved_share == pytest.approx(1 - 13 / 18)
    assert found.n_curtailed == 3
    assert found.keep.sum() == 13
    in_groups = savings(small(), rule=Rule(), groups=(2, 3))
    assert in_groups.used.tolist() == [5, 2, 3, 5, 0]


def test_no_votes() -> None:
    found = savings(Votes.from_columns([], rater=[], answer=[]), rule=Rule())
    assert (found.n_votes, found.saved_share) == (0, None)
    assert json.loads(json.dumps(found.to_dict()))["saved_share"] is None


@pytest.mark.slow
@given(panels(), rules(extra="first"), st.booleans(), st.randoms())
def test_every_question_one_by_one(
    panel: Panel, rule: Rule, one_by_one: bool, random: Random
) -> None:
    votes = panel.votes()
    groups = None
    if not one_by_one:
        cuts = sorted(random.sample(range(1, rule.n), random.randint(0, rule.n - 1)))
        groups = [end - start for start, end in zip([0, *cuts], [*cuts, rule.n], strict=True)]
    found = savings(votes, rule=rule, groups=groups)
    for question in range(votes.n_questions):
        rows = votes.by_question[votes.question[votes.by_question] == question]
        answers = votes.answer[rows][: rule.n].tolist()
        used = 0
        for end in group_ends(groups, rule=rule):
            yes, no, unsure = (answers[:used].count(answer) for answer in (1, 0, -1))
            if stop_now(yes, no=no, unsure=unsure, rule=rule) == "ask":
                used = min(end, len(answers))
        assert found.used[question] == used
    full, short = (verdicts(cast, rule=rule) for cast in (votes, votes.valid(found.keep)))
    assert full.code.tolist() == short.code.tolist()
    assert found.n_used == found.keep.sum()


@pytest.mark.parametrize("groups", [None, (2, 2, 1), (2, 3), (3, 2), (4, 1)])
def test_in_random_order_it_saves_what_is_expected(groups: tuple[int, ...] | None) -> None:
    by_yes = [2035, 1000, 850, 850, 2099, 4511]
    votes = votes_with(np.repeat(np.arange(6), by_yes).tolist())
    found = savings(votes, rule=Rule(), groups=groups)
    expected = expected_votes(Rule(), by_yes=by_yes, groups=groups)
    assert found.n_used / found.n_questions == pytest.approx(float(expected.votes), abs=0.03)


def test_real_votes(real_release: RealRelease) -> None:
    """A tenth of the release: half of the votes were not needed, and no verdict changes."""
    votes, rule = real_release.votes, Rule(unsure="no")
    full = verdicts(votes, rule=rule)
    saved = {}
    for groups in (None, (2, 2, 1), (2, 3), (3, 2), (4, 1)):
        found = savings(votes, rule=rule, groups=groups)
        assert (found.n_votes, found.n_questions) == (91_855, 18_371)
        assert (verdicts(votes.valid(found.keep), rule=rule).code == full.code).all()
        assert found.saved_share is not None
        saved[groups] = found.saved_share
    assert saved[None] == 1 - int(full.decided_at.sum()) / 91_855
    order = [saved[groups] for groups in (None, (2, 2, 1), (2, 3), (3, 2), (4, 1))]
    assert order == sorted(order, reverse=True)
    # The whole release: 53.3, 51.9, 49.1, 35.6 and 19.1 %.
    assert order == pytest.approx([0.533, 0.519, 0.491, 0.356, 0.191], abs=0.006)


@pytest.mark.parametrize("unsure", ["missing", "no", "yes"])
def test_real_verdicts_stay_under_every_coding(real_release: RealRelease, unsure: str) -> None:
    votes, rule = real_release.votes, Rule(unsure=unsure)
    keep = savings(votes, rule=rule, groups=(2, 2, 1)).keep
    curtailed = verdicts(votes.valid(keep), rule=rule)
    assert (curtailed.code == verdicts(votes, rule=rule).code).all()


def test_rules_that_never_settle_are_refused() -> None:
    with pytest.raises(RuleError, match="never final"):
        savings(small(), rule=Rule(extra="fraction"))
    with pytest.raises(RuleError, match="do not make n=5"):
        savings(small(), rule=Rule(), groups=(1, 1))
