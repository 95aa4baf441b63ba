from __future__ import annotations

import numpy as np
import pytest

from studyapp.models import Question, RealLabel, Study, Vote
from studyapp.reports import analyse_study
from studyapp.reports.rater_quality import rater_quality, right_answers
from studyapp.reports.rater_rows import RaterQuality, RaterRow
from studyapp.vocabulary import Answer, QuestionKind
from studyapp.web.rater_columns import COLUMNS
from tests.factories.crowd import RaterFactory
from tests.factories.dataset import RealLabelFactory, ShownImageFactory, label_class
from tests.factories.study import ElsewhereStimulusFactory, QuestionFactory, StudyFactory
from tests.studyapp.reports.hand_study import (
    HandStudy,
    add_votes_that_do_not_count,
    hand_study,
)

pytestmark = pytest.mark.django_db


def of(made: HandStudy, number: int, quality: RaterQuality) -> RaterRow:
    (row,) = [row for row in quality.rows if row.rater == made.raters[number].pk]
    return row


def test_each_rater_as_counted_by_hand() -> None:
    """Rater 1 answers yes, no, no, no, unsure; what the real labels answer is i4/1, i5/1, i6/*."""
    made = hand_study()
    quality = rater_quality(analyse_study(made.study))
    row = of(made, 1, quality)
    assert (row.n_votes, row.n_valid, row.n_unsure, row.excluded) == (5, 5, 1, {})
    assert row.unsure_share == 0.2
    assert (row.yes.n, row.yes.share) == (4, 0.25)
    # Agreeing others: i4 4 of 4, i5 0 of 4, i6/1 1 of 4, i6/2 4 of 4.
    assert (row.peers.n, row.peer_pairs) == (4, 16)
    assert row.peers.share == pytest.approx((1 + 0 + 0.25 + 1) / 4)
    # Known: i4/1 yes and i5/1 yes are right labels; i6 has label 0 alone, so both are no.
    assert quality.n_gold == 4
    assert (row.gold.n, row.gold.share) == (4, 0.75)
    assert (row.gold_sensitivity.n, row.gold_sensitivity.share) == (2, 0.5)
    assert (row.gold_specificity.n, row.gold_specificity.share) == (2, 1.0)
    assert row.median_seconds == 5.0
    assert row.flags == ("few_votes",)
    assert row.ds_sensitivity is not None
    assert 0 < row.ds_sensitivity < 1


def test_what_is_right_is_read_off_complete_questions_alone() -> None:
    """In groups, raters of later ones see what the first did not settle."""
    made = hand_study()
    Study.objects.filter(pk=made.study.pk).update(vote_groups="2+3", complete_share=0)
    quality = rater_quality(analyse_study(Study.objects.get(pk=made.study.pk)))
    row = of(made, 1, quality)
    assert (row.n_valid, quality.n_gold, quality.accuracy_fence) == (5, 0, None)
    assert (row.gold.n, row.gold_sensitivity.n, row.peers.n) == (0, 0, 0)


def test_what_does_not_count_is_told_by_its_reason() -> None:
    made = hand_study()
    added = add_votes_that_do_not_count(made)
    quality = rater_quality(analyse_study(made.study))
    told: dict[str, int] = {}
    for row in quality.rows:
        assert row.n_excluded == sum(row.excluded.values())
        for slug, n in row.excluded.items():
            told[slug] = told.get(slug, 0) + n
    assert told == {slug: len(votes) for slug, votes in added.items()}
    nothing = [row for row in quality.rows if not row.n_valid]
    assert len(nothing) == 5
    assert all(row.ds_sensitivity is None and row.yes.share is None for row in nothing)


def test_another_window_leaves_other_votes() -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    narrow = rater_quality(analyse_study(made.study, window=(10.0, None)))
    assert all(row.n_valid <= 1 for row in narrow.rows)
    assert of(made, 1, narrow).excluded == {"too_fast": 5}


def test_unsure_is_read_as_the_rule_says() -> None:
    made = hand_study()
    row = of(made, 1, rater_quality(analyse_study(made.study, unsure="no")))
    assert (row.yes.n, row.yes.share, row.n_unsure) == (5, 0.2, 1)


def test_without_labels_or_votes_nothing_is_right() -> None:
    made = hand_study()
    RealLabel.objects.all().delete()
    analysis = analyse_study(made.study)
    assert np.all(right_answers(analysis) == -1)
    quality = rater_quality(analysis)
    assert quality.n_gold == 0
    assert of(made, 1, quality).gold.share is None
    empty = rater_quality(analyse_study(StudyFactory.create()))
    assert (empty.rows, empty.ds_converged, empty.median_seconds) == ((), None, None)


def test_images_of_equal_content_share_their_right_labels() -> None:
    made = hand_study()
    twin = ShownImageFactory.create(image_set=made.study.image_set, image_id="twin", number=1006)
    assert twin.content_hash == made.images["i6"].content_hash
    RealLabelFactory.create(image=twin, label_class=label_class(made.study.image_set, index=2))
    analysis = analyse_study(made.study)
    answer = dict(
        zip(analysis.questions.question.tolist(), right_answers(analysis).tolist(), strict=True)
    )
    assert answer[made.trials["i6", 2].question_id] == 1
    assert answer[made.trials["i6", 1].question_id] == 0
    assert answer[made.trials["i8", 1].question_id] == -1


def about_groups(made: HandStudy) -> None:
    """The same votes, about subjects instead of classes."""
    for question in Question.objects.all():
        Question.objects.filter(pk=question.pk).update(
            label_class=None, subject={}, subject_hash=f"{question.pk:064d}"
        )


def test_of_a_list_no_right_answer_is_known() -> None:
    made = hand_study()
    about_groups(made)
    analysis = analyse_study(made.study)
    assert np.all(right_answers(analysis) == -1)
    quality = rater_quality(analysis)
    assert quality.n_gold == 0
    assert of(made, 1, quality).peers.n == 4


def test_places_are_no_yes_and_no() -> None:
    made = hand_study()
    about_groups(made)
    Study.objects.filter(pk=made.study.pk).update(question_kind=QuestionKind.CLASS_MATCH)
    quality = rater_quality(analyse_study(Study.objects.get(pk=made.study.pk)))
    row = of(made, 1, quality)
    assert (row.n_valid, row.yes.share) == (5, 0.25)
    assert (row.peers.share, row.peer_pairs, row.longest_run) == (None, 0, None)
    assert (row.ds_sensitivity, row.ds_specificity, quality.ds_converged) == (None, None, None)
    assert not {"disagrees", "uninformative", "same_answer"} & set(row.flags)
    assert "–" in {column.shown(row) for column in COLUMNS if column.slug == "run"}


def a_crowd() -> tuple[RaterQuality, dict[str, int]]:
    """Nine careful raters and six odd ones on forty questions, every second of them a yes."""
    study = StudyFactory.create(raters_per_trial=15, accept_at=8, imported=True)
    questions = [
        QuestionFactory.create(stimulus=ElsewhereStimulusFactory.create()) for _ in range(40)
    ]
    names = [f"careful{n}" for n in range(9)]
    names += ["contrary", "same", "fast", "unsure", "random", "few"]
    raters = {name: RaterFactory.create() for name in names}
    draws, votes = np.random.default_rng(3), []
    for place, question in enumerate(questions):
        right = place % 2 == 0
        for name, rater in raters.items():
            if name == "few" and place >= 5:
                continue
            said = right if draws.random() < 0.95 else not right
            answer = Answer.YES if said else Answer.NO
            if name == "contrary":
                answer = Answer.NO if said else Answer.YES
            elif name == "same":
                answer = Answer.YES
            elif name == "unsure" and place % 3:
                answer = Answer.UNSURE
            elif name == "random":
                answer = Answer.YES if draws.random() < 0.5 else Answer.NO
            votes.append(
                Vote(
                    study=study,
                    question=question,
                    rater=rater,
                    answer=answer,
                    answer_raw=answer,
                    seconds=0.5 if name == "fast" else 3.0,
                    import_key=f"{name} {place}",
                )
            )
    Vote.objects.bulk_create(votes)
    return rater_quality(analyse_study(study)), {name: r.pk for name, r in raters.items()}


@pytest.mark.slow
def test_flags_find_the_odd_and_leave_the_careful() -> None:
    quality, keys = a_crowd()
    flags = {row.rater: set(row.flags) for row in quality.rows}
    assert all(not flags[keys[f"careful{n}"]] for n in range(9))
    assert flags[keys["contrary"]] == {"disagrees", "uninformative"}
    assert flags[keys["same"]] == {"disagrees", "uninformative", "same_answer"}
    assert flags[keys["fast"]] == {"fast"}
    assert flags[keys["unsure"]] == {"often_unsure"}
    assert "disagrees" in flags[keys["random"]]
    assert flags[keys["few"]] == {"few_votes"}
