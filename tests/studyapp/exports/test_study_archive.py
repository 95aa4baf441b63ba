"""The archive, unpacked elsewhere, gives its own figures byte for byte, without Django."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studyapp.errors import InputError, StudyError
from studyapp.exports import archive_study
from studyapp.identity import canonical_hash
from studyapp.models import (
    Assignment,
    AuditEntry,
    ManualExclusion,
    Rater,
    RaterIdentity,
    Study,
    Vote,
)
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.name_analysis import name_analysis
from studyapp.recount import recount
from studyapp.vocabulary import StudyState
from tests.factories.crowd import AssignmentFactory, RaterIdentityFactory
from tests.factories.dataset import VisionModelFactory
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import (
    START,
    HandStudy,
    add_votes_that_do_not_count,
    hand_study,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]


@pytest.fixture
def made() -> HandStudy:
    made = hand_study()
    add_votes_that_do_not_count(made)
    made.study.vision_models.add(
        VisionModelFactory.create(name="=late()", class_list=made.study.image_set.class_list)
    )
    return made


def unpacked(archive: Path, into: Path) -> Path:
    with zipfile.ZipFile(archive) as file:
        file.extractall(into)
    [folder] = into.iterdir()
    return folder


def rerun(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "rerun.py", *arguments],
        check=False,
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_one_command_gives_the_same_bytes(made: HandStudy, tmp_path: Path) -> None:
    archive_study(made.study, out=tmp_path / "hand.zip")
    folder = unpacked(tmp_path / "hand.zip", tmp_path / "elsewhere")
    published = (folder / "results" / "results.json").read_bytes()
    (folder / "results" / "results.json").unlink()
    assert rerun(folder, "--out", "again.json").returncode == 2
    assert (folder / "again.json").read_bytes() == published
    (folder / "results" / "results.json").write_bytes(published)
    done = rerun(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"the same {len(published)} bytes" in done.stdout


@pytest.mark.slow
def test_votes_that_came_too_soon_are_left_out_again(made: HandStudy, tmp_path: Path) -> None:
    """Other columns of the archive do not tell why: the reason is taken over."""
    seen = AssignmentFactory.create(rater=made.raters[0])
    Assignment.objects.filter(pk=seen.pk).update(started_at=START)
    apart = {"cooldown_hours": 72, "cooldown_studies": seen.hit.study.name}
    Study.objects.filter(pk=made.study.pk).update(**apart)
    archive_study(Study.objects.get(pk=made.study.pk), out=tmp_path / "hand.zip")
    folder = unpacked(tmp_path / "hand.zip", tmp_path / "elsewhere")
    votes = (folder / "data" / "votes.csv").read_text("utf-8")
    assert votes.count(",exposure") == Vote.objects.filter(rater=made.raters[0]).count()
    done = rerun(folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_vote_excluded_by_hand_stays_out_under_any_window(
    made: HandStudy, tmp_path: Path
) -> None:
    """It was too fast as well, which is the reason it carries; another window does not see that."""
    fast = Vote.objects.get(active_seconds=0.5)
    ManualExclusion.objects.create(vote=fast, note="wrote us that the child had pressed it")
    name_analysis(made.study, name="any-time", window=(None, None))
    archive_study(made.study, out=tmp_path / "hand.zip")
    folder = unpacked(tmp_path / "hand.zip", tmp_path / "elsewhere")
    votes = (folder / "data" / "votes.csv").read_text("utf-8").splitlines()
    row = next(row for row in csv.DictReader(votes) if row["seconds"] == "0.5")
    assert (row["exclusion_reason"], row["by_hand"]) == ("too_fast", "true")
    given, results = (
        json.loads((folder / name).read_text("utf-8"))
        for name in ("protocol/given.json", "results/results.json")
    )
    for part, figure in (
        ("sensitivity", "rectified_top1_error"), ("sensitivity", "n_raters"),
        ("comparisons", "rectified"), ("comparisons", "standard_p_holm"), ("models", "resampled"),
    ):  # fmt: skip
        assert given[part][-1][figure] is None, "counted, and taken over from nowhere"
        assert results[part][-1][figure] is not None


@pytest.mark.slow
def test_one_changed_vote_is_told(made: HandStudy, tmp_path: Path) -> None:
    archive_study(made.study, out=tmp_path / "hand.zip")
    folder = unpacked(tmp_path / "hand.zip", tmp_path / "elsewhere")
    votes = folder / "data" / "votes.csv"
    before = votes.read_text("utf-8")
    # One more no on i5 leaves three yes of five: it is rejected.
    lines = before.splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if ",i5," in line and ",yes,yes," in line)
    lines[place] = lines[place].replace(",yes,yes,", ",no,no,")
    votes.write_text("".join(lines), encoding="utf-8")
    done = rerun(folder)
    assert done.returncode == 1
    assert "models[alpha].n_accepted: 2 in results.json, 1 counted" in done.stdout
    assert "models[beta].rectified_top1_error" in done.stdout
    assert "models[alpha].resampled.both.se" in done.stdout
    assert "sensitivity[alpha].n_accepted" in done.stdout
    assert "votes.n_yes: 15 in results.json, 14 counted" in done.stdout
    assert "models[=late()]" not in done.stdout
    votes.unlink()
    done = rerun(folder)
    assert done.returncode == 2
    assert "votes.csv" in done.stderr


@pytest.mark.slow
def test_what_is_inside(made: HandStudy, tmp_path: Path) -> None:
    for rater in Rater.objects.all():
        RaterIdentityFactory.create(rater=rater)
    archive_study(made.study, out=tmp_path / "a.zip")
    archive_study(made.study, out=tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    folder = unpacked(tmp_path / "a.zip", tmp_path / "elsewhere")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files >= {
        "README.md", "CITATION.cff", "LICENSE-data", "datapackage.json", "environment.txt",
        "rerun.py", "data/votes.csv", "data/images.csv", "media/manifest.csv",
        "protocol/protocol.json", "results/results.json", "results/tables/models.tex",
    }  # fmt: skip
    lines = (folder / "CHECKSUMS.sha256").read_text("utf-8").splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    assert set(sums) == files - {"CHECKSUMS.sha256"}
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    content = "".join((folder / name).read_text("utf-8", "replace") for name in files)
    for identity in RaterIdentity.objects.all():
        assert identity.worker_id not in content
        assert str(identity.rater.public_id) not in content
    assert AuditEntry.objects.filter(verb="export").count() == 2


@pytest.mark.slow
def test_a_public_archive_tells_no_time_of_day_and_counts_itself_again(
    made: HandStudy, tmp_path: Path
) -> None:
    name_analysis(made.study, name="three", accept=3)
    archive_study(made.study, out=tmp_path / "own.zip")
    archive_study(made.study, out=tmp_path / "public.zip", public=True)
    own = unpacked(tmp_path / "own.zip", tmp_path / "own")
    folder = unpacked(tmp_path / "public.zip", tmp_path / "public")
    time_of_day = re.compile(r"\dT(?!00:00:00)\d\d:\d\d")
    for path in (*folder.rglob("data/*.csv"), folder / "results" / "results.json"):
        assert not time_of_day.search(path.read_text("utf-8")), path.name
    assert time_of_day.search((own / "data" / "votes.csv").read_text("utf-8"))
    described = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert "cut to its day" in json.dumps(described)
    assert "Times of day are cut off" in (folder / "README.md").read_text("utf-8")
    raters = [
        {row["rater_id"] for row in csv.DictReader(text.splitlines())}
        for where in (own, folder)
        if (text := (where / "data" / "votes.csv").read_text("utf-8"))
    ]
    assert raters[0]
    assert not raters[0] & raters[1], "nobody can join the two"
    assert rerun(folder).returncode == 0
    with pytest.raises(InputError, match="as no other export"):
        archive_study(made.study, out=tmp_path / "x.zip", public=True, pseudonym_key="k")


@pytest.mark.slow
def test_the_figures_are_in_it_with_their_words(made: HandStudy, tmp_path: Path) -> None:
    archive_study(made.study, out=tmp_path / "hand.zip")
    figures = unpacked(tmp_path / "hand.zip", tmp_path / "elsewhere") / "results" / "figures"
    names = {path.stem for path in figures.iterdir()}
    assert {"errors", "yes-votes"} <= names
    for name in names:
        assert (figures / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert (figures / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert re.search("alpha|beta", (figures / f"{name}.txt").read_text("utf-8"))


@pytest.mark.slow
def test_a_study_without_anything(tmp_path: Path) -> None:
    archive_study(StudyFactory.create(name="empty"), out=tmp_path / "a.zip")
    folder = unpacked(tmp_path / "a.zip", tmp_path / "elsewhere")
    assert rerun(folder).returncode == 0


@pytest.mark.slow
def test_figures_that_do_not_follow_are_refused(
    made: HandStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "studyapp.exports.study_archive.recount",
        lambda folder: recount(folder) | {"title": "other"},
    )
    with pytest.raises(StudyError, match="do not give the report's figures: title"):
        archive_study(made.study, out=tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_command(made: HandStudy, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("archive", "hand", "--out", str(tmp_path / "a.zip"), stdout=out)
    assert "byte for byte" in out.getvalue()
    (tmp_path / "mine.zip").write_text("years of work", encoding="utf-8")
    with pytest.raises(CommandError, match="not an earlier archive"):
        call_command("archive", "hand", "--out", str(tmp_path / "mine.zip"), stdout=out)
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("archive", "hand", "--out", str(tmp_path / "no" / "a.zip"), stdout=out)
    assert (tmp_path / "mine.zip").read_text("utf-8") == "years of work"


@pytest.mark.slow
def test_plan_and_named_analyses_are_in_the_archive(made: HandStudy, tmp_path: Path) -> None:
    Study.objects.filter(pk=made.study.pk).update(
        state=StudyState.DRAFT, planned_contrasts="alpha vs beta", plan_note="alpha errs more"
    )
    made.study.refresh_from_db()
    late = made.study.vision_models.get(name="=late()")
    made.study.vision_models.remove(late)
    launch_study(made.study, check_funds=False)
    made.study.vision_models.add(late)
    name_analysis(made.study, name="three", accept=3, note="a look")
    archive_study(made.study, out=tmp_path / "hand.zip")
    folder = unpacked(tmp_path / "hand.zip", tmp_path / "elsewhere")
    done = rerun(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((folder / "results" / "results.json").read_text("utf-8"))
    given = json.loads((folder / "protocol" / "given.json").read_text("utf-8"))
    assert given["analyses"][0]["models"][0]["n_accepted"] is None
    assert results["analyses"][0]["models"][0]["n_accepted"] == 4
    assert [one["name"] for one in results["analyses"]] == ["three"]
    planned = {model["model"]: model["planned"] for model in results["models"]}
    assert planned == {"=late()": False, "alpha": True, "beta": True}
    plan = json.loads((folder / "protocol" / "analysis_plan.json").read_text("utf-8"))
    assert plan["plan"]["analysis"]["note"] == "alpha errs more"
    assert canonical_hash(plan["plan"]) == plan["plan_hash"] == results["plan"]["plan_hash"]
    protocol = json.loads((folder / "protocol" / "protocol.json").read_text("utf-8"))
    assert canonical_hash(protocol["protocol"]) == plan["protocol_hash"]
    named = (folder / "results" / "tables" / "analyses.csv").read_text("utf-8")
    assert "three,alpha,false,3,missing,1.0,60.0" in named
