"""Parts of a study: filters by model, class, condition and rater, on pages and in files."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django.fixtures import Settings

from studyapp.errors import InputError
from studyapp.exports.pseudonyms import API_KEY, Pseudonyms, asked_key
from studyapp.exports.slices import names_as_they_stand
from studyapp.models import AuditEntry, Image, Study, Trial, Vote
from studyapp.people import make_researcher
from studyapp.reports import StudyReport, build_report, kept_report
from studyapp.reports.analysis import analyse_study
from studyapp.selectors.slices import Slice
from tests.factories.dataset import label_class
from tests.factories.study import ConditionFactory
from tests.studyapp.reports.hand_study import HandStudy, add_votes_that_do_not_count, hand_study

pytestmark = pytest.mark.django_db
REPORT = "/studies/hand/"


@pytest.fixture
def made() -> HandStudy:
    made = hand_study()
    add_votes_that_do_not_count(made)
    return made


@pytest.fixture
def reader(made: HandStudy, client: Client) -> Client:
    user = make_researcher("reader", password="a long one")
    Study.objects.filter(pk=made.study.pk).update(owner=user)
    client.force_login(user)
    return client


def of(report: StudyReport, name: str) -> Any:
    return next(model for model in report.models if model.model == name)


def test_without_a_rater_is_the_study_this_rater_never_saw(made: HandStudy) -> None:
    """By hand: i4 keeps four yes of four; i5 has three of four and i7 two of three, both open."""
    whole = build_report(made.study)
    without = build_report(made.study, only=Slice(rater="r", rater_key=made.raters[0].pk))
    assert (of(whole, "alpha").n_accepted, of(whole, "alpha").n_undecided) == (2, 2)
    alpha = of(without, "alpha")
    assert (alpha.n_accepted, alpha.n_rejected, alpha.n_undecided) == (1, 1, 3)
    assert alpha.rectified_top1_error == 5 / 10
    assert alpha.ci_high > of(whole, "alpha").ci_high
    gone = Vote.objects.filter(rater=made.raters[0]).count()
    assert without.votes.n_votes == whole.votes.n_votes - gone
    assert without.raters.n_raters == whole.raters.n_raters - 1
    assert not without.planned
    assert without.cross_check is None


def test_classes_share_out_images_and_votes(made: HandStudy) -> None:
    """Every labelled image, question and vote is in the slice of one class, and in no other."""
    third = label_class(made.study.image_set, index=3)
    Image.objects.filter(pk__in=[made.images[name].pk for name in ("i4", "i5")]).update(label=third)
    first = made.images["i0"].label
    assert first is not None
    whole = build_report(made.study)
    parts = [
        build_report(made.study, only=Slice(class_index=at, class_name="c", class_key=label.pk))
        for at, label in ((0, first), (3, third))
    ]
    for count in ("n_images", "n_errors", "n_accepted", "n_rejected", "n_unasked", "n_real"):
        for model in ("alpha", "beta"):
            assert sum(getattr(of(part, model), count) for part in parts) == getattr(
                of(whole, model), count
            ), (model, count)
    for count in ("n_votes", "n_valid", "n_yes"):
        assert sum(getattr(part.votes, count) for part in parts) == getattr(whole.votes, count)
    small = of(parts[1], "alpha")
    assert (small.n_images, small.n_errors, small.n_accepted) == (2, 2, 2)
    assert (small.rectified_top1_error, small.ci_low) == (0.0, 0.0)
    assert 0.6 < small.ci_high < 0.7, "Wilson’s interval of 0 of 2"
    assert small.resampled is not None


def test_a_condition_is_read_as_if_it_alone_had_been_asked(made: HandStudy) -> None:
    other = ConditionFactory.create(study=made.study, name="other", position=9)
    Trial.objects.filter(pk=made.trials["i4", 1].pk).update(condition=other)
    whole = build_report(made.study)
    own, rest = (
        build_report(made.study, only=Slice(condition=one.name, condition_key=one.pk))
        for one in (other, made.study.conditions.exclude(pk=other.pk).get())
    )
    assert (own.data.n_questions, own.votes.n_valid, own.votes.n_yes) == (1, 5, 5)
    assert own.votes.n_votes + rest.votes.n_votes == whole.votes.n_votes
    alpha = of(own, "alpha")
    assert (alpha.n_images, alpha.n_asked, alpha.n_accepted, alpha.n_unasked) == (10, 1, 1, 5)
    assert of(rest, "alpha").n_accepted == 1
    # Asked in both conditions, the question keeps in each the votes given there.
    again = Trial.objects.create(
        condition=made.study.conditions.exclude(pk=other.pk).get(),
        question=made.trials["i4", 1].question,
    )
    first = Vote.objects.filter(trial=made.trials["i4", 1]).order_by("pk").first()
    assert first is not None
    made.trials["i4", 1] = again
    made.vote("i4", 1, "yes", assignment=made.assignments[1])
    here = analyse_study(made.study, only=Slice(condition="other", condition_key=other.pk))
    assert len(here.valid) == 5


def test_a_model_alone_is_told_as_in_the_whole_report(made: HandStudy) -> None:
    whole, alone = build_report(made.study), build_report(made.study, only=Slice(model="beta"))
    assert alone.models == (of(whole, "beta"),)
    assert alone.comparisons == whole.comparisons
    assert (alone.votes, alone.agreement) == (whole.votes, whole.agreement)
    assert {choice.model for choice in alone.sensitivity} == {"beta"}


def test_filters_combine_on_every_page_and_in_the_files(reader: Client, made: HandStudy) -> None:
    raters = reader.get(f"{REPORT}raters/").content.decode()
    links = re.findall(r'href="([^"]*\?rater=r[0-9a-f]{16}#without)"', raters)
    assert len(links) == 10, "one for every rater with a vote"
    for rater in made.raters:
        assert str(rater.public_id) not in raters
    name = next(
        name for name, key in names_as_they_stand(made.study).items() if key == made.raters[0].pk
    )
    query = {"rater": name, "model": "alpha", "class": "0", "accept": "3"}
    page = reader.get(REPORT, query).content.decode()
    assert "A slice of the study, not planned: images annotated" in page
    assert f"without the votes of rater {name}" in page
    assert "10 of 10 labelled images" in page
    assert "Of the models, alpha alone is told" in page
    assert "Nothing of this view was planned" in page or "No analysis plan" in page
    row = re.search(r'<th scope="row">alpha</th>(.*?)</tr>', page, re.DOTALL)
    assert row
    # Of three needed, i7 has two left; in i6 a vote that was one too many takes the free place.
    assert "4 → 3" in row[1]
    data = reader.get(f"{REPORT}report.json", query).json()
    assert data["slice"] == {
        "model": "alpha", "class_index": 0, "class_name": made.images["i0"].label.name,  # type: ignore[union-attr]
        "condition": None, "without_rater": name, "n_labelled_of": 10,
        "n_votes_of": made.n_votes,
    }  # fmt: skip
    (alpha,) = data["models"]
    assert (alpha["n_accepted"], alpha["n_rejected"]) == (3, 0)
    gallery = reader.get(f"{REPORT}gallery/", {**query, "verdict": "accepted"}).content.decode()
    assert re.findall(r'alt="(i\d)"', gallery) == ["i4", "i5", "i6"]
    assert "A slice of the study" in gallery
    for link in set(re.findall(r'href="(\?[^"]*verdict=[^"]*)"', gallery)):
        assert f"rater={name}" in link or "Back to" in gallery
    response = reader.get(f"{REPORT}export.zip", query)
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:  # type: ignore[attr-defined]
        assert json.loads(archive.read("hand/report.json")) == data
        votes = archive.read("hand/votes.csv").decode()
        about = json.loads(archive.read("hand/datapackage.json"))["description"]
    assert f"not planned: images annotated {data['slice']['class_name']} (class 0)" in about
    assert "This is not the rule or window the study planned" in about
    assert (
        f"without the votes of rater {name}"
        in AuditEntry.objects.get(verb="export").summary["part"]
    )
    assert votes.count("\n") - 1 == data["votes"]["n_votes"]
    for other in ("models/", "votes/", "raters/", "figures/errors.pdf"):
        response = reader.get(f"{REPORT}{other}", query)
        assert response.status_code == 200, other
    assert b"A slice of the study, not planned" in response.content, "the title of the PDF"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"model": "gamma"}, "“model” gamma is none of this study’s models: choose one of alpha"),
        ({"class": "77"}, "“class” 77 is none of the class list, by index or id: choose one of 0"),
        ({"class": "5"}, "“class” 5 is none of those that images of the set are annotated with"),
        ({"class": "\0"}, "“class”"),
        ({"class": "n00000000\0"}, "“class” n00000000"),
        ({"class": ["77", "0"]}, "“class” is given more than once, of which the last is taken"),
        ({"condition": "dark"}, "“condition” dark is none of this study’s conditions: choose one"),
        ({"rater": "r0"}, "“rater” r0 is no rater of this study as its votes stand"),
    ],
)
def test_what_names_nothing_is_told_with_the_choices(
    reader: Client, query: dict[str, Any], told: str
) -> None:
    for page in ("", "gallery/", "models/", "votes/", "raters/"):
        response = reader.get(f"{REPORT}{page}", query)
        assert response.status_code == 400
        assert told in html.unescape(response.content.decode()), page
    assert told in reader.get(f"{REPORT}report.json", query).json()["error"]
    assert reader.get(f"{REPORT}export.zip", query).status_code == 400


def test_leaving_out_a_rater_needs_the_right_and_votes_given_at_once(
    reader: Client, made: HandStudy
) -> None:
    name = next(iter(names_as_they_stand(made.study)))
    assert "Without rater" in reader.get(REPORT).content.decode()
    Study.objects.filter(pk=made.study.pk).update(vote_groups="2+2+1")
    grouped = reader.get(REPORT, {"rater": name})
    assert grouped.status_code == 400
    assert "others would have been asked" in grouped.content.decode()
    with pytest.raises(InputError, match="others would have been asked"):
        analyse_study(Study.objects.get(pk=made.study.pk), only=Slice(rater="r", rater_key=1))
    Study.objects.filter(pk=made.study.pk).update(vote_groups="")
    user = Study.objects.get(pk=made.study.pk).owner
    assert user is not None
    user.groups.clear()
    user.user_permissions.clear()
    page = reader.get(REPORT, {"rater": name})
    assert page.status_code == 400
    assert "needs the right to see raters" in page.content.decode()
    assert "Without rater" not in page.content.decode()
    assert "Report without" not in reader.get(f"{REPORT}raters/").content.decode()


def test_the_name_of_the_api_leaves_the_rater_out_too(reader: Client, made: HandStudy) -> None:
    name = Pseudonyms(made.study, key=asked_key(API_KEY)).of(made.raters[0].public_id)
    data = reader.get(f"{REPORT}report.json", {"rater": name}).json()
    assert data["raters"]["n_raters"] == 9


def test_kept_views_are_few_and_crowd_out_no_report(
    reader: Client, made: HandStudy, settings: Settings, tmp_path: Path
) -> None:
    looks = {**settings.CACHES["looks"], "LOCATION": str(tmp_path), "OPTIONS": {"MAX_ENTRIES": 6}}
    settings.CACHES = {**settings.CACHES, "looks": looks}
    for page in ("", "raters/"):
        assert reader.get(f"{REPORT}{page}").status_code == 200
    planned = sorted(Path(caches["reports"]._dir).glob("*.djcache"))  # type: ignore[attr-defined]
    for number in range(12):
        kept_report(made.study, window=(number / 8, None))
        assert len(list(tmp_path.glob("*.djcache"))) <= 7
    for page in ("", "gallery/", "votes/", "raters/"):
        assert reader.get(f"{REPORT}{page}", {"class": "0"}).status_code == 200
    assert sorted(Path(caches["reports"]._dir).glob("*.djcache")) == planned  # type: ignore[attr-defined]
