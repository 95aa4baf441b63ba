"""What holds of every question type: an archive counts its own figures again from votes and tables,
and each bar leads to the pictures it counts."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from studyapp.exports import archive_study
from studyapp.models import Question, Study, Trial
from studyapp.pipeline.build_trials import build_trials
from studyapp.questions.relevance.audited import decoys, right_sample
from studyapp.recount import recount
from studyapp.recount.command import moved_figures
from studyapp.reports import build_report
from studyapp.selectors.slices import Slice
from tests.studyapp.questions.attribute import test_paper as attribute_paper
from tests.studyapp.questions.box_meaning.test_box_meaning import boxed  # noqa: F401
from tests.studyapp.questions.class_match import test_paper as match_paper
from tests.studyapp.questions.five_relevance import test_report as five_report
from tests.studyapp.questions.list_relevance.test_population import study as listed  # noqa: F401
from tests.studyapp.questions.reason.test_reasons import failed_study
from tests.studyapp.questions.relevance.test_audited import study as audited  # noqa: F401
from tests.studyapp.questions.relevance.test_audited import vote
from tests.studyapp.questions.relevance.test_flipped import explain
from tests.studyapp.questions.relevance.test_flipped import study as flipped  # noqa: F401
from tests.studyapp.questions.rows import cast
from tests.studyapp.questions.wrong_reason.test_wrong_reason import mapped  # noqa: F401

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]

Build = Callable[[pytest.FixtureRequest], Study]


@dataclass(frozen=True)
class Case:
    """build: the study with votes. swap: a raw answer of a vote that counts, and another one.
    counts: pictures by shelf and group, as counted by hand."""

    build: Build
    swap: tuple[str, str]
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)


def _list(request: pytest.FixtureRequest) -> Study:
    study: Study = request.getfixturevalue("listed")
    build_trials(study)
    questions = list(Question.objects.order_by("pk"))
    cast(study, questions, [["yes"] * 5, *[["no"] * 5] * (len(questions) - 1)])
    return study


def _wrong_reason(request: pytest.FixtureRequest) -> Study:
    study: Study = request.getfixturevalue("mapped")
    build_trials(study)
    answers = [["yes"] * 3, ["yes", "yes", "no"], ["no"] * 3, ["yes", "no", "unsure"]]
    cast(study, list(Question.objects.order_by("stimulus__image")), answers)
    return study


def _boxes(request: pytest.FixtureRequest) -> Study:
    study: Study = request.getfixturevalue("boxed")
    build_trials(study)
    questions = list(Question.objects.order_by("label_class__index", "pk"))
    cast(study, questions, [["yes"] * 3, ["no"] * 3, ["yes"] * 3, ["yes", "yes", "no"]])
    return study


def _attacked(request: pytest.FixtureRequest) -> Study:
    """Whole, the first picture is accepted; as attention image the second."""
    study: Study = request.getfixturevalue("flipped")
    explain(study, "i0", "i1")
    build_trials(study)
    trials = list(Trial.objects.order_by("condition__position", "question__stimulus__image"))
    answers = [["yes"] * 5, ["no"] * 5, ["no"] * 5, ["yes"] * 5]
    cast(study, [trial.question for trial in trials], answers, trials=trials)
    return study


def _audited(request: pytest.FixtureRequest) -> Study:
    study: Study = request.getfixturevalue("audited")
    build_trials(study)
    right, unlikely = right_sample(study), decoys(study)
    vote(study, {(one.image, one.label_class) for one in [*right[:5], unlikely[0]]})
    return study


CASES = {
    "list": Case(_list, ("no", "yes")),
    "five": Case(
        lambda _: five_report.paper_study(),
        ("no no no no no", "yes yes yes yes yes"),
        {("net, A, any class", "Accepted"): 1, ("net, B, any rater", "Accepted"): 2},
    ),
    "matching": Case(lambda _: match_paper.paper_study(), ("1", "2")),
    "attribute": Case(
        lambda _: attribute_paper.paper_study(),
        ("yes no", "no no"),
        {
            (f"prototypes: {attribute_paper.BLACK}", "Show it"): 39,
            (f"criticisms: {attribute_paper.WHITE}", "Show it"): 45,
            (f"base: {attribute_paper.BLACK}", "Do not"): 47,
        },
    ),
    "reason": Case(
        lambda _: failed_study(),
        ("b c", "a -"),
        {
            ("a: small", "Main reason"): 3,
            ("a: disputed", "Main reason"): 1,
            ("b: odd", "The others coded"): 2,
            ("b: label wrong, main or not", "Holds"): 5,
        },
    ),
    "wrong reason": Case(
        _wrong_reason, ("yes", "no"), {("a", "Accepted"): 2, ("b", "Undecided"): 0}
    ),
    "boxes": Case(_boxes, ("no", "yes"), {("All classes", "Accepted"): 3}),
    "attacked": Case(
        _attacked,
        ("no", "yes"),
        {
            ("net, whole", "Accepted"): 1,
            ("net, attention", "5 yes"): 1,
            ("net: whole → attention", "Yes to no"): 2,
        },
    ),
    "audited": Case(_audited, ("yes", "no"), {("Decoys", "Accepted"): 1, ("Decoys", "Asked"): 4}),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Case, Study]:
    case = CASES[request.param]
    return case, Study.objects.get(pk=case.build(request).pk)


def test_the_archive_counts_its_figures_again_and_a_vote_moves_them(
    case: tuple[Case, Study], tmp_path: Path
) -> None:
    """Making it compares every figure; given.json has none of them, and none is taken over."""
    (raw, other), study = case[0].swap, case[1]
    first = other.split()[0]
    archive_study(study, out=tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        file.extractall(tmp_path)
    folder = tmp_path / study.name
    published = recount(folder)
    # What comes out is never looked up.
    (folder / "results" / "results.json").unlink()
    votes = folder / "data" / "votes.csv"
    rows = list(csv.DictReader(io.StringIO(votes.read_text("utf-8"))))
    wanted = [row for row in rows if row["is_valid"] == "true" and row["answer_raw"] == raw]
    assert wanted, sorted({row["answer_raw"] for row in rows})
    # All such answers to the first question that has any: its verdict hangs on them.
    for row in wanted:
        if row["question_id"] == wanted[0]["question_id"]:
            row["answer_raw"] = other
            row["answer"] = {"1": "yes", "2": "no", "a": "yes"}.get(first, first)
    with votes.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    moved = [line for line in moved_figures(published, recount(folder)) if line[:5] == "part."]
    assert moved


def test_every_bar_leads_to_the_pictures_it_counts(
    case: tuple[Case, Study], admin_client: Client
) -> None:
    study = case[1]
    page = html.unescape(admin_client.get(f"/studies/{study.name}/").content.decode())
    links = set(re.findall(rf'href="(/studies/{study.name}/pictures/\?[^"]+)"', page))
    part = build_report(study).part
    assert part is not None
    linked = {parse_qs(urlsplit(link).query)["of"][0] for link in links}
    assert linked == {shelf.name for shelf in part.shelves if shelf.name in linked}
    assert {mark.shelf for mark in part.marks} - {""} <= linked
    assert {error.shelf for error in part.errors} <= linked
    assert {name for name, _ in case[0].counts} <= linked
    for link in sorted(links)[:12]:
        assert admin_client.get(link).status_code == 200, link
    shelves = {shelf.name: shelf for shelf in part.shelves}
    for (name, group), n in case[0].counts.items():
        assert len(dict(shelves[name].groups)[group]) == n, (name, group)
        found = admin_client.get(
            f"/studies/{study.name}/pictures/", {"of": name, "group": group}
        ).content.decode()
        assert found.count("<li><figure>") == n, (name, group)
    if "a: disputed" in shelves:
        # The page offers the filter, so it has something to say where that leaves no picture.
        bare = admin_client.get(
            f"/studies/{study.name}/pictures/", {"of": "a: disputed", "model": "b"}
        )
        assert bare.status_code == 200
        assert "There is none" in bare.content.decode()
    for unknown in ({"of": "x"}, {"of": next(iter(shelves)), "group": "x"}):
        assert admin_client.get(f"/studies/{study.name}/pictures/", unknown).status_code == 404


@pytest.mark.parametrize(
    ("name", "rows", "by"),
    [
        ("attacked", "adversarial", "condition"),
        ("matching", "conditions", "condition"),
        ("reason", "models", "model"),
        ("wrong reason", "models", "model"),
        ("boxes", "classes", "class_index"),
    ],
)
def test_a_part_of_a_study_tells_what_the_whole_tells_of_it(
    request: pytest.FixtureRequest, name: str, rows: str, by: str
) -> None:
    """Where nothing is shared between the parts, the figures of each are those of the whole."""
    study = Study.objects.get(pk=CASES[name].build(request).pk)
    whole = build_report(study).part
    assert whole is not None
    told = {row[by] for row in whole.values[rows]}
    assert len(told) > 1
    for value in told:
        if by == "model":
            only = Slice(model=value)
        elif by == "condition":
            condition = study.conditions.get(name=value)
            only = Slice(condition=value, condition_key=condition.pk)
        else:
            label = study.image_set.class_list.classes.get(index=value)
            only = Slice(class_index=value, class_name=label.name, class_key=label.pk)
        part = build_report(study, only=only).part
        assert part is not None
        assert part.values[rows] == [row for row in whole.values[rows] if row[by] == value]
