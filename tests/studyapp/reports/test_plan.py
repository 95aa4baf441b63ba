from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from studyapp.errors import StudyError
from studyapp.identity import canonical_hash
from studyapp.models import Study, VisionModel
from studyapp.pipeline.add_model import add_model
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.name_analysis import name_analysis
from studyapp.planned_contrasts import contrasts_of
from studyapp.reports import build_report, report_lines
from studyapp.reports.plan import plan_content, plan_of
from studyapp.reports.plan_words import plan_facts, planned_sentence, window_words
from studyapp.selectors.protocol import changes_since_launch
from studyapp.vocabulary import StudyState
from tests.factories.dataset import mistakes
from tests.factories.study import StudyFactory
from tests.recruiting import a_draft, add_predictions
from tests.studyapp.reports.hand_study import hand_study

pytestmark = pytest.mark.django_db


def launched(**fields: object) -> Study:
    """Three models, of which one contrast is planned unless the fields say other."""
    study = a_draft(images=6, wrong=3, name="planned")
    for name, wrong in (("b", {"i000": 4}), ("c", {"i001": 3, "i002": 2})):
        add_predictions(study, name=name, wrong=wrong)
    fields = {"planned_contrasts": "b vs c", "plan_note": "c is worse."} | fields
    Study.objects.filter(pk=study.pk).update(**fields)
    study.refresh_from_db()
    launch_study(study, check_funds=False)
    return study


def test_the_plan_is_stamped_at_launch_and_hashed_with_the_protocol() -> None:
    study = launched()
    plan = plan_of(study)
    assert plan is not None
    assert study.live_at is not None
    assert study.protocol is not None
    assert plan.stamped_at == study.live_at.isoformat()
    assert (plan.contrasts, plan.note) == (("b vs c",), "c is worse.")
    assert plan.models == ("b", "c", "planned-a")
    assert (plan.accept_at, plan.raters_per_trial, plan.unsure) == (4, 5, "missing")
    assert plan.exclusions[0] == "test_run"
    content = plan_content(study)
    assert content is not None
    assert canonical_hash(content) == plan.plan_hash
    assert study.protocol["analysis"]["contrasts"] == ["b vs c"]
    assert study.protocol_hash == plan.protocol_hash == canonical_hash(study.protocol)


def test_another_plan_has_another_hash_and_the_same_one_the_same() -> None:
    study = launched()
    hashes: dict[str, str] = {}
    for note in ("c is worse.", "c is better.", "c is worse."):
        Study.objects.filter(pk=study.pk).update(state=StudyState.DRAFT, plan_note=note)
        study.refresh_from_db()
        launch_study(study, check_funds=False)
        plan = plan_of(study)
        assert plan is not None
        assert hashes.setdefault(note, plan.plan_hash) == plan.plan_hash
    assert len(set(hashes.values())) == 2


def test_no_plan_before_launch_nor_without_one() -> None:
    assert plan_of(a_draft(images=1)) is None
    report = build_report(hand_study().study)
    assert report.plan is None
    assert not report.planned
    assert not any(model.planned for model in report.models)
    assert "launched before plans were kept" in planned_sentence(report)
    assert "not launched" in planned_sentence(build_report(StudyFactory.create()))
    imported = StudyFactory.create(imported=True)
    assert "gathered elsewhere" in planned_sentence(build_report(imported))


@pytest.mark.slow
def test_models_added_later_and_other_rules_are_not_planned() -> None:
    study = launched()
    mistakes(study.image_set, model="late", wrong={"i003": 2})
    add_model(study, model=VisionModel.objects.get(name="late"))
    report = build_report(study)
    planned = {model.model: model.planned for model in report.models}
    assert planned == {"b": True, "c": True, "planned-a": True, "late": False}
    assert "not planned: late" in planned_sentence(report)
    other = build_report(study, accept=3)
    assert not other.planned
    assert not any(model.planned for model in other.models)
    assert not any(pair.planned for pair in other.comparisons)
    assert not build_report(study, window=(1, None)).planned


def test_planned_contrasts_are_a_family_of_their_own() -> None:
    report = build_report(launched())
    families = {(pair.first, pair.second): (pair.planned, pair.n_family)
                for pair in report.comparisons}  # fmt: skip
    assert families == {
        ("b", "c"): (True, 1),
        ("b", "planned-a"): (False, 3),
        ("c", "planned-a"): (False, 3),
    }
    (planned,) = [pair for pair in report.comparisons if pair.planned]
    assert planned.rectified_p_holm == planned.rectified.p


def test_what_is_stated_is_frozen_with_the_study() -> None:
    study = launched()
    study.plan_note = "c is better after all."
    with pytest.raises(ValidationError, match="can no longer be changed"):
        study.full_clean()
    Study.objects.filter(pk=study.pk).update(plan_note="other", planned_contrasts="")
    study.refresh_from_db()
    assert changes_since_launch(study) == ["planned contrasts", "planned note"]
    plan = plan_of(study)
    assert plan is not None
    assert plan.note == "c is worse."


def test_a_renewed_program_is_no_change_of_the_protocol() -> None:
    study = launched()
    assert study.protocol is not None
    study.protocol["analysis"]["exclusions"] = ["an", "older", "order"]
    assert changes_since_launch(study) == []
    del study.protocol["analysis"]
    assert changes_since_launch(study) == []
    assert plan_of(study) is None


def test_a_contrast_of_another_model_is_no_launch() -> None:
    with pytest.raises(StudyError, match="names nobody, which is no model"):
        launched(planned_contrasts="b vs nobody")


@pytest.mark.parametrize(
    "text", ["b", "b vs ", "b vs b", "b vs c\nc vs b", "a vs b vs c", "b versus c"]
)
def test_lines_that_are_no_contrasts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        contrasts_of(text)
    study = a_draft(images=1)
    study.planned_contrasts = text
    with pytest.raises(ValidationError) as caught:
        study.full_clean()
    assert set(caught.value.message_dict) == {"planned_contrasts"}


def test_contrasts_are_lines() -> None:
    assert contrasts_of("\n a  vs b \n\nc vs d") == (("a", "b"), ("c", "d"))


@pytest.mark.slow
def test_named_analyses_are_listed_with_what_came_out() -> None:
    made = hand_study()
    name_analysis(made.study, name="three", accept=3, note="a look")
    name_analysis(made.study, name="slow", window=(10, None))
    report = build_report(made.study)
    three, slow = report.analyses
    assert (three.name, three.note, three.accept_at, three.author) == ("three", "a look", 3, None)
    own = build_report(made.study, accept=3)
    assert [(of.model, of.rectified_top1_error, of.ci_low) for of in three.models] == [
        (model.model, model.rectified_top1_error, model.ci_low) for model in own.models
    ]
    assert slow.n_votes == 0
    alpha = slow.models[0]
    assert (alpha.n_accepted, alpha.n_undecided, alpha.rectified_top1_error) == (0, 5, 0.6)
    text = "\n".join(report_lines(report))
    assert "Not planned: three (accepted at 3 of 5" in text
    assert report.to_dict()["planned"] is False


def test_facts_say_every_part() -> None:
    plan = plan_of(launched())
    assert plan is not None
    facts = dict(plan_facts(plan))
    assert facts["Contrasts"] == "b vs c; McNemar’s test, Holm over these"
    assert facts["Stated beforehand"] == "c is worse."
    assert facts["Timing window"] == "votes of any time"
    none = dict(plan_facts(replace(plan, contrasts=(), note="")))
    assert none["Contrasts"].startswith("none planned")
    assert "Stated beforehand" not in none


def test_windows_in_words() -> None:
    assert window_words(1, None) == "votes of at least 1 s"
    assert window_words(None, 2.5) == "votes of at most 2.5 s"
    assert window_words(1, 60) == "votes of 1 to 60 s"
