from __future__ import annotations

import json
from collections import Counter
from itertools import combinations, groupby
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, recall_score

from studyapp.analytics import ColumnError, Rule, RuleError, Votes, proportion_ci, verdicts
from studyapp.analytics.raters import rater_report
from studyapp.analytics.shares import shares
from tests.studyapp.analytics.conftest import RealRelease
from tests.studyapp.analytics.human_data import Gold, read_gold, read_label_choices, table
from tests.studyapp.analytics.strategies import Panel, panels

#: Questions 0..3 are gold: yes, no, yes, no; question 4 is not.
GOLD = [1, 0, 1, 0, -1]


def three_raters() -> Votes:
    """Rater 0 answers all, 1 all but the last, 2 the first two and only says unsure and yes."""
    return Votes.from_columns(
        [0, 1, 2, 3, 4, 0, 1, 2, 3, 0, 1],
        rater=[0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2],
        answer=[1, 0, 0, 0, 1, 1, 1, 1, 0, -1, 1],
        seconds=[2, 4, 9, np.nan, 3, 1, 2, 3, 10, np.nan, np.nan],
        n_raters=4,
    )


def test_a_hand_example() -> None:
    found = rater_report(three_raters(), gold=GOLD)
    assert len(found) == 4
    assert found.n_votes.tolist() == [5, 4, 2, 0]
    assert found.n_unsure.tolist() == [0, 0, 1, 0]
    assert (found.yes_rate.k.tolist(), found.yes_rate.n.tolist()) == ([2, 3, 1, 0], [5, 4, 1, 0])
    # Rater 0 meets 1 on question 0, 1 and 2 on question 1, 1 on 2 and on 3: 1 + 0 + 0 + 1 of 4.
    assert found.peer_agreement.n.tolist() == [4, 4, 1, 0]
    assert found.peer_agreement.k.tolist() == [2.0, 2.5, 0.5, 0.0]
    assert found.n_pairs.tolist() == [5, 5, 2, 0]
    assert (found.accuracy.k.tolist(), found.accuracy.n.tolist()) == ([3, 3, 0, 0], [4, 4, 1, 0])
    assert found.sensitivity.share == pytest.approx([0.5, 1, np.nan, np.nan], nan_ok=True)
    assert found.specificity.share == pytest.approx([1, 0.5, 0, np.nan], nan_ok=True)
    assert found.median_seconds == pytest.approx([3.5, 2.5, np.nan, np.nan], nan_ok=True)
    assert found.n_timed.tolist() == [4, 4, 0, 0]
    assert found.longest_run.tolist() == [3, 3, 1, 0]
    assert (found.sensitivity.n_undefined, found.accuracy.n_undefined) == (2, 1)


def test_an_unsure_vote_counts_as_told() -> None:
    as_no = rater_report(three_raters(), gold=GOLD, unsure="no")
    as_yes = rater_report(three_raters(), gold=GOLD, unsure="yes")
    assert (as_no.accuracy.k[2], as_no.accuracy.n[2]) == (0, 2)
    assert (as_yes.accuracy.k[2], as_yes.accuracy.n[2]) == (1, 2)
    assert as_no.yes_rate.share[2] == 0.5
    assert as_yes.yes_rate.share[2] == 1
    assert as_no.n_unsure.tolist() == as_yes.n_unsure.tolist() == [0, 0, 1, 0]
    assert as_no.longest_run[2] == 1


def test_intervals_are_wilsons() -> None:
    found = rater_report(three_raters(), gold=GOLD, level=0.9)
    one = proportion_ci(3, n=4, level=0.9)
    assert (found.accuracy.low[0], found.accuracy.high[0]) == pytest.approx((one.low, one.high))


def test_runs_follow_the_order_the_votes_were_given_in() -> None:
    votes = Votes.from_columns(
        [0, 1, 2, 3], rater=[0, 0, 0, 0], answer=[1, 0, 1, 0], order=[1, 3, 2, 4]
    )
    assert rater_report(votes).longest_run.tolist() == [2]


@pytest.mark.slow
@settings(max_examples=50)
@given(panels(), st.data())
def test_loops_over_votes_agree(panel: Panel, data: st.DataObject) -> None:
    size = panel.n_questions
    gold = data.draw(st.lists(st.integers(-1, 1), min_size=size, max_size=size))
    unsure = data.draw(st.sampled_from(("missing", "no", "yes")))
    found = rater_report(panel.votes(), gold=gold, unsure=unsure)
    counted_as = {"missing": -1, "no": 0, "yes": 1}[unsure]
    rows = sorted(zip(panel.order, panel.question, panel.rater, panel.answer, strict=True))
    coded = [(q, r, a if a >= 0 else counted_as) for _, q, r, a in rows]
    coded = [row for row in coded if row[2] >= 0]
    for rater in range(panel.n_raters):
        raw = [a for _, _, r, a in rows if r == rater]
        runs = [len(list(run)) for _, run in groupby(raw)]
        assert found.longest_run[rater] == max(runs, default=0)
        mine = [(q, a) for q, r, a in coded if r == rater]
        alike = []
        for q, a in mine:
            others = [other for question, r, other in coded if question == q and r != rater]
            if others:
                alike.append(sum(other == a for other in others) / len(others))
        assert found.peer_agreement.n[rater] == len(alike)
        assert found.peer_agreement.k[rater] == pytest.approx(sum(alike))
        known = [(gold[q], a) for q, a in mine if gold[q] >= 0]
        assert found.accuracy.n[rater] == len(known)
        if known:
            right, given_ = zip(*known, strict=True)
            assert found.accuracy.share[rater] == pytest.approx(accuracy_score(right, given_))
            for shown, label in ((found.sensitivity, 1), (found.specificity, 0)):
                if label in right:
                    recall = recall_score(right, given_, pos_label=label)
                    assert shown.share[rater] == pytest.approx(recall)
                else:
                    assert np.isnan(shown.share[rater])


@pytest.mark.slow
@settings(max_examples=50)
@given(panels())
def test_where_two_answer_each_question_pairs_are_the_whole_of_it(panel: Panel) -> None:
    found = rater_report(panel.votes(), unsure="no")
    by_question = {
        q: [
            int(a) == 1
            for question, a in zip(panel.question, panel.answer, strict=True)
            if question == q
        ]
        for q in panel.question.tolist()
    }
    pairs = [pair for answers in by_question.values() for pair in combinations(answers, 2)]
    assert found.n_pairs.sum() == 2 * len(pairs)


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 3), st.none() | st.floats(0, 100)), min_size=1, max_size=20)
)
def test_medians_are_those_of_the_standard_library(times: list[tuple[int, float | None]]) -> None:
    votes = Votes.from_columns(
        np.arange(len(times)),
        rater=[rater for rater, _ in times],
        answer=np.ones(len(times), dtype=int),
        seconds=[np.nan if time is None else time for _, time in times],
        n_raters=4,
    )
    found = rater_report(votes)
    for rater in range(4):
        known = [time for who, time in times if who == rater and time is not None]
        assert found.n_timed[rater] == len(known)
        if known:
            assert found.median_seconds[rater] == pytest.approx(median(known))
        else:
            assert np.isnan(found.median_seconds[rater])


def test_the_interval_of_peer_agreement_covers_what_it_estimates() -> None:
    """2,000 panels of five raters on 40 questions; the first rater of each is looked at.

    The four pairs of a vote hang together: with pairs as its n the interval would be too short.
    """
    rng = np.random.default_rng(7)
    panel, question, rater = (
        axis.ravel() for axis in np.meshgrid(*map(np.arange, (2_000, 40, 5)), indexing="ij")
    )
    truth = rng.random((2_000, 40)) < 0.3
    right = rng.random(panel.size) < np.array([0.8, 0.9, 0.7, 0.75, 0.85])[rater]
    votes = Votes.from_columns(
        panel * 40 + question,
        rater=panel * 5 + rater,
        answer=(truth[panel, question] == right).astype(int),
    )
    found = rater_report(votes).peer_agreement
    first = np.arange(0, 10_000, 5)
    target = np.mean([0.8 * p + 0.2 * (1 - p) for p in (0.9, 0.7, 0.75, 0.85)])
    assert found.share[first].mean() == pytest.approx(target, abs=0.005)
    covered = (found.low[first] <= target) & (target <= found.high[first])
    assert covered.mean() >= 0.95
    too_short = shares(4 * found.k[first], n=4 * found.n[first])
    assert ((too_short.low <= target) & (target <= too_short.high)).mean() < 0.93


def test_without_gold_or_times_the_rest_is_there_and_json_safe() -> None:
    votes = Votes.from_columns([0, 0], rater=[0, 1], answer=[1, 0])
    data = json.loads(json.dumps(rater_report(votes).to_dict(), allow_nan=False))
    assert data["accuracy"]["share"] == data["median_seconds"] == [None, None]
    assert (data["accuracy"]["n_undefined"], data["n_untimed_raters"]) == (2, 2)
    assert data["peer_agreement"]["share"] == [0.0, 0.0]


def test_without_votes_nobody_has_a_figure() -> None:
    found = rater_report(Votes.from_columns([], rater=[], answer=[], n_raters=2))
    assert found.longest_run.tolist() == [0, 0]
    assert found.yes_rate.n_undefined == found.peer_agreement.n_undefined == 2


@pytest.mark.parametrize("gold", [[1, 0], [1, 0, 1, 0, 2], [1, 0, 1, 0, -2]])
def test_a_bad_gold_column_is_refused(gold: list[int]) -> None:
    with pytest.raises(ColumnError, match="gold"):
        rater_report(three_raters(), gold=gold)


def test_an_unknown_coding_is_refused() -> None:
    with pytest.raises(RuleError, match="unsure='skip' is unknown"):
        rater_report(three_raters(), unsure="skip")


@pytest.fixture(scope="module")
def gold(shared_data: Path) -> Gold:
    return read_gold(shared_data)


def test_the_counts_of_the_real_gold_questions(gold: Gold) -> None:
    assert (gold.experts.n_questions, len(gold.images)) == (132, 16)
    assert (len(gold.raters), gold.raters.n_raters) == (10_296, 78)
    found = rater_report(gold.raters, gold=verdicts(gold.experts, rule=Rule(3, 5)).code)
    assert (found.n_votes == 132).all()


@pytest.mark.slow
def test_every_gold_question_was_also_asked_as_an_ordinary_one(shared_data: Path) -> None:
    folder = shared_data / "reassessed_imagenet"
    keys = ("question_id", "image_id", "class_index")
    asked = {tuple(row[key] for key in keys) for row in table(folder / "votes.csv.gz")}
    golden = {tuple(row[key] for key in keys) for row in table(folder / "golden_questions.csv")}
    assert len(golden) == 132
    assert golden <= asked
    answered = {tuple(row[key] for key in keys) for row in table(folder / "golden_answers.csv.gz")}
    assert answered == golden


@pytest.mark.slow
def test_the_real_raters_on_gold_questions(gold: Gold) -> None:
    """Of the whole release, medians are 0.870, 0.513, 0.959, and one rater says yes to all."""
    right = verdicts(gold.experts, rule=Rule(3, 5)).code
    assert Counter(right.tolist()) == {1: 26, 0: 106}
    found = rater_report(gold.raters, gold=right, unsure="no")
    assert found.accuracy.n_undefined == 0
    assert np.median(found.accuracy.share) == pytest.approx(0.870, abs=0.01)
    assert np.median(found.sensitivity.share) == pytest.approx(0.513, abs=0.03)
    assert np.median(found.specificity.share) == pytest.approx(0.959, abs=0.03)
    worst = int(found.accuracy.share.argmin())
    assert found.accuracy.share[worst] == pytest.approx(0.258, abs=0.03)
    assert found.yes_rate.share[worst] > 0.85
    alike = np.corrcoef(found.peer_agreement.share, found.accuracy.share)[0, 1]
    assert alike == pytest.approx(0.92, abs=0.03)
    # A second way to each of the 78: the shares of scikit-learn.
    for rater in range(78):
        rows = gold.raters.rater == rater
        key, said = right[gold.raters.question[rows]], gold.raters.answer[rows] == 1
        assert found.accuracy.share[rater] == pytest.approx(accuracy_score(key, said))
        assert found.sensitivity.share[rater] == pytest.approx(recall_score(key, said))


@pytest.mark.slow
def test_the_images_of_the_real_votes(shared_data: Path) -> None:
    folder = shared_data / "reassessed_imagenet"
    rows = table(folder / "votes.csv.gz")
    labelled = {row["image_id"] for row in table(folder / "labels.csv.gz")}
    assert len(labelled) == len(table(folder / "predictions.csv.gz")) == 4_964
    voted = {row["image_id"] for row in rows}
    assert (len(voted), len(labelled - voted)) == (2_490, 2_474)
    raters: dict[str, set[str]] = {}
    for row in rows:
        raters.setdefault(row["question_id"], set()).add(row["rater_id"])
    assert len(raters) == 18_371
    assert {len(five) for five in raters.values()} == {5}


def test_the_real_raters_of_the_votes(real_release: RealRelease) -> None:
    found = rater_report(real_release.votes)
    assert len(found) == 83
    assert found.n_votes.sum() == 91_855
    assert found.n_unsure.sum() == 8_095
    assert found.yes_rate.k.sum() == 11_526
    assert found.yes_rate.n.sum() - found.yes_rate.k.sum() == 72_234
    as_no = rater_report(real_release.votes, unsure="no")
    assert as_no.n_pairs.tolist() == (4 * as_no.n_votes).tolist()


def test_every_figure_of_the_label_choices(shared_data: Path) -> None:
    """Choices become two questions, is the given and is the guessed label right, of 5 votes."""
    choices = read_label_choices(shared_data)
    assert choices.shape == (549, 5, 2)
    given_, guessed = choices[:, :, 0], choices[:, :, 1]
    totals = (given_ & ~guessed, guessed & ~given_, given_ & guessed, ~given_ & ~guessed)
    assert [int(total.sum()) for total in totals] == [1_234, 805, 448, 258]

    def accepted(said: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], k: int) -> int:
        votes = Votes.from_columns(
            np.repeat(np.arange(549), 5),
            rater=np.tile(np.arange(5), 549),
            answer=said.ravel().astype(int),
        )
        return int((verdicts(votes, rule=Rule(k, 5)).code == 1).sum())

    assert (accepted(guessed, 4), accepted(guessed, 3)) == (183, 232)
    assert accepted(given_ & ~guessed, 3) == 248
