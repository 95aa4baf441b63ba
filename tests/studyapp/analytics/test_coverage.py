from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics.coverage import coverage
from studyapp.analytics.rectified import Rectified, rectified_top1
from studyapp.analytics.rules import Rule
from studyapp.analytics.verdicts import verdicts
from studyapp.analytics.votes import Votes


def _figures(
    *, correct: int, accepted: int, rejected: int, undecided: int, unasked: int
) -> Rectified:
    """Rule 1 of 1: a question with a yes, a no or no vote."""
    answers = [1] * accepted + [0] * rejected
    votes = Votes.from_columns(
        np.arange(len(answers)),
        rater=np.zeros(len(answers), dtype=int),
        answer=np.array(answers, dtype=int),
        n_questions=len(answers) + undecided,
    )
    asked = np.arange(len(answers) + undecided)
    question = np.concatenate([np.full(correct, -1), asked, np.full(unasked, -1)])
    return rectified_top1(
        np.arange(question.size) < correct,
        question=question,
        verdicts=verdicts(votes, rule=Rule(k=1, n=1)),
    )


def test_by_hand() -> None:
    found = coverage(_figures(correct=12, accepted=2, rejected=1, undecided=1, unasked=4))
    assert (found.n_errors, found.n_asked, found.n_unasked) == (8, 4, 4)
    assert found.covered_share == 0.5
    assert found.rectified_like_asked == 0.2, "half of the asked are accepted, so of 8 of 20"
    assert found.bound_low == 1 / 20, "the rejected one alone is certain"
    assert found.bound_high == 6 / 20


def test_nothing_to_divide_by() -> None:
    unasked = coverage(_figures(correct=1, accepted=0, rejected=0, undecided=0, unasked=3))
    assert (unasked.covered_share, unasked.rectified_like_asked) == (0.0, None)
    assert (unasked.bound_low, unasked.bound_high) == (0.0, 0.75)
    flawless = coverage(_figures(correct=5, accepted=0, rejected=0, undecided=0, unasked=0))
    assert (flawless.covered_share, flawless.rectified_like_asked) == (None, None)
    text = json.dumps(flawless.to_dict(), allow_nan=False)
    assert json.loads(text)["covered_share"] is None


counts = st.integers(0, 30)


@given(counts, counts, counts, counts, counts)
def test_bounds_hold_every_figure(
    correct: int, accepted: int, rejected: int, undecided: int, unasked: int
) -> None:
    if not correct + accepted + rejected + undecided + unasked:
        return
    figures = _figures(
        correct=correct,
        accepted=accepted,
        rejected=rejected,
        undecided=undecided,
        unasked=unasked,
    )
    found = coverage(figures)
    assert found.bound_low <= figures.bound_low <= figures.rectified_top1_error <= found.bound_high
    if found.rectified_like_asked is not None:
        assert found.bound_low <= found.rectified_like_asked + 1e-12
        assert found.rectified_like_asked <= found.bound_high + 1e-12
        if not unasked:
            assert found.rectified_like_asked == figures.rectified_top1_error
