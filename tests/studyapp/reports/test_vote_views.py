from __future__ import annotations

import pytest

from studyapp.analytics import fit_beta_binomial
from studyapp.reports import analyse_study
from studyapp.reports.vote_views import groupings, vote_views
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

pytestmark = pytest.mark.django_db


def test_every_vote_is_in_a_bar_or_has_no_time() -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    made.vote("i7", 1, "no", assignment=made.assignments[0], sequence=1, seconds=None)
    views = vote_views(analyse_study(made.study))
    # The last vote takes an earlier one back.
    assert sum(bar.n for bar in views.times) == 24
    assert sum(bar.n + bar.n_excluded for bar in views.times) + views.n_untimed == made.n_votes
    assert views.n_untimed == 1
    assert (views.times[0].low, views.times[-1].high) == pytest.approx((0.5, 61.0))
    assert all(a.high == b.low for a, b in zip(views.times, views.times[1:], strict=False))
    # Five raters with five votes that count each.
    assert [(bar.low, bar.last, bar.n) for bar in views.per_rater] == [
        (1, 1, 0),
        (2, 2, 0),
        (3, 3, 0),
        (4, 4, 0),
        (5, 5, 5),
    ]


def test_stopping_is_replayed_and_changes_no_verdict() -> None:
    """One by one: y y y y; y n y y y; y n y n; n n; y u y n y, open until its last vote."""
    views = vote_views(analyse_study(hand_study().study))
    by_groups = {row.groups: row for row in views.stopping}
    assert list(by_groups) == [(1, 1, 1, 1, 1), (2, 2, 1), (3, 2), (4, 1)]
    one = by_groups[1, 1, 1, 1, 1]
    assert (one.n_votes, one.n_used, one.n_curtailed) == (25, 4 + 5 + 4 + 2 + 5, 3)
    assert all(row.n_changed == 0 for row in views.stopping)


def test_another_panel_is_the_fit() -> None:
    views = vote_views(analyse_study(hand_study().study))
    alpha = next(row for row in views.panels if row.model == "alpha")
    fit = fit_beta_binomial([0, 0, 0, 1, 1, 1])
    assert alpha.n_questions == 3
    assert (alpha.same_verdict, alpha.true_share) == (fit.same_verdict(4), fit.true_share(4))


def test_without_votes() -> None:
    views = vote_views(analyse_study(StudyFactory.create()))
    assert (views.per_rater, views.times, views.panels, views.n_untimed) == ((), (), (), 0)


@pytest.mark.parametrize("n", [1, 2, 3, 9])
def test_groupings_add_up(n: int) -> None:
    assert all(sum(groups) == n for groups in groupings(n))
    assert len(set(groupings(n))) == len(groupings(n))
