"""A two-sided audit from the drawn pictures to the report, with raters whose answers are known."""

from __future__ import annotations

import pytest

from studyapp.models import HITTrial, Image, LabelClass, RealLabel, Study, Trial
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.launch_study import launch_study
from studyapp.questions.relevance.audited import decoys, right_sample
from studyapp.reports import build_report, report_lines
from studyapp.selectors.population import population_size
from studyapp.selectors.readiness import readiness
from studyapp.vocabulary import AssignmentState, HITState, PopulationKind
from tests.factories.crowd import AssignmentFactory, HITFactory, VoteFactory
from tests.recruiting import a_draft, add_predictions

pytestmark = pytest.mark.django_db

IMAGES, WRONG = 20, 5


@pytest.fixture
def study() -> Study:
    made = a_draft(
        images=IMAGES,
        wrong=WRONG,
        population=PopulationKind.AUDITED,
        selection={"correct": 6, "decoys": 4},
    )
    add_predictions(made, name="other", wrong={"i019": 2})
    return made


@pytest.mark.slow
def test_right_predictions_and_decoys_are_drawn_among_the_mistakes(study: Study) -> None:
    assert readiness(study).errors == ()
    right, unlikely = right_sample(study), decoys(study)
    assert (len(right), len(unlikely)) == (6, 4)
    assert right == right_sample(study)
    assert population_size(study).pairs == 6 + 6 + 4
    assert build_trials(study).new == 16
    assert build_trials(study).new == 0
    study.seed = 2
    assert (right_sample(study), decoys(study)) != (right, unlikely)


def test_no_decoy_is_a_label_or_a_prediction(study: Study) -> None:
    for one in decoys(study):
        image = study.image_set.images.get(pk=one.image)
        assert image.label_id != one.label_class
        assert not image.predictions.filter(top1=one.label_class).exists()


@pytest.mark.slow
def test_what_is_expected_after_launch_makes_no_other_decoys(study: Study) -> None:
    launch_study(study, check_funds=False)
    build_trials(study)
    drawn = decoys(study)
    first, second = drawn[:2]
    image = Image.objects.get(pk=first.image)
    RealLabel.objects.create(image=image, label_class_id=first.label_class)
    other = Image.objects.get(pk=second.image)
    index = LabelClass.objects.get(pk=second.label_class).index
    add_predictions(study, name="late", wrong={other.image_id: index})
    assert decoys(study) == drawn
    built = asked(study)
    build_trials(study)
    late_right = {(one.image, one.label_class) for one in right_sample(study)}
    assert asked(study) - built <= late_right
    vote(study, {(one.image, one.label_class) for one in drawn})
    report = build_report(study)
    assert report.part is not None
    found = report.part.values["decoys"]
    assert (found["n_drawn"], found["n_asked"], found["n_accepted"]) == (4, 4, 4)


def test_before_launch_what_is_expected_makes_other_decoys(study: Study) -> None:
    drawn = decoys(study)
    for one in drawn:
        RealLabel.objects.create(image_id=one.image, label_class_id=one.label_class)
    assert not set(decoys(study)) & set(drawn)


def asked(study: Study) -> set[tuple[int, int | None]]:
    rows = Trial.objects.filter(condition__study=study).select_related("question__stimulus")
    return {(row.question.stimulus.image_id, row.question.label_class_id) for row in rows}


@pytest.mark.slow
def test_both_sides_are_counted(study: Study) -> None:
    """Panels accept two of the mistakes of the first model, five of six right ones, one decoy."""
    build_trials(study)
    right, unlikely = right_sample(study), decoys(study)
    yes = {(one.image, one.label_class) for one in [*right[:5], unlikely[0]]}
    mistakes = [
        (image.pk, study.image_set.class_list.classes.get(index=1 + number % 5).pk)
        for number, image in enumerate(study.image_set.images.order_by("image_id")[:2])
    ]
    vote(study, yes | set(mistakes))
    report = build_report(study)
    assert {model.model for model in report.models} == {"other", f"{study.name}-a"}
    assert report.part is not None
    rows = {row["model"]: row for row in report.part.values["audit"]}
    first = rows[f"{study.name}-a"]
    assert (first["wrong"]["n_asked"], first["wrong"]["n_accepted"]) == (WRONG, 2)
    own_right = [one for one in right if is_right(study, one.image)]
    n_yes = sum((one.image, one.label_class) in yes for one in own_right)
    assert (first["right"]["n_asked"], first["right"]["n_accepted"]) == (len(own_right), n_yes)
    share = n_yes / len(own_right)
    audited = (WRONG - 2 + (IMAGES - WRONG) * (1 - share)) / IMAGES
    assert first["audited_top1_error"] == pytest.approx(audited)
    found = report.part.values["decoys"]
    assert (found["n_asked"], found["n_accepted"]) == (4, 1)
    told = "\n".join(report_lines(report))
    assert "Both sides of the error" in told
    assert "errs least: on 5.00 %" in told


@pytest.mark.slow
def test_while_votes_come_in_nothing_is_wrong_yet(study: Study) -> None:
    """Three yes on each question decide none of them under four of five."""
    build_trials(study)
    yes = {(trial.question.stimulus.image_id, trial.question.label_class_id)
           for trial in Trial.objects.select_related("question__stimulus")}  # fmt: skip
    vote(study, yes, raters=3)
    part = build_report(study).part
    assert part is not None
    table = next(table for table in part.tables if table.title == "Both sides of the error")
    (export,) = part.exports
    columns = [line.split()[0] for line in export.columns.strip().splitlines()]
    for row, line, cells in zip(part.values["audit"], table.rows, export.rows, strict=True):
        assert row["audited_top1_error"] is row["ci_low"] is row["corrected"] is None
        assert row["accepted_share_right"] is None
        assert (row["bound_low"], row["bound_high"]) == (0, 1)
        told = dict(zip(table.header, line, strict=True))
        assert (told["Audited top-1 error"], told["Bounds"]) == ("–", "[0.00, 100.00] %")
        assert told["Mistakes, undecided"] == str(row["wrong"]["n_asked"])
        exported = dict(zip(columns, cells, strict=True))
        assert (exported["audited_top1_error"], exported["bound_high"]) == (None, 1)
        assert exported["n_right_undecided"] == row["right"]["n_asked"]


def is_right(study: Study, image: int) -> bool:
    """Whether the first model predicts the image right."""
    rows = study.image_set.images.order_by("image_id").values_list("pk", flat=True)
    return image not in list(rows)[:WRONG]


def vote(study: Study, yes: set[tuple[int, int | None]], *, raters: int = 5) -> None:
    hit = HITFactory.create(study=study, state=HITState.OPEN)
    trials = list(Trial.objects.select_related("question__stimulus"))
    for position, trial in enumerate(trials):
        HITTrial.objects.create(hit=hit, trial=trial, position=position)
    for _ in range(raters):
        assignment = AssignmentFactory.create(hit=hit, state=AssignmentState.APPROVED)
        for trial in trials:
            pair = (trial.question.stimulus.image_id, trial.question.label_class_id)
            VoteFactory.create(
                trial=trial,
                rater=assignment.rater,
                assignment=assignment,
                import_key=None,
                answer="yes" if pair in yes else "no",
            )
