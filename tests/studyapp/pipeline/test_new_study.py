from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from studyapp.errors import InputError, StudyError
from studyapp.known_answers import read_known_answers
from studyapp.models import AuditEntry, Study
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.new_study import KEYS, new_study, new_study_from
from studyapp.pipeline.review_study import review_study
from studyapp.vocabulary import StudyState
from tests.factories.dataset import ImageSetFactory, ShownImageFactory, VisionModelFactory, mistakes

pytestmark = pytest.mark.django_db
LEAST = "name: birds\nset: toy\nmodels: [m]\n"


@pytest.fixture(autouse=True)
def toy() -> None:
    images = ImageSetFactory.create(name="toy")
    ShownImageFactory.create(image_set=images, image_id="a", number=1)
    mistakes(images, model="m", wrong={"a": 2})
    mistakes(images, model="m2", wrong={})
    VisionModelFactory.create(name="stranger")


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_least_file_makes_a_draft_with_defaults(tmp_path: Path) -> None:
    owner = User.objects.create(username="ada")
    summary = new_study(file(tmp_path, LEAST), owner=owner, actor=owner)
    assert summary.created
    study = Study.objects.get()
    assert (study.name, study.state, study.owner) == ("birds", StudyState.DRAFT, owner)
    assert (study.raters_per_trial, study.accept_at, study.unsure) == (5, 4, "missing")
    assert study.reward == Decimal("0.10")
    assert [model.name for model in study.vision_models.all()] == ["m"]
    assert [condition.name for condition in study.conditions.all()] == ["whole"]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.study, entry.actor) == ("new_study", study, owner)


def test_every_field_of_the_admin_can_be_given(tmp_path: Path) -> None:
    text = """
name: birds
title: Which birds?
description: Look.
keywords: birds
set: toy
models: [m, m2]
question: "Is there a {class}?"
question_kind: relevance
population: flipped
allocation: one
cooldown_hours: 72
launch_gap_hours: 0
launches_by_itself: no
cooldown_studies: [earlier]
masters_only: yes
approved_percent: 95
approved_number: 100
countries: [US, GB]
qualifications: ["3ABC >= 80"]
selection: {classes: [n00000001]}
conditions: [{name: whole, kind: adversarial}]
instructions: Look well.
consent_text: Fine?
contact: me@example.org
render_resize: 128
render_crop: 100
raters_per_trial: 3
accept_at: 2
unsure: no
vote_groups: ""
complete_share: 0.25
most_raters_per_hit: 9
gold: [{image: i1, class: b, answer: yes}]
gold_per_hit: 0
most_votes_per_rater: 400
seconds_min: 0.5
seconds_max: 30
planned_contrasts: m vs m2
plan_note: The first is better.
environment: sandbox
reward: 0.25
trials_per_hit: 7
assignment_minutes: 10
lifetime_days: 3
auto_approval_hours: 24
seed: 9
"""
    new_study(file(tmp_path, text))
    study = Study.objects.get()
    assert study.unsure == "no"  # YAML reads a bare no as false
    assert study.reward == Decimal("0.25")
    assert (study.seconds_min, study.seconds_max, study.seed) == (0.5, 30, 9)
    assert (study.render_resize, study.render_crop) == (128, 100)
    assert (study.environment, study.question) == ("sandbox", "Is there a {class}?")
    assert study.vision_models.count() == 2
    assert (study.cooldown_studies, study.countries) == ("earlier", "US GB")
    assert study.masters_only is True
    assert (study.complete_share, study.most_raters_per_hit) == (Decimal("0.25"), 9)
    assert read_known_answers(study.gold)[0].answer == "yes"  # YAML reads it as true
    given = {line.partition(":")[0] for line in text.strip().splitlines()}
    assert given == set(KEYS)


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    new_study(file(tmp_path, LEAST))
    before = Study.objects.values().get()
    summary = new_study(file(tmp_path, LEAST))
    assert (summary.created, summary.changed) == (False, ())
    assert Study.objects.values().get() == before
    assert AuditEntry.objects.count() == 1


def test_a_draft_follows_its_file(tmp_path: Path) -> None:
    new_study(file(tmp_path, LEAST + "reward: 0.50\nseed: 3\n"))
    summary = new_study(file(tmp_path, "name: birds\nset: toy\nmodels: m2\nreward: 0.20\n"))
    assert summary.changed == ("reward", "seed", "models")
    study = Study.objects.get()
    assert (study.reward, study.seed) == (Decimal("0.20"), 1)
    assert [model.name for model in study.vision_models.all()] == ["m2"]


def test_what_was_reviewed_becomes_a_draft_again(tmp_path: Path) -> None:
    new_study(file(tmp_path, LEAST))
    review_study(Study.objects.get(), check_funds=False)
    new_study(file(tmp_path, LEAST + "reward: 0.20\n"))
    assert Study.objects.get().state == StudyState.DRAFT


def test_a_launched_study_is_never_changed(tmp_path: Path) -> None:
    new_study(file(tmp_path, LEAST))
    launch_study(Study.objects.get(), check_funds=False)
    before = Study.objects.values().get()
    with pytest.raises(StudyError, match="frozen"):
        new_study(file(tmp_path, LEAST + "reward: 0.20\n"))
    assert Study.objects.values().get() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LEAST + "raters: 3\n", "“raters”.*raters_per_trial"),
        (LEAST + "colour: red\n", "no key “colour”"),
        ("name: birds\nset: toyy\n", "image set “toyy”.*Did you mean toy"),
        ("name: birds\nset: toy\nmodels: [n]\n", "model “n”"),
        ("name: birds\nset: toy\nmodels: {a: 1}\n", "models is not a list"),
        ("name: birds\nset: toy\nmodels: [stranger]\n", "stranger has other classes"),
        ("name: birds\n", "key set is missing"),
        ("set: toy\n", "name: This field cannot be blank"),
        ("name: two birds\nset: toy\n", "name: .*slug"),
        (LEAST + "accept_at: 6\n", "Accept at.*larger than the raters"),
        (LEAST + "accept_at: 0\n", "accept_at"),
        (LEAST + "accept_at: some\n", "accept_at: .some. value must be an integer"),
        (LEAST + "reward: 0\n", "reward: .*at least 0.01"),
        (LEAST + "reward: -1\n", "reward"),
        (LEAST + "reward: 0.105\n", "reward: .*2 decimal"),
        (LEAST + "reward: .nan\n", "reward"),
        (LEAST + "reward: cheap\n", "reward: 'cheap' is not an amount"),
        (LEAST + "reward: [1]\n", "reward: .*not a single value"),
        (LEAST + "raters_per_trial: true\n", "raters_per_trial: True is not a single value"),
        (LEAST + "unsure: perhaps\n", "unsure"),
        (LEAST + "environment: mturk\n", "environment"),
        (LEAST + "seconds_min: 9\nseconds_max: 3\n", "fastest time must be below"),
        (LEAST + "question: Is it?\n", "question: .*{class}"),
        (LEAST + "render_crop: 300\n", "crop cannot be larger"),
        (LEAST + "name: again\n", "key name is given twice"),
        ("- a\n- b\n", "not a mapping"),
        ("", "not a mapping"),
        ("a: [", "not YAML"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
        ("name: \x01", "not YAML"),
        ("{[1, 2]: 3}", "not YAML"),
    ],
)
def test_bad_files_name_the_item_and_leave_nothing(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((InputError, StudyError), match=message):
        new_study(file(tmp_path, text))
    assert not Study.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_missing_and_an_endless_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.yaml: the file cannot be read"):
        new_study(tmp_path / "nothing.yaml")
    with pytest.raises(InputError, match="more than 1,000,000 bytes"):
        new_study(file(tmp_path, "#" * 1_000_001))


def test_imported_votes_keep_their_name(tmp_path: Path) -> None:
    new_study(file(tmp_path, LEAST))
    Study.objects.update(imported=True)
    with pytest.raises(InputError, match="imported votes"):
        new_study(file(tmp_path, LEAST))


def test_a_mapping_makes_the_same_draft_as_a_file(tmp_path: Path) -> None:
    owner = User.objects.create(username="ada")
    new_study(file(tmp_path, LEAST), owner=owner)
    summary = new_study_from({"name": "fish", "set": "toy", "models": ["m"]}, owner=owner)
    assert (summary.created, summary.models) == (True, ("m",))
    of_file, of_mapping = (Study.objects.get(name=name) for name in ("birds", "fish"))
    for key in set(KEYS) - {"name", "set", "models", "conditions"}:
        assert getattr(of_file, key) == getattr(of_mapping, key), key
    assert of_mapping.owner == owner


def test_a_mapping_changes_no_draft(tmp_path: Path) -> None:
    owner = User.objects.create(username="ada")
    new_study(file(tmp_path, LEAST), owner=owner)
    with pytest.raises(StudyError, match="of this name already"):
        new_study_from({"name": "birds", "set": "toy", "title": "Other"}, owner=owner)
    assert Study.objects.get().title != "Other"
    with pytest.raises(InputError, match=r"no key “sett”.*Did you mean set"):
        new_study_from({"name": "fish", "sett": "toy"}, owner=owner)
