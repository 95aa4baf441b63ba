from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from studyapp.errors import InputError
from studyapp.identity import (
    center_crop_rendering,
    elsewhere_stimulus_hash,
    rendered_stimulus_hash,
)
from studyapp.ingest import bulk_rows
from studyapp.ingest.vote_files import VoteLayout
from studyapp.models import (
    AuditEntry,
    ImageSet,
    Question,
    Rater,
    RaterIdentity,
    Stimulus,
    Study,
    Trial,
    Vote,
)
from studyapp.pipeline.import_votes import import_votes
from studyapp.reports.build import build_report
from studyapp.vocabulary import Answer, StimulusKind, StudyState
from tests.factories.dataset import (
    ImageFactory,
    ImageSetFactory,
    PredictionFactory,
    ShownImageFactory,
)
from tests.factories.study import StudyFactory, TrialFactory
from tests.studyapp.reports.hand_study import hand_study

pytestmark = pytest.mark.django_db

HEADER = "image_id,class_index,rater_id,answer,seconds,question_id\n"


@pytest.fixture
def images() -> ImageSet:
    image_set = ImageSetFactory.create(name="pets")
    for name in ("a", "b"):
        ImageFactory.create(image_set=image_set, image_id=name)
    return image_set


def _file(folder: Path, rows: str, header: str = HEADER) -> Path:
    path = folder / "votes.csv"
    path.write_text(header + rows, encoding="utf-8")
    return path


GOOD = "a,1,R1,yes,2.5,q1\na,1,R2,Maybe,,q1\nb,3,R1,no,86400,q2\n"


def test_makes_a_closed_study_of_imported_votes(images: ImageSet, tmp_path: Path) -> None:
    PredictionFactory.create(image=images.images.get(image_id="a"), vision_model__name="net")
    summary = import_votes(images, study="crowd", file=_file(tmp_path, GOOD))
    study = Study.objects.get()
    assert (study.imported, study.state, study.image_set) == (True, StudyState.CLOSED, images)
    assert (study.raters_per_trial, study.accept_at) == (5, 4)
    assert [model.name for model in study.vision_models.all()] == ["net"]
    assert (summary.made_study, summary.added, summary.questions, summary.raters) == (True, 3, 2, 2)
    votes = list(Vote.objects.order_by("pk"))
    assert [(vote.answer, vote.answer_raw, vote.seconds) for vote in votes] == [
        (Answer.YES, "yes", 2.5),
        (Answer.UNSURE, "Maybe", None),
        (Answer.NO, "no", 86400.0),
    ]
    assert [vote.source_question for vote in votes] == ["q1", "q1", "q2"]
    assert all(vote.trial is None and vote.assignment is None for vote in votes)
    stimulus = votes[0].question.stimulus
    assert stimulus.stimulus_hash == elsewhere_stimulus_hash("pets", image_id="a")
    asked = votes[2].question.label_class
    assert asked is not None
    assert asked.index == 3


def test_raters_are_pseudonyms_and_their_ids_stand_apart(images: ImageSet, tmp_path: Path) -> None:
    import_votes(images, study="crowd", file=_file(tmp_path, GOOD))
    assert set(RaterIdentity.objects.values_list("provider", "worker_id")) == {
        ("import:crowd", "R1"),
        ("import:crowd", "R2"),
    }
    entry = AuditEntry.objects.get(verb="import_votes")
    assert entry.summary["added"] == 3
    assert "R1" not in str(entry.summary)
    import_votes(images, study="other", file=_file(tmp_path, GOOD))
    assert Rater.objects.count() == 4, "two studies' R1 need not be one person"


def test_importing_again_adds_nothing_and_a_longer_file_adds_its_new_rows(
    images: ImageSet, tmp_path: Path
) -> None:
    import_votes(images, study="crowd", file=_file(tmp_path, GOOD))
    again = import_votes(images, study="crowd", file=_file(tmp_path, GOOD))
    assert (again.made_study, again.added, again.known) == (False, 0, 3)
    more = import_votes(images, study="crowd", file=_file(tmp_path, GOOD + "b,3,R3,yes,,\n"))
    assert (more.added, more.known) == (1, 3)
    assert Vote.objects.count() == 4


def test_second_answers_within_a_file_are_kept_once(images: ImageSet, tmp_path: Path) -> None:
    file = _file(tmp_path, "a,1,R1,yes,,\na,1,R1,no,,\na,1,R1,no,,\n")
    for added in (3, 0):
        summary = import_votes(images, study="crowd", file=file)
        assert (summary.added, summary.repeated) == (added, 2)
    assert list(Vote.objects.values_list("answer", flat=True)) == ["yes", "no", "no"]


def test_another_answer_than_before_is_an_error(images: ImageSet, tmp_path: Path) -> None:
    import_votes(images, study="crowd", file=_file(tmp_path, GOOD))
    changed = "b,5,R9,yes,,\n" + GOOD.replace("R1,no", "R1,yes")
    with pytest.raises(InputError, match=r"line 5: this vote was imported before as no"):
        import_votes(images, study="crowd", file=_file(tmp_path, changed))
    assert Vote.objects.count() == 3


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a,6,R1,yes,,\n", "line 3: class_index is 6, but the class list ends at 5"),
        ("a,cat,R1,yes,,\n", "line 3: class_index is 'cat'"),
        ("a,1,R1,perhaps,,\n", "line 3: answer is 'perhaps'"),
        ("a,1,R1,,,\n", "line 3: answer is ''"),
        ("a,1,,yes,,\n", "line 3: rater_id cannot be used"),
        ("a,1,R1,yes,-0.1,\n", "line 3: seconds is '-0.1'"),
        ("a,1,R1,yes,86401,\n", "line 3: seconds is '86401'"),
        ("a,1,R1,yes,soon,\n", "line 3: seconds is 'soon'"),
        ("a,1,R1,yes,nan,\n", "line 3: seconds is 'nan'"),
        ("a,1,R1,yes,inf,\n", "line 3: seconds is 'inf'"),
        (f"a,1,R1,yes,,{'q' * 101}\n", "line 3: question_id has more than 100"),
    ],
)
def test_bad_votes_name_line_and_value_and_store_nothing(
    images: ImageSet, tmp_path: Path, rows: str, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        import_votes(images, study="crowd", file=_file(tmp_path, "a,1,R1,yes,,\n" + rows))
    assert Study.objects.count() == Vote.objects.count() == Rater.objects.count() == 0


def test_votes_about_images_of_a_larger_set_are_left_out_and_said(
    images: ImageSet, tmp_path: Path
) -> None:
    rows = "a,1,R1,yes,,\nz,1,R1,yes,,\ny,1,R2,no,,\nz,2,R3,yes,,\n"
    summary = import_votes(images, study="crowd", file=_file(tmp_path, rows))
    assert (summary.rows, summary.added, summary.raters) == (1, 1, 1)
    told = (
        "  3 votes about 2 images that are not in the set were left out, the first in line 3: 'z'"
    )
    assert told in summary.lines()
    assert Rater.objects.count() == Vote.objects.count() == 1


def test_votes_about_other_images_only_are_an_error(images: ImageSet, tmp_path: Path) -> None:
    file = _file(tmp_path, "z,1,R1,yes,,\ny,1,R1,yes,,\n")
    with pytest.raises(InputError, match=r"line 2: the set has no image 'z'.* of the other 1 "):
        import_votes(images, study="crowd", file=file)
    assert Study.objects.count() == Vote.objects.count() == Rater.objects.count() == 0


def test_columns_and_names_are_checked(images: ImageSet, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column answer"):
        import_votes(
            images,
            study="crowd",
            file=_file(tmp_path, "a,1,R1\n", "image_id,class_index,rater_id\n"),
        )
    with pytest.raises(InputError, match="no votes"):
        import_votes(images, study="crowd", file=_file(tmp_path, ""))
    with pytest.raises(InputError, match="not a name for a study"):
        import_votes(images, study="my crowd", file=_file(tmp_path, GOOD))
    elsewhere = StudyFactory.create(name="elsewhere")
    with pytest.raises(InputError, match="it is about the image set"):
        import_votes(images, study=elsewhere.name, file=_file(tmp_path, GOOD))
    assert Vote.objects.count() == 0


def test_larger_crowds_set_the_rule_of_the_new_study(images: ImageSet, tmp_path: Path) -> None:
    rows = "".join(f"a,1,R{n},yes,,\n" for n in range(10))
    summary = import_votes(images, study="ten", file=_file(tmp_path, rows))
    assert (summary.raters_per_trial, summary.accept_at) == (10, 8)


def test_votes_for_a_study_of_our_own_join_its_trials(tmp_path: Path) -> None:
    image_set = ImageSetFactory.create(name="shown")
    image = ShownImageFactory.create(image_set=image_set, image_id="a", number=11, size=(80, 60))
    ImageFactory.create(image_set=image_set, image_id="b")
    study = StudyFactory.create(
        name="own", image_set=image_set, render_resize=32, render_crop=24, state=StudyState.LIVE
    )
    rendering = center_crop_rendering(resize=32, crop=24)
    trial = TrialFactory.create(
        condition=study.conditions.get(),
        question__stimulus__image=image,
        question__stimulus__rendering=rendering,
        question__class_index=1,
    )
    rows = "a,1,R1,yes,,\na,2,R1,no,,\nb,1,R1,yes,,\n"
    summary = import_votes(image_set, study="own", file=_file(tmp_path, rows))
    assert (summary.made_study, summary.added, summary.not_asked) == (False, 3, 2)
    asked, unasked, hidden = Vote.objects.order_by("pk")
    assert asked.question == trial.question
    assert asked.trial == trial
    assert unasked.trial is None
    assert unasked.question.stimulus == trial.question.stimulus
    assert hidden.question.stimulus.kind == StimulusKind.ELSEWHERE
    assert Trial.objects.count() == 1, "a pair nobody asks stays unasked"
    study.refresh_from_db()
    assert (study.state, study.imported) == (StudyState.LIVE, False)


@pytest.mark.slow
def test_imported_votes_fill_up_a_live_study_and_displace_nothing(tmp_path: Path) -> None:
    made = hand_study()
    before = build_report(made.study).to_dict()["models"]
    full = "".join(f"i5,1,X{n},no,,\n" for n in range(4))
    lines = import_votes(
        made.study.image_set, study=made.study.name, file=_file(tmp_path, full)
    ).lines()
    assert any("votes of its own raters: those come first" in line for line in lines)
    assert build_report(made.study).to_dict()["models"] == before


@pytest.mark.django_db(transaction=True)
def test_votes_about_two_ids_of_one_content_are_votes_on_one_question(tmp_path: Path) -> None:
    study = StudyFactory.create(name="ours", render_resize=32, render_crop=28)
    for name in ("a", "b"):
        ShownImageFactory.create(image_set=study.image_set, image_id=name, number=7)
    rows = "a,1,R1,yes,,\nb,1,R1,no,,\nb,1,R2,yes,,\na,1,R1,no,,\n"
    file = _file(tmp_path, rows)
    for added, known in ((4, 0), (0, 4)):
        summary = import_votes(study.image_set, study="ours", file=file)
        assert (summary.added, summary.known, summary.repeated) == (added, known, 2)
    assert Question.objects.count() == 1
    votes = Vote.objects.order_by("pk").values_list("answer", "rater__identity__worker_id")
    assert list(votes) == [("yes", "R1"), ("no", "R1"), ("yes", "R2"), ("no", "R1")]


def test_a_pair_nobody_asked_is_rendered_as_the_study_would(tmp_path: Path) -> None:
    image_set = ImageSetFactory.create()
    image = ShownImageFactory.create(image_set=image_set, image_id="a", number=12)
    StudyFactory.create(name="own", image_set=image_set, render_resize=32, render_crop=24)
    import_votes(image_set, study="own", file=_file(tmp_path, "a,1,R1,yes,,\n"))
    stimulus = Stimulus.objects.get()
    rendering = center_crop_rendering(resize=32, crop=24)
    assert image.content_hash is not None
    assert stimulus.stimulus_hash == rendered_stimulus_hash(image.content_hash, rendering=rendering)
    assert stimulus.rendering == rendering
    with default_storage.open(stimulus.file or "") as file:
        assert file.read(4) == b"\x89PNG"


@pytest.mark.parametrize(("without", "added", "told"), [(False, 2, "kept"), (True, 1, "left out")])
def test_votes_of_rejected_assignments_count_unless_asked(
    images: ImageSet, tmp_path: Path, without: bool, added: int, told: str
) -> None:
    mturk = "HITId,AssignmentId,WorkerId,AssignmentStatus"
    header = f"{mturk},Input.image_id,Input.class_index,Answer.answer\n"
    rows = "H,A1,W1,Approved,a,1,yes\nH,A2,W2,Rejected,a,1,no\n"
    file = _file(tmp_path, rows, header)
    layout = VoteLayout(without_rejected=without)
    summary = import_votes(images, study="paid", file=file, layout=layout)
    assert summary.added == added
    assert any(f"1 are of rejected assignments: {told}" in line for line in summary.lines())


def test_an_import_that_was_cut_off_ends_with_the_same_rows(
    images: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _file(tmp_path, GOOD + "b,3,R1,no,,\n")
    import_votes(images, study="whole", file=file)
    monkeypatch.setattr(bulk_rows, "BATCH", 2)
    stored: list[int] = []

    def cut_off(done: int, total: int | None = None, message: str = "") -> None:
        stored.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_votes(images, study="cut", file=file, progress=cut_off)
    assert stored == [2] == [Vote.objects.filter(study__name="cut").count()]
    summary = import_votes(images, study="cut", file=file)
    assert (summary.known, summary.added, summary.repeated) == (2, 2, 1)
    answers = [
        list(Vote.objects.filter(study__name=name).order_by("pk").values_list("answer", "seconds"))
        for name in ("whole", "cut")
    ]
    assert answers[0] == answers[1]
