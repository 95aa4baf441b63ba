from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from studyapp.models import Study
from studyapp.presets import preset_named, presets
from tests.factories.dataset import ImageSetFactory, VisionModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def names() -> dict[str, str]:
    image_set = ImageSetFactory.create(name="birds")
    VisionModelFactory.create(name="net", class_list=image_set.class_list)
    return {"name": "mine", "set": "birds", "model": "net"}


def start(preset: str, names: dict[str, str], *files: str) -> Study:
    out = io.StringIO()
    values = [f"--{key}={value}" for key, value in names.items()]
    call_command("new_study", *files, "--preset", preset, *values, stdout=out)
    return Study.objects.get(name=names["name"])


@pytest.mark.parametrize("preset", [preset.name for preset in presets()])
def test_every_preset_makes_a_draft(preset: str, names: dict[str, str]) -> None:
    study = start(preset, names)
    values = preset_named(preset).values
    assert study.question_kind == values["question_kind"]
    assert study.population == values["population"]
    assert study.selection == values.get("selection", {})
    wanted = [row["name"] for row in values.get("conditions", [{"name": "whole"}])]
    assert list(study.conditions.values_list("name", flat=True)) == wanted
    assert list(study.vision_models.values_list("name", flat=True)) == ["net"]
    study.full_clean()


def test_a_file_changes_a_preset_and_a_draft_can_change(
    names: dict[str, str], tmp_path: object
) -> None:
    path = f"{tmp_path}/mine.yaml"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  # a path as it is typed
        file.write("raters_per_trial: 7\nquestion: Do any of these fit?\n")
    study = start("top5_a", names, path)
    assert (study.raters_per_trial, study.question) == (7, "Do any of these fit?")
    start("adversarial_attention", names)
    study.refresh_from_db()
    assert list(study.conditions.values_list("name", flat=True)) == ["whole", "attention"]
    assert study.raters_per_trial == 5


def test_the_constants_of_the_papers() -> None:
    # Four of five judge, two of three code: the papers do not say how many coders they had.
    coding = {"bias_criticism": (3, 2), "failure_reasons": (3, 2)}
    for preset in presets():
        rule = (preset.values["raters_per_trial"], preset.values["accept_at"])
        assert rule == coding.get(preset.name, (5, 4)), preset.name
    rounds = preset_named("prototypes_criticisms").values
    assert (rounds["seconds_min"], rounds["seconds_max"]) == (20, 180)
    assert len(rounds["conditions"]) == 7
    assert all(
        row["parameters"]["prototypes"] + row["parameters"]["criticisms"] == 6
        for row in rounds["conditions"]
    )


def test_nobody_judges_an_image_in_two_conditions_within_three_days() -> None:
    for preset in presets():
        if len(preset.values.get("conditions", ())) > 1 and preset.values["allocation"] != "one":
            apart = preset.values["cooldown_hours"], preset.values["launch_gap_hours"]
            assert apart == (72, 72), preset.name


def test_the_list_tells_what_each_needs() -> None:
    out = io.StringIO()
    call_command("presets", stdout=out)
    for preset in presets():
        assert preset.name in out.getvalue()
        assert preset.needs in out.getvalue()


def test_what_there_is_not_is_said(names: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="Use adversarial_attention, bias_criticism"):
        start("top6", names)
    with pytest.raises(CommandError, match="Give a YAML file, or --preset"):
        call_command("new_study")
