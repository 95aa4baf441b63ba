from __future__ import annotations

import pytest

from studyapp.errors import StudyError
from studyapp.models import HIT, HITTrial, Study, Trial, Vote
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.new_study import new_study_from
from studyapp.recruiters.lots import store_lots
from studyapp.reports import analyse_study
from studyapp.reports.rater_quality import rater_quality
from studyapp.selectors.known_answers import Marks, marks
from studyapp.selectors.readiness import readiness
from studyapp.selectors.slices import Slice
from studyapp.vocabulary import AssignmentState, HITState
from tests.factories.crowd import AssignmentFactory, VoteFactory
from tests.factories.dataset import label_class
from tests.recruiting import a_draft

pytestmark = pytest.mark.django_db


def a_study_with_checks() -> Study:
    """Seven mistakes in lots of three, two of three known trials in each lot."""
    study = a_draft(images=10, wrong=7, trials_per_hit=3)
    names = [label_class(study.image_set, index=n).wnid for n in (0, 3)]
    study.gold = [
        {"image": "i007", "class": names[0], "answer": "yes"},
        {"image": "i008", "class": names[1], "answer": "no"},
        {"image": "i009", "class": names[1], "answer": "no"},
    ]
    study.gold_per_hit = 2
    study.full_clean()
    study.save()
    return study


def test_known_answers_look_at_raters_and_at_nothing_else() -> None:
    study = a_study_with_checks()
    build_trials(study)
    launch_study(study, check_funds=False)
    known = dict(Trial.objects.exclude(known_answer="").values_list("pk", "known_answer"))
    assert sorted(known.values()) == ["no", "no", "yes"]
    assert store_lots(study) == 3
    held = HITTrial.objects.filter(trial__in=known)
    each = [held.filter(hit=hit).count() for hit in HIT.objects.order_by("lot")]
    assert each == [2, 2, 2]
    assert {held.filter(trial=trial).count() for trial in known} == {2}, "all in turn"
    assert HITTrial.objects.exclude(trial__in=known).count() == 7

    HIT.objects.update(state=HITState.OPEN)
    sloppy = AssignmentFactory.create(hit=HIT.objects.get(lot=0), state=AssignmentState.APPROVED)
    for trial in sloppy.hit.trials.all():
        VoteFactory.create(trial=trial, rater=sloppy.rater, assignment=sloppy, import_key=None)
    answered = [
        known[trial] for trial in sloppy.hit.trials.values_list("pk", flat=True) if trial in known
    ]
    right = answered.count("yes")
    assert marks(study) == {sloppy.rater_id: Marks(right=right, n=2, unsure=0)}
    (label,) = {
        trial.question.stimulus.image.label_id or 0 for trial in Trial.objects.filter(pk__in=known)
    }
    assert marks(study, only=Slice(class_key=label)) == marks(study)
    condition = study.conditions.get().pk
    for elsewhere in (
        Slice(rater_key=sloppy.rater_id), Slice(class_key=label + 1),
        Slice(condition_key=condition + 1),
    ):  # fmt: skip
        assert marks(study, only=elsewhere) == {}

    analysis = analyse_study(study)
    assert len(analysis.votes) == 3
    assert Vote.objects.count() == 5
    asked = set(analysis.questions.question.tolist())
    assert not asked & set(Trial.objects.filter(pk__in=known).values_list("question", flat=True))
    (row,) = rater_quality(analysis).rows
    assert (row.known.n, row.known.share, row.n_votes) == (2, right / 2, 3)


def test_a_mistake_cannot_be_a_known_answer_too() -> None:
    study = a_study_with_checks()
    wrong = study.vision_models.get().predictions.get(image__image_id="i000").top1
    study.gold[0] = {"image": "i000", "class": wrong.wnid, "answer": "yes"}
    study.save()
    with pytest.raises(StudyError, match="would also be asked in earnest"):
        build_trials(study)
    assert any("asked about it in earnest" in error for error in readiness(study).errors)
    # Corrected, the trial is asked in earnest; another answer is another known answer.
    study.gold[0] = {"image": "i007", "class": wrong.wnid, "answer": "no"}
    study.save()
    build_trials(study)
    study.gold[0]["answer"] = "yes"
    study.save()
    build_trials(study)
    known = Trial.objects.exclude(known_answer="").values_list("known_answer", flat=True)
    assert sorted(known) == ["no", "no", "yes"]
    assert Trial.objects.filter(known_answer="").count() == 7
    assert readiness(study).errors == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"gold": [{"image": "i1"}], "gold_per_hit": 1}, "Entry 1 is not like"),
        ({"gold": [{"image": "a", "class": "b", "answer": "maybe"}]}, "yes or no, not 'maybe'"),
        ({"gold_per_hit": 1}, "fewer trials with a known answer"),
        ({"vote_groups": "2+2"}, "make 4 votes, and a trial has 5"),
        ({"vote_groups": "2+2+1", "allocation": "one"}, "asked all at once"),
        ({"complete_share": "much"}, "is not a share"),
    ],
)
def test_bad_values_name_what_is_wrong(given: dict[str, object], said: str) -> None:
    from studyapp.errors import InputError

    study = a_draft(images=1)
    model = study.vision_models.get().name
    owner = None
    values = {"name": "other", "set": study.image_set.name, "models": [model], **given}
    with pytest.raises(InputError, match=said):
        new_study_from(values, owner=owner)  # type: ignore[arg-type]
