from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest
from django.test import override_settings

from studyapp.errors import InputError
from studyapp.exports import export_archive, export_study
from studyapp.exports.folder import whole_folder
from studyapp.exports.pseudonyms import Pseudonyms
from studyapp.identity import center_crop_rendering
from studyapp.models import AuditEntry, Rater, RaterIdentity
from studyapp.reports import build_report
from tests.factories.crowd import RaterIdentityFactory, VoteFactory
from tests.factories.dataset import PredictionFactory, ShownImageFactory, VisionModelFactory
from tests.factories.study import QuestionFactory, StimulusFactory, StudyFactory, TrialFactory
from tests.studyapp.reports.hand_study import HandStudy, add_votes_that_do_not_count, hand_study

FILES = {
    "votes.csv",
    "questions.csv",
    "models.csv",
    "predictions.csv",
    "raters.csv",
    "agreement.csv",
    "sensitivity.csv",
    "analyses.csv",
    "contrasts.csv",
    "flow.csv",
    "conditions.csv",
    "agreement.json",
    "report.json",
    "datapackage.json",
    "manifest.json",
}

pytestmark = pytest.mark.django_db


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def made() -> HandStudy:
    made = hand_study()
    add_votes_that_do_not_count(made)
    return made


@pytest.mark.slow
def test_every_vote_with_its_reason(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out")
    votes = table(tmp_path / "out" / "votes.csv")
    assert len(votes) == 34
    assert sum(row["is_valid"] == "true" for row in votes) == 25
    assert {row["exclusion_reason"] for row in votes if row["is_valid"] == "true"} == {""}
    first = votes[0]
    assert (first["study_id"], first["image_id"], first["class_index"]) == ("hand", "i4", "1")
    assert (first["class_name"], first["answer"], first["condition"]) == ("dog", "yes", "whole")
    assert first["submitted_at"] == "2026-01-01T12:01:00Z"
    assert first["presented_at"] == "2026-01-01T12:00:55Z"
    fast = next(row for row in votes if row["exclusion_reason"] == "too_fast")
    assert (fast["response_time_s"], fast["seconds"]) == ("90.0", "0.5")


@pytest.mark.slow
def test_questions_and_models_agree_with_the_report(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out")
    verdicts = {
        (row["image_id"], row["predicted_class"]): (row["verdict"], row["models"], row["n_yes"])
        for row in table(tmp_path / "out" / "questions.csv")
    }
    assert verdicts == {
        ("i4", "1"): ("accepted", "alpha", "5"),
        ("i5", "1"): ("accepted", "alpha;beta", "4"),
        ("i6", "1"): ("rejected", "alpha", "3"),
        ("i6", "2"): ("rejected", "beta", "0"),
        ("i7", "1"): ("undecided", "alpha", "3"),
        ("i8", "1"): ("undecided", "alpha", "0"),
    }
    report = build_report(made.study)
    for row, model in zip(table(tmp_path / "out" / "models.csv"), report.models, strict=True):
        assert row["model"] == model.model
        assert float(row["rectified_top1_error"]) == model.rectified_top1_error
        assert [int(row[f"by_yes_{n}"]) for n in range(6)] == list(model.by_yes)
    written = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(report.to_dict()))
    agreement = json.loads((tmp_path / "out" / "agreement.json").read_text("utf-8"))
    assert agreement["agreement"] == written["agreement"]


@pytest.mark.slow
def test_predictions_in_ranks(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out")
    rows = table(tmp_path / "out" / "predictions.csv")
    assert len(rows) == 2 * (10 + 9)
    assert [(r["rank"], r["class_index"], r["probability"]) for r in rows[8:10]] == [
        ("1", "1", "0.75"),
        ("2", "5", "0.125"),
    ]


@pytest.mark.slow
def test_no_worker_id_leaves(made: HandStudy, tmp_path: Path) -> None:
    for rater in Rater.objects.all():
        RaterIdentityFactory.create(rater=rater)
    export_study(made.study, out=tmp_path / "out")
    content = "".join(path.read_text("utf-8") for path in (tmp_path / "out").iterdir())
    for identity in RaterIdentity.objects.all():
        assert identity.worker_id not in content
        assert identity.rater.public_id.hex not in content
        assert str(identity.rater.public_id) not in content


def test_a_rater_has_one_name_under_a_key_and_another_elsewhere(made: HandStudy) -> None:
    rater = made.raters[0].public_id
    name = Pseudonyms(made.study, key="a").of(rater)
    assert name == Pseudonyms(made.study, key="a").of(rater)
    assert name != Pseudonyms(made.study, key="a").of(made.raters[1].public_id)
    assert name != Pseudonyms(made.study, key="b").of(rater)
    assert name != Pseudonyms(StudyFactory.create(), key="a").of(rater)
    with override_settings(SECRET_KEY="another"):
        assert name != Pseudonyms(made.study, key="a").of(rater)


@pytest.mark.slow
def test_two_exports_are_joined_only_on_purpose(made: HandStudy, tmp_path: Path) -> None:
    def names(out: str, key: str | None = None) -> set[str]:
        export_study(made.study, out=tmp_path / out, pseudonym_key=key)
        votes = {row["rater_id"] for row in table(tmp_path / out / "votes.csv")}
        assert votes == {row["rater_id"] for row in table(tmp_path / out / "raters.csv")}
        return votes

    before, joined = names("a"), names("b", "wave one")
    made.vote("i8", 1, "no", assignment=made.assignments[0])
    assert not before & names("c")
    assert names("d", "wave one") == joined
    assert not joined & before


@pytest.mark.slow
def test_the_same_rows_give_the_same_bytes_and_replace_an_earlier_export(
    made: HandStudy, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "out"
    export_study(made.study, out=out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    (out / "manifest.json").write_text("{}", encoding="utf-8")
    export_study(made.study, out=out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert set(before) == FILES
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.slow
def test_the_manifest_knows_every_file(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert {file["name"] for file in manifest["files"]} == FILES - {"manifest.json"}
    for file in manifest["files"]:
        content = (tmp_path / "out" / file["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert len(content) == file["bytes"]
        assert b"\r" not in content


@pytest.mark.parametrize("content", ["file", "folder"])
def test_what_is_not_ours_is_not_replaced(made: HandStudy, tmp_path: Path, content: str) -> None:
    out = tmp_path / "mine"
    if content == "folder":
        out.mkdir()
        (out / "thesis.tex").write_text("years of work", encoding="utf-8")
    else:
        out.write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="not an earlier export"):
        export_study(made.study, out=out)
    assert "years of work" in (out / "thesis.tex" if out.is_dir() else out).read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.slow
def test_an_error_half_way_leaves_the_earlier_export(made: HandStudy, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_study(made.study, out=out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def fail(done: int, total: int | None = None, message: str = "") -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_study(made.study, out=out, progress=fail)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.slow
def test_killed_half_way_then_run_again(tmp_path: Path) -> None:
    """A process killed inside the folder's making leaves nothing under its name."""
    script = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        import django
        django.setup()
        from studyapp.exports.folder import whole_folder
        with whole_folder(Path(sys.argv[1]), marker="manifest.json") as folder:
            (folder / "half.csv").write_text("half", encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    out = tmp_path / "out"
    killed = subprocess.run(
        [sys.executable, "-c", script, str(out)],
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )
    assert killed.returncode == -signal.SIGKILL
    assert not out.exists()
    export_study(hand_study().study, out=out)
    assert {path.name for path in out.iterdir()} == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_study_without_anything(tmp_path: Path) -> None:
    export_study(StudyFactory.create(), out=tmp_path / "out")
    assert table(tmp_path / "out" / "votes.csv") == []


def test_two_exports_into_one_folder_do_not_mix(made: HandStudy, tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out", marker="manifest.json") as folder:
        (folder / "manifest.json").write_text("{}", encoding="utf-8")
        with pytest.raises(InputError, match="another export"):
            export_study(made.study, out=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="No space left"),
        whole_folder(tmp_path / "out", marker="manifest.json"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["/", "/usr/.."])
def test_the_root_is_no_place(out: str) -> None:
    with pytest.raises(InputError, match="not an earlier export"):
        export_study(StudyFactory.create(), out=Path(out))


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be made"):
        export_study(StudyFactory.create(), out=tmp_path / "file" / "out")


@pytest.mark.slow
def test_a_model_named_like_a_formula_stays_text(made: HandStudy, tmp_path: Path) -> None:
    name = '=HYPERLINK("http://evil.example"),"x'
    made.study.vision_models.add(
        VisionModelFactory.create(name=name, class_list=made.study.image_set.class_list)
    )
    export_study(made.study, out=tmp_path / "out")
    assert table(tmp_path / "out" / "models.csv")[0]["model"] == "'" + name


@pytest.mark.slow
def test_the_archive_holds_the_same_bytes(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out")
    with export_archive(made.study) as file, zipfile.ZipFile(file) as archive:
        assert {name.removeprefix("hand/") for name in archive.namelist()} == FILES
        for name in FILES:
            assert archive.read(f"hand/{name}") == (tmp_path / "out" / name).read_bytes()
    with export_archive(made.study) as one, export_archive(made.study) as two:
        assert one.read() == two.read()


@pytest.mark.slow
def test_one_audit_line_without_the_folder(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "secret-place")
    entry = AuditEntry.objects.get(verb="export")
    assert entry.summary["rows"]["votes.csv"] == 34
    assert "secret-place" not in json.dumps(entry.summary)


def test_of_equal_pictures_the_one_that_is_a_mistake_is_named(tmp_path: Path) -> None:
    """Two ids, one content, two labels: the model is right about the first and wrong about the
    second, and the second is what was asked about."""
    study = StudyFactory.create()
    right, wrong = [
        ShownImageFactory.create(
            image_set=study.image_set, image_id=image_id, label_index=label, number=7
        )
        for image_id, label in (("a", 1), ("b", 0))
    ]
    model = VisionModelFactory.create(class_list=study.image_set.class_list)
    study.vision_models.add(model)
    for image in (right, wrong):
        PredictionFactory.create(image=image, vision_model=model, classes=[1])
    rendering = center_crop_rendering(resize=study.render_resize, crop=study.render_crop)
    question = QuestionFactory.create(
        stimulus=StimulusFactory.create(image=right, rendering=rendering), class_index=1
    )
    trial = TrialFactory.create(condition=study.conditions.get(), question=question)
    VoteFactory.create(trial=trial)
    export_study(study, out=tmp_path / "out")
    [row] = table(tmp_path / "out" / "questions.csv")
    assert (row["image_id"], row["predicted_class"], row["true_class"]) == ("b", "1", "0")
    assert row["models"] == model.name
    [vote] = table(tmp_path / "out" / "votes.csv")
    assert vote["image_id"] == "b"
